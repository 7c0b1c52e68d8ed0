"""One seat of the warm template: takes a candidate, forks, waits, says how the child ended.

Everything here is as small as it can be: each page that a process touches after a fork is a copy to pay for.
The child writes its verdict to a pipe that the server reads; the server also watches its progress and kills it.
"""
import json
import marshal
import os
import struct

from bodkin_atfork import bare_fork
from bodkin_bundle import Bundle, Runner
from bodkin_run import limit_cpu
from bodkin_wire import clip

#: Shared memory of a seat: process id (0: none), test in progress (-1: none yet), place in the bundle.
SEAT = struct.Struct("iii")
HEAD = struct.Struct(">iI")
#: First candidate, wait status, place in the bundle, CPU microseconds.
ENDED = struct.Struct(">iiiQ")


def exactly(fd, size):
    data = os.read(fd, size)
    while len(data) < size:
        more = os.read(fd, size - len(data))
        if not more:
            os._exit(0)
        data += more
    return data


def serve(number, fd, result_fd, shared, world, suite, live, commons):
    """Answers candidates on `fd` until it closes. Never returns. A message is a list of them: one alone has the
    child for itself, more share it."""
    at = number * SEAT.size
    rehearse(world, suite)
    runner = None if commons is None else Runner(world, suite, commons)
    while True:
        index, size = HEAD.unpack(exactly(fd, HEAD.size))
        body = exactly(fd, size)
        SEAT.pack_into(shared, at, 0, -1, 0)
        pid = bare_fork()
        if pid == 0:
            os.setpgid(0, 0)
            os.close(fd)
            try:
                orders = marshal.loads(body)
                if len(orders) > 1:
                    Bundle(runner, result_fd, shared, at, live).run(orders)
                Candidate(index, result_fd, shared, at, world, suite).run(marshal.loads(orders[0][1]), live)
            finally:
                os._exit(70)
        struct.pack_into("i", shared, at, pid)
        _, status, used = os.wait4(pid, 0)
        try:
            os.killpg(pid, 9)
        except OSError:
            pass
        place = SEAT.unpack_from(shared, at)[2]
        SEAT.pack_into(shared, at, 0, -1, 0)
        os.write(fd, ENDED.pack(index, status, place, int((used.ru_utime + used.ru_stime) * 1e6)))


class Candidate:
    """The child: puts the new code in place and runs tests until one fails."""

    def __init__(self, index, result_fd, shared, at, world, suite):
        self.index, self.result_fd, self.shared, self.at = index, result_fd, shared, at
        self.world, self.suite = world, suite
        self.tank = world.tank
        self.ran = self.mended = 0

    def run(self, order, live):
        for key, code in order["steps"]:
            code = marshal.loads(code)
            for function in live.functions[key]:
                function.__code__ = code
        for real, text in order["texts"].items():
            self.world.imports.replace(real, text)
        self.tank.on_empty = self.timed_out
        self.tests = {pick: rest for pick, *rest in order["tests"]}
        picks = list(self.tests)
        # Neighbours that need the same machinery run together, so that they share fixtures.
        while picks:
            lean = bool(self.tests[picks[0]][2])
            count = 1
            while count < len(picks) and bool(self.tests[picks[count]][2]) == lean:
                count += 1
            part, picks = picks[:count], picks[count:]
            if lean:
                self.suite.run_lean(part, {pick: self.tests[pick][2] for pick in part}, self.before, self.after)
            else:
                self.suite.quick()
                self.suite.run(part, self.before, self.after)
        self.verdict({"kind": "passed"})

    def before(self, pick):
        struct.pack_into("i", self.shared, self.at + 4, pick)
        ticks, cpu_s = self.tests[pick][0], self.tests[pick][1]
        limit_cpu(cpu_s)
        self.tank.fill(ticks)

    def after(self, pick, outcome, failure):
        self.tank.endless()
        self.ran += 1
        _, _, _, was_bad, was_skipped = self.tests[pick]
        if outcome == "passed":
            self.mended += was_bad
        elif outcome != "skipped" or not was_skipped:
            failure = failure or {"kind": "Skipped", "message": "the test is skipped now"}
            self.verdict({"kind": "failed", "test": clip(self.suite.ids[pick], 500),
                          "failure": clip(failure["kind"], 100), "message": clip(failure["message"], 300)})
        return True

    def timed_out(self):
        self.verdict({"kind": "timed_out"})

    def verdict(self, verdict):
        data = json.dumps({"index": self.index, "verdict": verdict, "mended": self.mended, "ran": self.ran})
        # A line of its own, whatever the program has written there before.
        os.write(self.result_fd, b"\n" + data.encode("ascii") + b"\n")
        self.leave()

    def leave(self):
        os._exit(0)




class Rehearsal(Candidate):
    """A candidate that is tried in the seat itself, and changes nothing."""

    ids = ["rehearsal"]

    def leave(self):
        pass

    def run_lean(self, picks, levels, before, after):
        before(0)
        try:
            raise AssertionError("assert 1 == 2\n +  where 1 = f()")
        except AssertionError as error:
            after(0, "failed", self.world.places.failure(error))


def rehearse(world, suite):
    """Goes through the motions, so that the interpreter has adapted its code and filled its caches: what it writes
    later, it writes in every child anew."""
    null = os.open(os.devnull, os.O_WRONLY)
    rehearsal = Rehearsal(0, null, bytearray(SEAT.size), 0, world, None)
    rehearsal.suite = rehearsal
    code = marshal.dumps(rehearse.__code__)
    for _ in range(40):
        marshal.loads(code)
        rehearsal.run({"steps": [], "texts": {}, "tests": [(0, 1000, 1000.0, 2, True, False)]}, None)
        suite.rehearse()
    limit_cpu(0)
    world.tank.on_empty = None
    world.tank.endless()
    os.close(null)
