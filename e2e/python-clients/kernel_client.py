"""jupyter_kernel_client: a kernel of its own from start to end, and one that it joins by id."""

import os
import threading

from jupyter_kernel_client import JupyterKernelClient, KernelHttpManager
from talk import TOKEN, URL, hear, tell

code = """
import sys
print("to out 📊 漢字")
print("to err", file=sys.stderr)
kept = 41
kept + 1
"""

with JupyterKernelClient(server_url=URL, token=TOKEN) as kernel:
    tell(
        id=kernel.id,
        listed=[each["id"] for each in kernel.list_kernels()],
        language=kernel.kernel_info["language_info"]["name"],
    )
    tell(**kernel.execute(code))
    tell(**kernel.execute("raise ValueError('no 📊')"))
    tell(names=[each["name"] for each in kernel.list_variables()])

    asked = []

    def answer(message):
        asked.append(message["content"]["prompt"])
        kernel._manager.client.input("Ada")

    tell(**kernel.execute("input('name? ')", allow_stdin=True, stdin_hook=answer), asked=asked)

    # Told by the kernel itself that the loop runs, another thread interrupts it.
    def look(message):
        if message["content"].get("text") == "on\n":
            threading.Thread(target=kernel.interrupt).start()

    reply = kernel.execute_interactive(
        "import time\nprint('on', flush=True)\ntime.sleep(100)", output_hook=look, timeout=60
    )
    tell(status=reply["content"]["status"], ename=reply["content"].get("ename"))

    before = kernel.execute("kept")
    kernel.restart()
    tell(before=before["status"], after=kernel.execute("kept")["outputs"][0]["ename"])
    own = kernel.id

listed = KernelHttpManager(server_url=URL, token=TOKEN).list_kernels()
tell(gone=own not in [each["id"] for each in listed])

# A kernel that the page has started, joined by its id and left running.
shared = hear()["kernel"]
joined = JupyterKernelClient(server_url=URL, token=TOKEN, kernel_id=shared)
joined.start()
tell(value=joined.execute("from_page")["outputs"][0]["data"]["text/plain"])
tell(alive=joined.is_alive())
# To leave its socket properly takes this client ten seconds.
os._exit(0)
