"""What is written of each test, and how long each may take."""
import json
import os
import signal
import sys
import time

import bodkin_observe
from bodkin_failure import Places
from bodkin_wire import clip

LIMIT_S = float(os.environ.get("BODKIN_TEST_TIMEOUT_S") or 0)

#: So many tests may hang before the rest is left out.
MOST_HANGS = 3

places = Places(bodkin_observe.ROOT)


class TimedOut(BaseException):
    """The test took longer than it may."""


class Tests:
    """Writes one line when a test starts and one when it has ended."""

    def __init__(self):
        self.hangs = 0
        self.fired = 0
        self.pid = os.getpid()
        # What this process starts is not the suite: a test that runs a test runner.
        self.is_nested = "BODKIN_OBSERVED" in os.environ
        os.environ["BODKIN_OBSERVED"] = str(self.pid)

    def write(self, thing):
        if self.is_nested or os.getpid() != self.pid:
            return
        try:
            data = json.dumps(thing) + "\n"
            name = os.path.join(bodkin_observe.OUT, "tests-%d.jsonl" % self.pid)
            with open(name, "a", encoding="ascii") as file:
                file.write(data)
        except OSError:
            pass

    def started(self, name):
        self.write({"started": clip(name, 500)})
        self.began, self.fired = time.thread_time(), 0
        self._arm()

    def ended(self, name, outcome, failure, seconds=None):
        self._disarm()
        used = time.thread_time() - self.began if seconds is None else seconds
        if failure is not None and failure["kind"] == "TimedOut":
            outcome = "timed_out"
            self.hangs += 1
        self.write({"test": {"id": clip(name, 500), "outcome": outcome, "duration_us": int(used * 1e6),
                             "failure": bounded(failure)}})
        bodkin_observe.flush()

    def _arm(self):
        if not LIMIT_S or signal.getsignal(signal.SIGALRM) not in (signal.SIG_DFL, self._fire):
            return
        try:
            signal.signal(signal.SIGALRM, self._fire)
            signal.setitimer(signal.ITIMER_REAL, LIMIT_S, 1.0)
            # Within C code no handler runs: there the kernel ends the process.
            signal.setitimer(signal.ITIMER_PROF, LIMIT_S + 5.0)
        except ValueError:  # not the main thread
            pass

    def _disarm(self):
        if LIMIT_S and signal.getsignal(signal.SIGALRM) == self._fire:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _fire(self, number, frame):
        self.fired += 1
        if self.fired > 3:  # it catches everything
            bodkin_observe.flush()
            os._exit(1)
        raise TimedOut("it did not end within %g s" % LIMIT_S)


def bounded(failure):
    if failure is None:
        return None
    frames = [dict(frame, function=clip(frame["function"], 200) if frame["function"] else None)
              for frame in failure["frames"]]
    return {"kind": clip(failure["kind"], 200), "message": clip(failure["message"]), "frames": frames}
