"""Runs a selection of tests inside a forked child and reports how they went."""
import os
import resource
import signal
import sys
import time

from bodkin_lines import Lines
from bodkin_plan import FLOOR_TICKS
from bodkin_standstill import Standstill
from bodkin_wire import clip

#: Audit events of starting another program.
STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn", "os.system")


def cpu_time():
    """Seconds. An armed interval timer makes the process's clock coarse, not the thread's."""
    return time.thread_time()


def limit_cpu(seconds):
    """The kernel ends the process when it has used so much more CPU time, also within C code."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def limit_cpu_for_good(seconds):
    """A limit that the program can not lift."""
    hard = int(time.process_time() + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


class Tried:
    """Runs a candidate's tests until the first that fails."""

    def __init__(self, suite, plan, tank, reporter, places):
        self.suite, self.plan, self.tank, self.reporter, self.places = suite, plan, tank, reporter, places
        self.ran = self.mended = 0

    def run(self, picks, expected=()):
        """`expected`: ids that must be among what ran."""
        left = set(expected)

        def before(pick):
            name = self.suite.ids[pick]
            self.reporter.at(pick)
            limit_cpu(self.plan.cpu_s(name))
            self.tank.on_empty = self.timed_out
            self.tank.fill(self.plan.ticks(name))

        def after(pick, outcome, failure):
            self.tank.endless()
            name = self.suite.ids[pick]
            left.discard(name)
            self.ran += 1
            known = self.plan.tests.get(name)
            if outcome == "passed":
                self.mended += name in self.plan.failing
            elif outcome != "skipped" or (known is not None and known["outcome"] != "skipped"):
                self.failed(name, failure or {"kind": "Skipped", "message": "the test is skipped now"})
            return True

        self.suite.run(picks, before, after)
        for name in sorted(left):
            if self.plan.tests[name]["outcome"] != "skipped":
                self.failed(name, {"kind": "NotCollected", "message": "the test is not found any more"})
        self.verdict({"kind": "passed"})

    def failed(self, name, failure):
        self.verdict({"kind": "failed", "test": clip(name, 500), "failure": clip(failure["kind"], 100),
                      "message": clip(failure["message"], 300)})

    def timed_out(self):
        self.verdict({"kind": "timed_out"})

    def verdict(self, verdict):
        self.reporter.last({"verdict": verdict, "mended": self.mended, "ran": self.ran,
                            "cpu_us": int(time.process_time() * 1e6)})


class Watched:
    """Runs the tests as they are and reports each: outcome, CPU time, ticks, entered functions, failure."""

    def __init__(self, suite, world, reporter, budget, trace):
        self.suite, self.tank, self.entered, self.reporter = suite, world.tank, world.entered, reporter
        self.places, self.budget, places = world.places, budget, world.places
        self.targets, self.known = world.imports.targets, len(world.imports.targets)
        self.lines = Lines(places.relative) if trace else None
        self.starts = False
        self.pick = None

    def run(self, picks):
        sys.addaudithook(self._audit)
        if self.lines is not None:
            self.lines.start()
        self.suite.run(picks, self._before, self._after)

    def _audit(self, event, arguments):
        if event in STARTS:
            self.starts = True

    def _before(self, pick):
        self.pick, self.starts = pick, False
        self.standstill = Standstill(self.places.relative)
        self.entered.clear()
        self.reporter.at(pick)
        self.began = cpu_time()
        limit_cpu(self.budget["cpu_s"])
        self.tank.on_empty = self._empty
        # Most hangs are seen to stand still early.
        early = min(FLOOR_TICKS, self.budget["ticks"])
        self.used, self.later = 0, self.budget["ticks"] - early
        self.tank.fill(early)

    def _empty(self):
        frame = sys._getframe(2)
        if self.lines is None and self.standstill.look(frame):
            return True
        if self.later and not self.standstill.seen:
            self.later, later = 0, self.later
            self.standstill = Standstill(self.places.relative)
            self.used += self.tank.used()
            self.tank.fill(later)
            return True
        how = "it stands still" if self.standstill.seen else "it does not end"
        failure = {"kind": "TimedOut", "frames": self.places.stack(frame),
                   "message": "%s: %d loop rounds and calls were not enough" % (how, self.used + self.tank.used())}
        self._report("timed_out", failure)
        self.reporter.last({"left": True})

    def _after(self, pick, outcome, failure):
        self._report(outcome, failure)
        return True

    def _report(self, outcome, failure):
        used, self.tank.on_empty = self.used + self.tank.used(), None
        self.tank.endless()
        limit_cpu(0)
        test = {"id": clip(self.suite.ids[self.pick], 500), "pick": self.pick, "outcome": outcome,
                "cpu_us": int((cpu_time() - self.began) * 1e6), "ticks": used,
                "enters": sorted(self.entered), "starts": self.starts, "failure": bounded(failure),
                "loads": [self.places.relative(real) for real in list(self.targets)[self.known:]],
                "still": self.standstill.seen}
        if self.lines is not None:
            test["lines"] = self.lines.sorted()
        self.reporter.line({"test": test})


def bounded(failure):
    if failure is None:
        return None
    frames = [dict(frame, function=clip(frame["function"], 200) if frame["function"] else None)
              for frame in failure["frames"]]
    return {"kind": clip(failure["kind"], 200), "message": clip(failure["message"]), "frames": frames}


def watch_all(pool_step, spawn, picks, budgets):
    """Drives Watched children over `picks`: one runs many tests; when it dies the next goes on after the dead one.

    Yields each test's report."""
    left = list(picks)
    hung = 0
    while left:
        budget = budgets(hung)
        spawn(left, budget)
        current, ended = -1, None
        done = set()
        while ended is None:
            for line, death, over in pool_step():
                if line is not None and "test" in line:
                    done.add(line["test"]["pick"])
                    hung += line["test"]["outcome"] == "timed_out"
                    yield line["test"]
                elif line is not None and "error" in line:
                    ended = (None, line["error"])
                elif over:
                    ended = ended or (death, None)
        death, error = ended
        left = [pick for pick in left if pick not in done]
        if death is not None and death.pick in left:
            hung += death.timed_out
            yield died(death, budget)
            left.remove(death.pick)
        elif error is not None or (not done and left):
            raise RuntimeError(error or "the tests can not be run one by one")


def died(death, budget):
    """The report of a test in which the process died."""
    kind = "TimedOut" if death.timed_out else "Crashed"
    message = "it did not end within %g s" % budget["cpu_s"] if death.timed_out else str(death)
    return {"pick": death.pick, "outcome": "timed_out" if death.timed_out else "errored", "cpu_us": death.cpu_us,
            "ticks": 0, "enters": [], "starts": False, "loads": [], "still": False,
            "failure": {"kind": kind, "message": message, "frames": []}}
