"""jupyter_nbmodel_client: edits and runs a notebook that others have open."""

import asyncio
import os

from jupyter_kernel_client import JupyterKernelClient
from jupyter_nbmodel_client import NbModelClient, get_jupyter_notebook_websocket_url
from talk import TOKEN, URL, hear, tell

PATH = "shared.ipynb"


def shown(notebook):
    return [
        {
            "source": cell["source"],
            "count": cell.get("execution_count"),
            "outputs": [o.get("text") or o.get("data") or o.get("ename") for o in cell.get("outputs", [])],
        }
        for cell in notebook.as_dict()["cells"]
    ]


async def until(holds):
    while not holds():
        await asyncio.sleep(0.05)


async def main():
    url = get_jupyter_notebook_websocket_url(URL, PATH, TOKEN)
    async with NbModelClient(url, username="Agent") as notebook:
        await notebook.wait_until_synced()
        tell(cells=shown(notebook))

        notebook.add_code_cell("print('📊 from the agent 漢字')\n6 * 7")
        notebook.insert_markdown_cell(0, "# A title by the agent 📊")
        notebook.set_cell_source(1, "a = '漢字 changed by the agent'")
        # What the other person types now comes here.
        await until(lambda: notebook.get_cell_source(1).endswith("# and by Ada 📊"))
        tell(cells=shown(notebook))

        loop = asyncio.get_running_loop()
        kernel = JupyterKernelClient(server_url=URL, token=TOKEN)
        await loop.run_in_executor(None, lambda: kernel.start(path=PATH))
        for _ in range(3):
            result = await loop.run_in_executor(None, notebook.execute_cell, len(notebook) - 1, kernel)
            tell(result=result, count=notebook[len(notebook) - 1]["execution_count"])
        # Time for an echo of what it wrote, if anybody doubles it.
        tell(asked="run by Ada")
        await asyncio.to_thread(hear)
        await until(lambda: len(shown(notebook)[2]["outputs"]) > 0)
        tell(cells=shown(notebook))
        notebook.delete_cell(0)
        tell(asked="close")
        await asyncio.to_thread(hear)
    tell(closed=True)
    os._exit(0)


asyncio.run(main())
