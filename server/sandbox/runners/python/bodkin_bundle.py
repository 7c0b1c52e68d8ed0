"""Several candidates in one fork: the child tries one after the other as long as none leaves a trace.

The guarantee. Only a plain failure is ever said here, and only of a candidate that ran in a program that held, object
for object, what the warm template holds. Everything else is left to a fork of its own: what passes, what runs out of
a small share of its fuel, what ends the process, what is not sure. Four guards stand behind it:

1. the gate: the candidate's code, and every function of the project that it enters, can name nothing whose state is
   not compared (bodkin_gate, bodkin_reach);
2. the interpreter's audit events: a run in which one occurs (a file, an import, a fork, `__code__` set) is not sure;
3. the trace: after each candidate everything that the project holds is compared by identity (bodkin_trace);
4. the sentinel: at the end the tests that decided run once more on the unchanged program and must go as they did in
   the template, and the interpreter around it must be as it was. Else nothing of the bundle counts.

What is left: state within C code, what foreign modules keep within objects of theirs, and a program whose outcome
hangs on the addresses of its objects. Such a one could make a right candidate look wrong; it can not make a wrong one
look right.
"""
import gc
import json
import marshal
import os
import struct
import sys

from bodkin_run import cpu_time, limit_cpu
from bodkin_trace import Trace
from bodkin_wire import clip

#: Failures that may be due to where, and not to what, was run.
UNSURE = frozenset(("MemoryError", "SystemExit", "KeyboardInterrupt", "GeneratorExit", "BodkinFuel",
                    "SystemError", "OSError", "Exit"))

#: Calls that a candidate here may nest deeper, so that one that nests too deep here does so everywhere.
MORE_CALLS = 50

#: Bytes of results that the seat's pipe holds for sure.
MOST_BYTES = 40_000

#: CPU seconds after which no other candidate is begun: with longer ones a fork costs little, and a death much.
MOST_CPU_S = 0.1

#: A candidate may use this part of a test's fuel and time before it gets a fork of its own.
PART = 10


#: Audit events that change nothing: those of making the text of a failure.
READS = frozenset(("builtins.id", "sys._getframe"))
OF_FRAMES = ("tb_frame", "f_code")


class Doubt(Exception):
    """This candidate needs a fork of its own; `clean` tells whether others may run after it."""

    def __init__(self, clean):
        super().__init__()
        self.clean = clean


class Watch:
    """The audit hook of a process."""

    def __init__(self):
        self.on, self.seen = False, False
        sys.addaudithook(self._hook)

    def _hook(self, event, arguments):
        if self.on and event not in READS and not (event == "object.__getattr__" and arguments[1] in OF_FRAMES):
            self.seen = True


class Runner:
    """Runs single tests in this process and tells how they went, or raises Doubt."""

    def __init__(self, world, suite, commons):
        self.world, self.suite, self.commons = world, suite, commons
        self.trace = Trace(commons.reach)
        self.watch = Watch()

    def run(self, pick, ticks, cpu_s):
        """(outcome, failure) of one test."""
        result = []

        def before(_):
            limit_cpu(cpu_s)
            self.world.tank.fill(ticks)
            self.watch.on, self.watch.seen = True, False

        def after(_, outcome, failure):
            self.watch.on = False
            self.world.tank.endless()
            result.extend((outcome, failure))
            return False

        self.world.entered.clear()
        try:
            self.suite.run_lean([pick], self.commons.levels, before, after)
        finally:
            self.watch.on = False
        if self.watch.seen or not self.commons.numbers.issuperset(self.world.entered):
            raise Doubt(False)
        return result


class Bundle:
    """The child's work: candidates in, one line of JSON out."""

    def __init__(self, runner, result_fd, shared, at, live):
        self.runner, self.result_fd, self.shared, self.at, self.live = runner, result_fd, shared, at, live
        self.world, self.commons, self.ids = runner.world, runner.commons, runner.suite.ids
        self.put, self.done, self.decided, self.cut_short = [], [], set(), False

    def run(self, orders):
        """`orders`: (index, marshalled order). Never returns."""
        gc.disable()  # what waits for the collector must not end within another candidate
        self.runner.trace.begin()
        sys.setrecursionlimit(sys.getrecursionlimit() + MORE_CALLS)
        self.world.tank.on_empty = self.cut
        self.index, used, began = orders[0][0], 0, cpu_time()
        for place, (index, order) in enumerate(orders):
            struct.pack_into("ii", self.shared, self.at + 4, -1, place)
            self.here, clean = index, True
            try:
                verdict = self.candidate(marshal.loads(order))
            except Doubt as doubt:
                verdict, clean = [index], doubt.clean
            self.cut_short = not clean
            self.done.append(verdict)
            used += len(json.dumps(verdict))
            if not clean or used > MOST_BYTES or cpu_time() - began > MOST_CPU_S:
                break
        self.say()

    def cut(self):
        """A candidate used up its part of the fuel; those before it have their verdicts."""
        self.runner.watch.on, self.cut_short = False, True
        self.world.tank.on_empty = None
        self.world.tank.endless()
        self.done.append([self.here])
        self.say()

    def candidate(self, order):
        codes = [(self.live.functions[key], marshal.loads(code)) for key, code in order["steps"]]
        if not all(self.commons.gate.candidate(code) for _, code in codes):
            raise Doubt(True)
        for functions, code in codes:
            for function in functions:
                self.put.append((function, function.__code__))
                function.__code__ = code
        mended = ran = 0
        for pick, ticks, cpu_s, _, was_bad, was_skipped in order["tests"]:
            if pick not in self.commons.sentinels:
                return self.ended(None)
            struct.pack_into("i", self.shared, self.at + 4, pick)
            outcome, failure = self.runner.run(pick, ticks // PART, cpu_s / PART)
            ran += 1
            if outcome == "passed":
                mended += was_bad
                continue
            if outcome == "skipped" or failure is None or failure["kind"] in UNSURE:
                return self.ended(None)
            self.decided.add(pick)
            verdict = {"kind": "failed", "test": clip(self.ids[pick], 500), "failure": clip(failure["kind"], 100),
                       "message": clip(failure["message"], 300)}
            return self.ended([self.here, verdict, int(mended), ran])
        return self.ended(None)

    def ended(self, verdict):
        """What was tried is taken back; the verdict counts when it left no trace."""
        self.restore()
        if not self.runner.trace.same():
            raise Doubt(False)
        if verdict is None:
            raise Doubt(True)
        return verdict

    def restore(self):
        for function, code in reversed(self.put):
            function.__code__ = code
        self.put.clear()

    def say(self):
        """Asks the sentinels, writes the verdicts, ends the process."""
        try:
            self.restore()
            limit_cpu(0)
            sound = all(self.commons.as_before(pick, *self.runner.run(pick, 1 << 40, 5.0)) for pick in self.decided)
            sys.setrecursionlimit(sys.getrecursionlimit() - MORE_CALLS)
            sound = sound and self.runner.trace.settled()
        except (Doubt, RecursionError):  # a candidate may have been cut off deep within its calls
            sound = False
        line = json.dumps({"bundle": self.done if sound else [], "index": self.index, "sound": sound,
                           "cut": self.cut_short})
        os.write(self.result_fd, b"\n" + line.encode("ascii") + b"\n")
        os._exit(0)
