"""Entry of the warm test runner: `python python_probe.py`, in the workspace, inside a sandbox.

Speaks length-prefixed JSON over its original stdin and stdout (see bodkin_wire). Kept to syntax that every
Python 3 can read, so that an old interpreter gets a sentence and not a traceback.
"""
import os
import sys

if sys.version_info < (3, 8):
    sys.stderr.write("Python %d.%d is older than 3.8, the oldest that can be probed\n" % sys.version_info[:2])
    sys.exit(3)

here = os.path.dirname(os.path.abspath(__file__))
if not sys.path or os.path.abspath(sys.path[0] or ".") != here:
    sys.path.insert(0, here)

import bodkin_atfork  # noqa: E402,F401  (before any module that registers)
import bodkin_server  # noqa: E402

if __name__ == "__main__":
    # From here on imports behave as under `python -m pytest`: the working folder first.
    sys.path[0] = os.getcwd()
    bodkin_server.main()
