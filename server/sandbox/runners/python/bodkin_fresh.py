"""A candidate in a fresh import: nothing of the project is loaded before its text is in place."""
import time

from bodkin_plan import FLOOR_TICKS
from bodkin_run import Tried, limit_cpu, limit_cpu_for_good
from bodkin_warm import World
from bodkin_wire import clip


def body(spec, plan, files, texts_on_disk, confirm):
    """What a child of the server does. With `confirm` the text runs as it is, without ticks, and every test in its
    own order; else ticks bound it, failing tests come first, and the first failure ends it."""
    def run(reporter):
        world = World(dict(spec, targets=[], everything=False))
        tried = Loading(world, plan, reporter, confirm)
        tried.begin(files, texts_on_disk)
        world.load(tried.loaded)
        tried.never_loaded()

    return run


class Loading(Tried):
    """A try that begins with loading the tests."""

    def __init__(self, world, plan, reporter, confirm):
        super().__init__(None, plan, world.tank, reporter, world.places)
        self.world, self.confirm = world, confirm

    def begin(self, files, texts_on_disk):
        """Puts the candidate's texts (by real path) in place and the limits on loading."""
        self.changed = set(files)
        self.world.imports.plain = self.confirm
        if not texts_on_disk:
            for real, text in files.items():
                self.world.imports.replace(real, text)
        limit_cpu(self.plan.load_cpu_s)
        limit_cpu_for_good(self.plan.total_cpu_s())
        if not self.confirm:
            self.tank.on_empty = self.timed_out
            self.tank.fill(max(FLOOR_TICKS * 10, 20 * self.plan.load_ticks))

    def never_loaded(self):
        self.failed("loading", {"kind": "LoadError", "message": "the tests could not be loaded"})

    def loaded(self, suite):
        limit_cpu(0)
        self.tank.endless()
        self.suite = suite
        for broken in suite.broken:
            self.broken(broken)
        suite.quick()
        for name in self.plan.unloaded:
            if not any(known.startswith(name) for known in suite.ids) and name != "loading":
                self.failed(name, {"kind": "NotCollected", "message": "no test was found there"})
            self.mended += 1
        if not suite.ids:
            self.failed("loading", {"kind": "NotCollected", "message": "no tests were found"})
        picks = list(range(len(suite.ids))) if self.confirm else self.plan.order(ids=suite.ids)
        self.run(picks, expected=[name for name in self.plan.tests if name not in self.plan.unloaded])

    def broken(self, broken):
        """A test file that can not be imported: the candidate is broken if its own text is what failed."""
        import os

        failure = broken["failure"]
        if broken["files"] and os.path.realpath(broken["files"][-1]) in self.changed:
            self.verdict({"kind": "broken", "why": clip("%s: %s" % (failure["kind"], failure["message"]), 300)})
        self.failed(broken["id"], failure)


class Disk:
    """Candidate texts in place of the files themselves, for tests that start other programs."""

    def __init__(self):
        self.kept = {}

    def put(self, files):
        import os

        for real, text in files.items():
            old = None
            if os.path.exists(real):
                with open(real, "rb") as file:
                    old = (file.read(), os.stat(real))
            self.kept[real] = old
            if text is None:
                if old is not None:
                    os.unlink(real)
                continue
            os.makedirs(os.path.dirname(real), exist_ok=True)
            with open(real, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            # Caches by time stamp must not take it for the old text.
            stamp = max(time.time(), old[1].st_mtime + 2 if old else 0)
            os.utime(real, (stamp, stamp))

    def restore(self):
        import os

        for real, old in self.kept.items():
            if old is None:
                if os.path.exists(real):
                    os.unlink(real)
                continue
            with open(real, "wb") as file:
                file.write(old[0])
            os.utime(real, ns=(old[1].st_atime_ns, old[1].st_mtime_ns))
        self.kept = {}
