"""An exception as kind, message and the frames that lie in the workspace."""
import os

from bodkin_wire import clip

MOST_FRAMES = 40
FOREIGN = ("site-packages", "dist-packages", "node_modules", ".venv", "venv", ".tox", ".nox")


class Places:
    """Which files belong to the workspace."""

    def __init__(self, root):
        self.root = os.path.realpath(root)
        self._known = {}

    def relative(self, filename):
        """The path below the root with `/`, or None for what lies elsewhere or was installed."""
        if filename not in self._known:
            self._known[filename] = self._relative(filename)
        return self._known[filename]

    def _relative(self, filename):
        if not filename or filename.startswith("<"):
            return None
        real = os.path.realpath(filename)
        if not real.startswith(self.root + os.sep):
            return None
        relative = real[len(self.root) + 1:].replace(os.sep, "/")
        parts = relative.split("/")
        return None if any(part in FOREIGN for part in parts[:-1]) else relative

    def frames(self, tb):
        """The traceback's frames within the workspace, outermost first."""
        found = []
        while tb is not None:
            path = self.relative(tb.tb_frame.f_code.co_filename)
            if path is not None and tb.tb_lineno:
                found.append({"path": path, "line": tb.tb_lineno, "function": tb.tb_frame.f_code.co_name})
            tb = tb.tb_next
        return shorten(found)

    def stack(self, frame):
        """The frames of a running program, outermost first."""
        found = []
        while frame is not None:
            path = self.relative(frame.f_code.co_filename)
            if path is not None and frame.f_lineno:
                found.append({"path": path, "line": frame.f_lineno, "function": frame.f_code.co_name})
            frame = frame.f_back
        return shorten(found[::-1])

    def failure(self, error, tb=None, most=2000):
        """What an exception says."""
        frames = self.frames(tb if tb is not None else getattr(error, "__traceback__", None))
        if isinstance(error, SyntaxError) and error.lineno:
            path = self.relative(error.filename)
            if path is not None:
                frames.append({"path": path, "line": error.lineno, "function": None})
        return {"kind": type(error).__name__, "message": message_of(error, most), "frames": frames}


def shorten(frames):
    """A deep recursion keeps its two ends."""
    return frames if len(frames) <= MOST_FRAMES else frames[: MOST_FRAMES // 2] + frames[-MOST_FRAMES // 2:]


def message_of(error, most):
    try:
        return clip(str(error), most)
    except Exception as inner:  # the message is the program's own code
        return "(its message could not be made: %s)" % type(inner).__name__


def culprit(error):
    """Files that an import error speaks of: those on its traceback, a broken file, the module lacking a name."""
    files = []
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        tb = error.__traceback__
        while tb is not None:
            files.append(tb.tb_frame.f_code.co_filename)
            tb = tb.tb_next
        if isinstance(error, SyntaxError):
            files.append(error.filename)
        if isinstance(error, ImportError) and not isinstance(error, ModuleNotFoundError):
            files.append(error.path)
        error = error.__cause__ or error.__context__
    return [file for file in files if isinstance(file, str)]
