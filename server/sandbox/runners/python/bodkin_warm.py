"""The warm template: the project and its tests loaded once; forked for each candidate.

Started by a fork of the server; talks to it over `wire` until that ends.
"""
import gc
import os
import signal
import sys

import bodkin_commons
import bodkin_patch
import bodkin_pytest
import bodkin_slot
import bodkin_unittest
from bodkin_fuel import ENTER, Tank
from bodkin_failure import Places
from bodkin_imports import Imports
from bodkin_pool import Pool, bounded
from bodkin_run import Watched, limit_cpu, watch_all
from bodkin_wire import clip


#: Ticks that loading may use.
LOAD_TICKS = 30_000_000


def kind_of(spec):
    """The module that loads tests of this kind."""
    return {"pytest": bodkin_pytest, "unittest": bodkin_unittest}[spec["kind"]]


class World:
    """What every process that loads tests needs: where, from what text, with what fuel."""

    def __init__(self, spec):
        import builtins

        self.spec = spec
        self.places = Places(spec["root"])
        self.imports = Imports(spec["root"], self.places if spec["everything"] else None)
        for path in spec["targets"]:
            self.imports.target(path)
        self.tank = Tank()
        self.entered = set()
        setattr(builtins, ENTER, self.entered.add)
        self.imports.install()
        if spec["kind"] == "pytest":
            self.imports.install_pytest()

    def load(self, ready, before=None):
        return kind_of(self.spec).load(self.spec["args"], self.places, ready, before)


def main(spec, wire, seats):
    """Loads, then serves until the other end closes. Never returns."""
    try:
        world = World(spec)

        def hangs():
            wire.write({"ended": 1, "hangs": world.places.stack(sys._getframe(2))})
            os._exit(0)

        world.tank.on_empty = hangs
        world.tank.fill(LOAD_TICKS)
        code = world.load(lambda suite: Warm(world, suite, wire, seats).serve())
        flush()
        wire.write({"ended": code})
    except SystemExit as error:
        flush()
        wire.write({"ended": error.code if isinstance(error.code, int) else 1})
    except BaseException as error:
        import traceback

        traceback.print_exc()
        flush()
        wire.write({"ended": 1, "error": "%s: %s" % (type(error).__name__, clip(error, 500))})
    os._exit(0)


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass


class Warm:
    """The loaded template. `seats`: for each seat the fd it is asked on, the fd for results, and its folder;
    and the memory shared with the server."""

    def __init__(self, world, suite, wire, seats):
        self.world, self.suite, self.wire = world, suite, wire
        self.seats, self.shared = seats
        self.pids, self.commons = {}, None
        spec = world.spec
        self.load_ticks = world.tank.used()
        world.tank.endless()
        flush()
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.close(null)
        self.live = bodkin_patch.Live(world.imports)
        self.entered_at_load = sorted(world.entered)
        self.targets = self._targets()
        settle_memory()
        private = [wire.read_fd] + [fd for ask, result, _ in self.seats for fd in (ask, result)]
        self.pool = Pool(1, spec["memory"], private)

    def _targets(self):
        """The watched files that are loaded: path, real path, number, the file names that their code carries."""
        imports, found = self.world.imports, {}
        for module in list(sys.modules.values()):
            file = getattr(module, "__dict__", {}).get("__file__")
            real = imports.real(file)
            if real is not None:
                found.setdefault(real, set()).add(file)
        return [[self.world.places.relative(real), real, imports.targets[real], sorted(files)]
                for real, files in found.items()]

    def _foreign(self):
        """Modules from outside of the workspace, in the order of their loading."""
        found = []
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__dict__", {}).get("__file__")
            if isinstance(file, str) and self.world.places.relative(file) is None and not name.startswith("bodkin_"):
                found.append(name)
        return found

    def serve(self):
        imports = self.world.imports
        self.wire.write({"loaded": {
            "ids": [clip(name, 500) for name in self.suite.ids],
            "broken": self.suite.broken,
            "ticks": self.load_ticks,
            "targets": self.targets,
            "entered": self.entered_at_load,
            "instrumented": sorted(imports.instrumented),
            "functions": self.live.summary(),
            "foreign": self._foreign(),
        }})
        while True:
            message = self.wire.read()
            if message is None:
                for pid in self.pids.values():
                    kill(pid)
                os._exit(0)
            if "watch" in message:
                self._watch(message["watch"])
            elif "lean" in message:
                lean = self._lean(message["lean"])
                self.wire.write({"lean": lean, "shared": self._shared(lean)})
            elif "again" in message:
                self.wire.write({"same": self._again(message["again"])})
            elif "seat" in message:
                self._seat(message["seat"])

    def _watch(self, order):
        """The baseline, or with `trace` the second look at failing tests."""
        picks = order.get("picks", range(len(self.suite.ids)))
        try:
            for test in watch_all(self._lines, lambda left, budget: self.pool.spawn(
                    None, self._watcher(left, budget, order["trace"]), lambda pick: budget["wall_s"]),
                    picks, budgets(order)):
                test["id"] = clip(self.suite.ids[test["pick"]], 500)
                self.wire.write({"test": test})
            self.wire.write({"watched": True})
        except RuntimeError as error:
            self.wire.write({"watched": True, "error": clip(error, 1000)})

    def _watcher(self, left, budget, trace):
        def body(reporter):
            Watched(self.suite, self.world, reporter, budget, trace).run(left)

        return body

    def _lines(self):
        events, _ = self.pool.step()
        return [(line, death, line is None) for _, line, death in events]

    def _lean(self, tests):
        """Of these tests (pick, outcome, kind of failure, ticks, CPU seconds) those that go the same way when
        they are run with less machinery, and with how much."""
        known = {pick: rest for pick, *rest in tests}
        levels = {pick: self.suite.lean(pick) for pick in known}
        picks = [pick for pick in known if levels[pick]]
        good = []

        def body(reporter):
            def before(pick):
                reporter.at(pick)
                limit_cpu(known[pick][3])
                self.world.tank.on_empty = lambda: os._exit(0)
                self.world.tank.fill(known[pick][2])

            def after(pick, outcome, failure):
                self.world.tank.endless()
                if [outcome, failure["kind"] if failure else None] == known[pick][:2]:
                    reporter.line({"good": [pick, levels[pick]]})
                return True

            self.suite.run_lean(picks, levels, before, after)

        if not picks:
            return []
        for line in self._reported(body):
            if "good" in line:
                good.append(line["good"])
        return good

    def _shared(self, lean):
        """The tests that candidates may share a process for."""
        calls = {pick: level for pick, level in lean if level == bodkin_pytest.CALL}
        self.commons = bodkin_commons.found(self.world, self.suite, self.live, calls)
        if self.commons is None:
            return []
        bodkin_commons.rehearse(self.commons, self.world, self.suite, self._reported)
        return sorted(self.commons.sentinels)

    def _reported(self, body, wall_s=5.0):
        """What one child reports until it ends; a test may take `wall_s` seconds."""
        lines = []
        self.pool.spawn(None, body, lambda pick: wall_s)
        ended = False
        while not ended:
            for line, _, over in self._lines():
                if line is not None:
                    lines.append(line)
                ended = ended or over
        return lines

    def _again(self, tests):
        """Whether these tests (pick, outcome, failure, ticks) go as before in this order."""
        known = {pick: rest for pick, *rest in tests}

        def body(reporter):
            def before(pick):
                reporter.at(pick)
                limit_cpu(5.0)
                self.world.tank.on_empty = lambda: os._exit(0)
                self.world.tank.fill(known[pick][2])

            def after(pick, outcome, failure):
                self.world.tank.endless()
                return outcome == known[pick][0] and bodkin_commons.likeness(failure) == bodkin_commons.likeness(known[pick][1])

            done = self.suite.run([pick for pick in known], before, after)
            reporter.line({"same": done is not False})

        return any(line.get("same") for line in self._reported(body, 10.0))

    def _seat(self, number):
        """Forks a seat; one that was there before is ended."""
        if number in self.pids:
            kill(self.pids[number])
            os.waitpid(self.pids[number], 0)
        self.world.entered.clear()
        pid = os.fork()
        if pid:
            self.pids[number] = pid
            return
        try:
            ask, result, folder = self.seats[number]
            os.close(self.wire.read_fd)
            for other, (fd, also, _) in enumerate(self.seats):
                if other != number:
                    os.close(fd)
                    os.close(also)
            bounded(folder, self.world.spec["memory"])
            settle_memory()
            gc.set_threshold(20_000, 20, 20)
            bodkin_slot.serve(number, ask, result, self.shared, self.world, self.suite, self.live, self.commons)
        finally:
            os._exit(70)


def settle_memory():
    """Takes what is there out of the collector's sight, which would touch every page of it in every child."""
    gc.collect()
    if hasattr(gc, "freeze"):
        gc.freeze()


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


TRACED_TICKS = 50_000


def budgets(order):
    """The more tests hang, the less the next may use: the time goes to where it tells something."""
    # Which lines run shows in the first rounds; the rounds after them only cost time under a tracer.
    ticks = min(order["ticks"], TRACED_TICKS) if order["trace"] else order["ticks"]

    def budget(hung):
        part = 1 if hung < 3 else 10
        return {"cpu_s": max(order["cpu_s"] / part, 0.5), "wall_s": max(order["wall_s"] / part, 1.0),
                "ticks": ticks // part}

    return budget


def of_death(death):
    verdict = {"kind": "timed_out"} if death.timed_out else {"kind": "crashed", "why": str(death)}
    return {"verdict": verdict, "mended": 0, "ran": 0, "cpu_us": death.cpu_us}
