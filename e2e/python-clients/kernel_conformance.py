"""jupyter_kernel_test on one kernel: with a Cahier project between the two, or beside it, for comparison."""

import json
import os
import sys
import unittest

import jupyter_kernel_test
from jupyter_kernel_client import KernelHttpManager
from talk import TOKEN, URL, tell

PATIENCE = int(os.environ.get("CAHIER_PATIENCE", "30"))
KERNEL = os.environ["CAHIER_KERNEL"]
IS_DIRECT = os.environ.get("CAHIER_DIRECT") == "1"


def patient(client):
    """The suite expects what follows a reply within 0.1 s; a busy machine is no fault of the kernel."""
    quick = client.iopub_channel.get_msg
    client.iopub_channel.get_msg = lambda timeout=None: quick(timeout=PATIENCE)
    return quick


class Suite(jupyter_kernel_test.KernelTests):
    kernel_name = KERNEL

    @classmethod
    def setUpClass(cls):
        if IS_DIRECT:
            super().setUpClass()
        else:
            cls.km = KernelHttpManager(server_url=URL, token=TOKEN)
            cls.km.start_kernel(name=KERNEL, timeout=PATIENCE)
            cls.kc = cls.km.client
            cls.kc.start_channels()
            cls.kc.wait_for_ready(timeout=PATIENCE)
        cls.quick = patient(cls.kc)

    def flush_channels(self):
        waiting, self.kc.iopub_channel.get_msg = self.kc.iopub_channel.get_msg, self.quick
        super().flush_channels()
        self.kc.iopub_channel.get_msg = waiting

    @classmethod
    def tearDownClass(cls):
        if IS_DIRECT:
            super().tearDownClass()
        else:
            cls.km.shutdown_kernel(now=True)


for name, value in json.loads(os.environ["CAHIER_SAMPLES"]).items():
    setattr(Suite, name, value)

suite = unittest.defaultTestLoader.loadTestsFromTestCase(Suite)
result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
tell(
    run=result.testsRun,
    skipped=[str(reason) for _, reason in result.skipped],
    wrong=[f"{test}: {trace}" for test, trace in result.failures + result.errors],
)
# To leave its socket properly takes this client ten seconds.
os._exit(0)
