"""The runner's first process: answers requests, keeps the warm template, decides how each candidate is tried.

It never imports anything of the project, so that fresh imports can be forked from it.

Requests: {"do": "load", …}, {"do": "try", …}, {"do": "stop"}. Answers: {"baseline": …}, {"probed": …}, {"done": null}.
"""
import os
import re

import bodkin_warm
from bodkin_batch import Batch
from bodkin_failure import Places
from bodkin_imports import Imports
from bodkin_patch import Judge
from bodkin_plan import BAD, Plan
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


class Server:
    def __init__(self, wire):
        self.wire = wire
        self.warm = None
        self.spec = None
        self.plan = None

    def answer(self, message):
        if message["do"] == "load":
            self.drop_warm()
            self.wire.write({"baseline": self.load(message)})
        elif message["do"] == "try":
            if self.plan is not None:
                Batch(self, message).run()
            self.wire.write({"done": None})
        else:
            self.wire.write({"done": None})

    def load(self, spec):
        """Starts the warm template and looks at the tests as they are."""
        self.spec, self.plan = spec, None
        self.reals = {path: os.path.realpath(os.path.join(spec["root"], path)) for path in spec["targets"]}
        self.absent = {path for path, real in self.reals.items() if not os.path.exists(real)}
        self.fresh_only = self.uses_disk = False
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
        return self.baseline(loaded, broken, tests)

    def baseline(self, loaded, broken, tests):
        for item in broken:
            tests.append(unloaded(item["id"], item["failure"]))
        bad = [test for test in tests if test["outcome"] in BAD]
        reals = {real: path for path, real in self.reals.items()}
        lines, modules = {}, {reals[real] for real in loaded["modules"]}
        picks = [test["pick"] for test in bad if test["pick"] is not None][: self.spec["traced"]]
        if picks:
            budget = dict(self.spec["budget"], trace=True, picks=picks)
            for test in self.warm.watch(budget)[0]:
                for path, found in test.get("lines", {}).items():
                    lines.setdefault(path, set()).update(found)
        self.fresh_only = bool(broken)
        self.uses_disk = any(test["starts"] for test in tests)
        self.disk_only = any(test["starts"] for test in bad)
        # What could not be loaded is not among the loaded modules.
        self.modules = modules | set(lines) | set(self.spec["targets"] if broken else ())
        self.make_plan(tests, [item["id"] for item in broken], loaded["ticks"])
        self.judge = Judge(self.imports(), loaded)
        self.files = loaded["modules"]
        self.plan.ordered = not self.warm.is_order_free(self.plan, tests)
        self.warm.start_seats(tests)
        return {
            "tests": [{"id": t["id"], "outcome": t["outcome"], "duration_us": t["cpu_us"], "failure": t["failure"]}
                      for t in tests],
            "passed": not bad, "problem": None, "modules": sorted(modules),
            "lines": [[path, sorted(found)] for path, found in sorted(lines.items())],
        }

    def make_plan(self, tests, unloaded_ids, load_ticks):
        self.plan = Plan(tests)
        self.plan.unloaded, self.plan.load_ticks = unloaded_ids, load_ticks
        self.plan.load_cpu_s = max(5.0, 20 * self.warm.load_s)

    def imports(self):
        """The watched files, to be read and compiled here, never run."""
        imports = Imports(self.spec["root"])
        for path in self.spec["targets"]:
            imports.target(path)
        return imports

    def by_target(self, item):
        """Whether a file that is to be changed is why a test file can not be loaded."""
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
        elif any(speaks_of(text, self.spec["root"], path) for path in self.spec["targets"]):
            failure = {"kind": "LoadError", "message": text, "frames": []}
        elif first.get("why"):
            return problem("%s%s" % (first["why"], ": " + text if text else ""))
        elif first["ended"] == 5:
            return problem("no tests were found")
        else:
            return problem(text or first.get("error") or "the tests' runner ended with code %s" % first["ended"])
        self.fresh_only, self.uses_disk, self.disk_only = True, False, False
        self.modules = set(self.spec["targets"])
        tests = [unloaded("loading", failure)]
        self.make_plan(tests, ["loading"], 0)
        self.drop_warm()
        return {"tests": [{"id": "loading", "outcome": "errored", "duration_us": 0, "failure": failure}],
                "passed": False, "problem": None, "modules": sorted(self.modules), "lines": []}

    def drop_warm(self):
        if self.warm is not None:
            self.warm.end()
        self.warm = None


def speaks_of(text, root, path):
    """Whether an error text names a file of the workspace."""
    return re.search(r"(%s/|(?<![\w/.-]))%s(?![\w.])" % (re.escape(root), re.escape(path)), text) is not None


def problem(text):
    return {"tests": [], "passed": False, "problem": clip(text), "modules": [], "lines": []}


def unloaded(name, failure):
    return {"id": name, "pick": None, "outcome": "errored", "cpu_us": 0, "ticks": 0, "enters": [], "starts": False,
            "failure": failure}
