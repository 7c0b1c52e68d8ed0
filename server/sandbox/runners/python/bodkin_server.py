"""The runner's first process: answers requests, keeps the warm template, decides how each candidate is tried.

It never imports anything of the project, so that fresh imports can be forked from it.

Requests: {"do": "load", …}, {"do": "try", …}, {"do": "stop"}. Answers: {"baseline": …}, {"probed": …}, {"done": null}.
"""
import os
import re
import time

import bodkin_warm
from bodkin_batch import Batch
from bodkin_failure import Places
from bodkin_half import Half
from bodkin_patch import Judge
from bodkin_plan import BAD, Plan
from bodkin_sitting import Sharing
from bodkin_template import Template
from bodkin_wire import clip, take_stdio


def main():
    server = Server(take_stdio())
    while True:
        message = server.wire.read()
        if message is None:
            server.drop_warm()
            return
        server.answer(message)


#: CPU seconds for a second look at a test that may hang or only take long.
LONGER_S = 4.0

#: Seconds that go into the lines of failing tests: tracing is slow before Python 3.12.
TRACED_S = 2.0


class Server:
    def __init__(self, wire):
        self.wire = wire
        self.root = os.environ.pop("BODKIN_ROOT", None) or os.getcwd()
        self.warm = None
        self.half = None
        self.spec = None
        self.plan = None

    def answer(self, message):
        if message["do"] == "load":
            self.wire.write({"baseline": self.load(dict(message, root=self.root, everything=True))})
        elif message["do"] == "try":
            if self.plan is not None and self.watches(message["candidates"]):
                Batch(self, message).run()
            self.wire.write({"done": None})
        else:
            self.wire.write({"done": None})

    def watches(self, candidates):
        """Loads the tests again when candidates change files that were loaded without marks."""
        paths = {path for candidate in candidates for path in candidate["files"]}
        marked = self.judge.instrumented if self.judge is not None else ()
        missed = {path for path in paths if path in self.files and self.real(path) not in marked}
        missed -= set(self.spec["targets"])
        if missed:
            return not self.load(dict(self.spec, targets=sorted(missed.union(self.spec["targets"]))))["problem"]
        return True

    def real(self, path):
        return os.path.realpath(os.path.join(self.spec["root"], path))

    def load(self, spec):
        """Starts the warm template and looks at the tests as they are."""
        self.drop_warm()
        self.spec, self.plan, self.judge, self.files = spec, None, None, {}
        self.fresh_only = self.uses_disk = self.disk_only = False
        self.foreign, self.sharing = [], Sharing()
        try:
            kind = bodkin_warm.kind_of(spec)
            missing = kind.present() if hasattr(kind, "present") else None
            if missing:
                return problem(missing)
            kind.preload()
        except ImportError as error:
            return problem("the tests' runner can not be loaded: %s" % error)
        self.warm = Template(spec, [self.wire.read_fd, self.wire.write_fd])
        first = self.warm.wait_loaded(spec["load_s"])
        if "loaded" not in first:
            return self.not_loaded(first)
        loaded = first["loaded"]
        broken = loaded["broken"]
        foreign = [item for item in broken if not self.by_target(item)]
        if foreign:
            return problem("%s could not be loaded: %s: %s" % (
                foreign[0]["id"], foreign[0]["failure"]["kind"], foreign[0]["failure"]["message"]))
        if not loaded["ids"] and not broken:
            return problem("no tests were found")
        tests, error = self.warm.watch(dict(spec["budget"], trace=False))
        if error:
            return problem(error)
        self.look_longer(tests)
        return self.baseline(loaded, broken, tests)

    def look_longer(self, tests):
        """A test that used up its ticks hangs, or it only takes long. Where no standstill was seen, one gets five
        times more, and if that ends the others do as well."""
        budget = self.spec["budget"]
        longer = dict(budget, ticks=5 * budget["ticks"], cpu_s=LONGER_S, trace=False)
        for suspect in tests:
            if suspect["outcome"] == "timed_out" and suspect["ticks"] and not suspect["still"]:
                again = self.warm.watch(dict(longer, picks=[suspect["pick"]]))[0]
                if not again or again[0]["outcome"] == "timed_out":
                    return
                suspect.update(again[0])

    def lines_of(self, bad):
        """The lines that failing tests run, the cheapest tests first, as long as there is time."""
        budget = dict(self.spec["budget"], trace=True)
        lines, began = {}, time.monotonic()
        picks = [t["pick"] for t in sorted(bad, key=lambda t: (t["outcome"] == "timed_out", t["cpu_us"]))
                 if t["pick"] is not None]
        for pick in picks[: self.spec["traced"]]:
            if time.monotonic() - began > TRACED_S:
                break
            for test in self.warm.watch(dict(budget, picks=[pick]))[0]:
                for path, found in test.get("lines", {}).items():
                    lines.setdefault(path, set()).update(found)
        return lines

    def baseline(self, loaded, broken, tests):
        for item in broken:
            tests.append(unloaded(item["id"], item["failure"]))
        bad = [test for test in tests if test["outcome"] in BAD]
        lines = self.lines_of(bad)
        self.fresh_only = bool(broken)
        self.uses_disk = any(test["starts"] for test in tests)
        self.disk_only = any(test["starts"] for test in bad)
        self.files = {path: names for path, _, _, names in loaded["targets"]}
        self.modules = set(self.files).union(lines, *[test["loads"] for test in tests])
        self.make_plan(tests, [item["id"] for item in broken], loaded["ticks"])
        self.judge = Judge(self.spec["root"], loaded)
        self.foreign = loaded["foreign"]
        self.plan.ordered = not self.warm.is_order_free(self.plan, tests)
        self.warm.start_seats(tests)
        return {
            "tests": [{"id": t["id"], "outcome": t["outcome"], "duration_us": t["cpu_us"], "failure": t["failure"]}
                      for t in tests],
            "passed": not bad, "problem": None,
            "lines": [[path, sorted(found)] for path, found in sorted(lines.items())],
        }

    def make_plan(self, tests, unloaded_ids, load_ticks):
        self.plan = Plan(tests)
        self.plan.unloaded, self.plan.load_ticks = unloaded_ids, load_ticks
        self.plan.load_cpu_s = max(5.0, 20 * self.warm.load_s)

    def by_target(self, item):
        """Whether a file that may be changed is why a test file can not be loaded."""
        places = Places(self.spec["root"])
        own = item["id"].split("::")[0]
        paths = [places.relative(file) for file in item["files"]]
        if self.spec["targets"]:
            return any(path in self.spec["targets"] for path in paths)
        return any(path and path != own and not path.endswith("conftest.py") for path in paths)

    def not_loaded(self, first):
        """The template ended before there were tests."""
        text = clip(self.warm.output.decode("utf-8", "replace").strip(), 1800)
        if "hangs" in first:
            failure = {"kind": "TimedOut", "message": "loading the tests does not end", "frames": first["hangs"]}
        elif self.names_target(text):
            failure = {"kind": "LoadError", "message": text, "frames": []}
        elif first.get("why"):
            return problem("%s%s" % (first["why"], ": " + text if text else ""))
        elif first["ended"] == 5:
            return problem("no tests were found")
        else:
            return problem(text or first.get("error") or "the tests' runner ended with code %s" % first["ended"])
        self.fresh_only = True
        tests = [unloaded("loading", failure)]
        self.make_plan(tests, ["loading"], 0)
        self.drop_warm()
        return {"tests": [{"id": "loading", "outcome": "errored", "duration_us": 0, "failure": failure}],
                "passed": False, "problem": None, "lines": []}

    def names_target(self, text):
        """Whether the text of a failed start speaks of a file that may be changed."""
        if self.spec["targets"]:
            return any(speaks_of(text, self.spec["root"], path) for path in self.spec["targets"])
        places = Places(self.spec["root"])
        named = re.findall(r'(?:File "|^)([^"\s:]+\.py)(?:", line |:)\d+', text, re.MULTILINE)
        paths = [places.relative(os.path.join(self.spec["root"], path)) for path in named]
        return any(path and not path.endswith("conftest.py") for path in paths)

    def drop_warm(self):
        if self.warm is not None:
            self.warm.end()
        self.warm = None
        self.drop_half()

    def private(self):
        """Descriptors that no process below may keep."""
        fds = [self.wire.read_fd, self.wire.write_fd]
        if self.warm is not None:
            fds += [self.warm.wire.read_fd, self.warm.pipe]
            fds += [fd for seat in self.warm.seats for fd in (seat.fd, seat.results)]
        if self.half is not None:
            fds.append(self.half.fd)
        return fds

    def half_for(self, files):
        """The half-warm template, made when it is first of use; None where it can not serve these files."""
        if self.half is None:
            self.half = Half(self.spec, self.plan, self.foreign, self.private())
        return self.half if self.half.serves(files) else None

    def drop_half(self):
        if self.half is not None:
            self.half.end()
        self.half = None


def speaks_of(text, root, path):
    """Whether an error text names a file of the workspace."""
    return re.search(r"(%s/|(?<![\w/.-]))%s(?![\w.])" % (re.escape(root), re.escape(path)), text) is not None


def problem(text):
    return {"tests": [], "passed": False, "problem": clip(text), "lines": []}


def unloaded(name, failure):
    return {"id": name, "pick": None, "outcome": "errored", "cpu_us": 0, "ticks": 0, "enters": [], "starts": False,
            "loads": [], "still": False, "failure": failure}
