"""Which lines of some files run. sys.monitoring where there is one (3.12), else sys.settrace."""
import sys
import threading

TOOL = 4


class Lines:
    """`relative(filename)` gives the name under which a file's lines are kept, or None to leave it alone."""

    def __init__(self, relative):
        self.relative = relative
        self.found = {}
        self.on = False

    def start(self):
        self.on = True
        if hasattr(sys, "monitoring") and self.monitor():
            return
        threading.settrace(self.trace)
        sys.settrace(self.trace)

    def stop(self):
        if hasattr(sys, "monitoring") and sys.monitoring.get_tool(TOOL) == "bodkin":
            sys.monitoring.set_events(TOOL, 0)
            sys.monitoring.free_tool_id(TOOL)
        else:
            threading.settrace(None)
            sys.settrace(None)

    def sorted(self):
        return {path: sorted(lines) for path, lines in self.found.items()}

    def monitor(self):
        """Has the interpreter tell each line once; false where it can not."""
        monitoring = sys.monitoring
        try:
            monitoring.use_tool_id(TOOL, "bodkin")
        except ValueError:
            return False
        found, relative = self.found, self.relative

        def line(code, number):
            path = relative(code.co_filename)
            if path is not None:
                found.setdefault(path, set()).add(number)
            return monitoring.DISABLE

        monitoring.register_callback(TOOL, monitoring.events.LINE, line)
        monitoring.set_events(TOOL, monitoring.events.LINE)
        return True

    def trace(self, frame, event, argument):
        """For `sys.settrace`."""
        path = self.relative(frame.f_code.co_filename)
        if path is None:
            return None
        lines = self.found.setdefault(path, set())

        def local(frame, event, argument):
            if event == "line":
                lines.add(frame.f_lineno)
            return local

        return local
