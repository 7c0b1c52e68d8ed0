"""Records which lines of some files run, and how each test of pytest or unittest goes.

Writes below BODKIN_OUT: `lines-<pid>.txt` (a file's path, a tab, its lines) and `tests-<pid>.jsonl`. Works in
subprocesses, forks and threads. Whatever goes wrong here is swallowed: the observed program comes first.
"""
import atexit
import os
import sys

OUT = os.environ.get("BODKIN_OUT", "")
ROOT = os.path.realpath(os.environ.get("BODKIN_ROOT", "."))
TARGETS = [path for path in os.environ.get("BODKIN_TARGETS", "").split("\n") if path]

_recorder = None


def install():
    global _recorder
    if TARGETS:
        import bodkin_observe_lines

        _recorder = bodkin_observe_lines.Recorder(OUT, ROOT, TARGETS)
        _recorder.start()
        atexit.register(flush)
        leave = os._exit

        def _exit(code):
            flush()
            leave(code)

        os._exit = _exit
    sys.meta_path.insert(0, AfterImport({
        "_pytest.config": "bodkin_observe_pytest",
        "unittest.result": "bodkin_observe_unittest",
    }))


def flush():
    """Writes what is known by now."""
    if _recorder is not None:
        try:
            _recorder.flush()
        except Exception:
            pass


class AfterImport:
    """Calls `attach(module)` of one of our modules when another module has been loaded."""

    def __init__(self, wanted):
        self.wanted = wanted

    def find_spec(self, name, path=None, target=None):
        ours = self.wanted.pop(name, None)
        if ours is None:
            return None
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None or spec.loader is None or not hasattr(spec.loader, "exec_module"):
            return spec
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            try:
                __import__(ours)
                sys.modules[ours].attach(module)
            except Exception:
                pass

        spec.loader.exec_module = exec_module
        return spec
