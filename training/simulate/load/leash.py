"""Runs a module that ends when its parent does, however that ended: `python -m … MODULE ARGS`.

The parent holds the other end of this process's standard input and never writes to it. When the
parent is gone, even by SIGKILL, the system closes that end: reading here comes to an end.
"""

import os
import runpy
import signal
import sys
import time
from threading import Thread

_GRACE_S = 10.0


def main() -> None:
    """Watch the parent, then be the module with the remaining arguments."""
    Thread(target=_watch, name="leash", daemon=True).start()
    module, sys.argv = sys.argv[1], sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(0, 1):  # nothing is ever written
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
