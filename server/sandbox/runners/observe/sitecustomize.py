"""Imported by every Python that starts under an observed command: has tests and executed lines recorded.

Gives way to the sitecustomize that the environment has itself. Nothing here may keep a program from running.
"""
import os
import sys


def _next():
    """Runs the module of the same name that would have been found without us."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    paths = [path for path in sys.path if os.path.abspath(path or ".") != here]
    spec = PathFinder.find_spec("sitecustomize", paths)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


try:
    if sys.version_info >= (3, 8) and os.environ.get("BODKIN_OUT"):
        import bodkin_observe

        bodkin_observe.install()
except Exception:  # a broken observer observes nothing
    pass

_next()
