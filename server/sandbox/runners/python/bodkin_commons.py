"""What candidates that are tried in one process have in common: which tests they may share, and how those go.

Made once in the warm template, before its seats are forked, so that each of them judges alike.
"""
import json
import os
import re

from bodkin_bundle import Doubt, Runner
from bodkin_imports import NUMBERS
from bodkin_reach import Reach, TooMuch
from bodkin_run import limit_cpu
from bodkin_trace import Trace
from bodkin_wire import clip

#: Things held; to compare more of them costs as much as a fork.
MOST_HELD = 20_000

#: Of the tests that leave a trace, so many are looked for.
MOST_DIRTY = 8


class Commons:
    """`levels`: how much machinery each test needs. `sentinels`: how the tests that may be shared go."""

    def __init__(self, reach, levels, numbers):
        self.reach, self.gate, self.levels, self.numbers = reach, reach.gate, levels, numbers
        self.sentinels = {}

    def as_before(self, pick, outcome, failure):
        return [outcome, likeness(failure)] == self.sentinels[pick]


def found(world, suite, live, levels):
    """What may be shared before any test has run; None where nothing may."""
    try:
        reach = Reach(world.places, [(pick, suite.held(pick)) for pick in levels])
    except (TooMuch, RecursionError):
        return None
    if len(Trace(reach).held) > MOST_HELD:
        return None
    open_to_all = {pick: level for pick, level in levels.items() if ("test", pick) not in reach.closed}
    return Commons(reach, open_to_all, harmless_numbers(world.imports, live, reach)) if open_to_all else None


def harmless_numbers(imports, live, reach):
    """The outermost functions that may be entered, by the numbers that their entries give."""
    harmless, harmful = set(), set()
    for (real, name, line), functions in live.functions.items():
        source = imports.sources.get(real)
        for outer in source.functions if source is not None else ():
            if outer.first <= line <= outer.last:
                number = imports.targets[real] * NUMBERS + outer.number
                held = any(("function", id(function)) in reach.closed for function in functions)
                if held or not all(reach.gate.passes(function.__code__) for function in functions):
                    harmful.add(number)
                elif outer.key == (name, line):
                    harmless.add(number)
    return harmless - harmful


def rehearse(commons, world, suite, spawn):
    """Finds the tests that run without a doubt and without a trace. `spawn(body)` runs it in a child and
    returns what that reports."""
    left = sorted(commons.levels)
    for _ in range(MOST_DIRTY):
        if not left:
            return
        seen = []
        for line in spawn(lambda reporter: rehearsal(commons, world, suite, left, reporter)):
            if "shared" in line:
                pick, outcome, failure = line["shared"]
                seen.append(pick)
                if outcome is not None:
                    commons.sentinels[pick] = [outcome, failure]
        if not seen:
            return
        left = [pick for pick in left if pick not in seen]


def rehearsal(commons, world, suite, picks, reporter):
    """The child: tries each test, and ends at the first that leaves a trace."""
    world.tank.on_empty = lambda: os._exit(0)
    suite.rehearse()
    runner = Runner(world, suite, commons)
    for pick in picks:
        reporter.at(pick)
        result, clean = [None, None], True
        try:
            outcome, failure = runner.run(pick, 1 << 40, 5.0)
            clean = runner.trace.same()
            if clean:
                result = [outcome, likeness(failure)]
        except Doubt:
            clean = False
        limit_cpu(0)
        reporter.line({"shared": [pick] + result})
        if not clean:
            return


#: Addresses, also those that a shortened text cuts through, and measured times.
FLEETING = re.compile(r"0x[0-9a-f]*|[0-9a-f]*\.\.\.[0-9a-f]*|\d+\.\d+")


def likeness(failure):
    """A failure without what differs from run to run."""
    if failure is None:
        return None
    return json.loads(json.dumps([failure["kind"], FLEETING.sub("", clip(failure["message"]))]))
