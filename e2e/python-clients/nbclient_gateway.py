"""nbclient and papermill with nothing but JUPYTER_GATEWAY_URL: neither the requests nor the socket bring a header."""

import os

import nbformat
import papermill
from nbclient import NotebookClient
from talk import tell

MANAGER = "jupyter_server.gateway.managers.GatewayKernelManager"
folder = os.environ["CAHIER_NOTEBOOKS"]


def told(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    errors = [o for cell in code for o in cell.outputs if o.output_type == "error"]
    tell(
        run=len([cell for cell in code if cell.execution_count is not None]),
        code=len(code),
        errors=errors,
        last=[o.get("text") or o.get("data", {}).get("text/plain") for o in code[-1].outputs],
    )


notebook = nbformat.read(os.path.join(folder, "Cheryl.ipynb"), as_version=4)
NotebookClient(notebook, kernel_manager_class=MANAGER, kernel_name="python3", timeout=120).execute()
told(notebook)

path = os.path.join(folder, "parameters.ipynb")
cells = [
    nbformat.v4.new_code_cell("n = 1", metadata={"tags": ["parameters"]}),
    nbformat.v4.new_code_cell("print('📊', '漢' * n)"),
]
kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), path)
told(
    papermill.execute_notebook(
        path, None, parameters={"n": 3}, kernel_manager_class=MANAGER, progress_bar=False
    )
)
os._exit(0)
