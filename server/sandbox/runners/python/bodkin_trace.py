"""Whether a run has left a trace in what the program holds: a snapshot, compared object by object by identity.

`same` is asked after every candidate and costs about 30 ns for each thing held; `settled` is asked once for a whole
bundle, and looks at what no candidate that passed the gate should be able to reach at all.
"""
import builtins
import collections
import os
import sys
from itertools import chain
from operator import is_, methodcaller

from bodkin_fuel import ENTER, TICK
from bodkin_reach import read_slot

values_of = methodcaller("values")


class Trace:
    """What a `Reach` has found, as it is now."""

    def __init__(self, reach):
        self.reach = reach
        self.held = list(self._walk())
        self.sizes = self._sizes()
        self.deep = list(reach.foreign.values())
        self.classes = [cls for thing in self.deep for cls in classes_of(thing)]
        self.before = self._around()

    def _walk(self):
        """Everything held, in a fixed order; all of it done by iterators in C."""
        reach = self.reach
        return chain(
            chain.from_iterable(map(dict.__iter__, reach.dicts)),
            chain.from_iterable(map(dict.values, reach.dicts)),
            chain.from_iterable(reach.proxies),
            chain.from_iterable(map(values_of, reach.proxies)),
            chain.from_iterable(map(list.__iter__, reach.lists)),
            chain.from_iterable(map(set.__iter__, reach.sets)),
            chain.from_iterable(map(collections.deque.__iter__, reach.deques)),
            chain.from_iterable(reach.ordered),
            chain.from_iterable(map(values_of, reach.ordered)),
            [cell.cell_contents for cell in reach.cells],
            [read_slot(slot, thing) for slot, thing in reach.slots],
        )

    def _sizes(self):
        reach = self.reach
        return [
            list(map(dict.__len__, reach.dicts)), list(map(len, reach.proxies)), list(map(list.__len__, reach.lists)),
            list(map(set.__len__, reach.sets)), list(map(collections.deque.__len__, reach.deques)),
            list(map(len, reach.ordered)), [cache.cache_info() for cache in reach.caches],
        ]

    def same(self):
        """Whether the program holds what it held."""
        try:
            return self._sizes() == self.sizes and all(map(is_, self._walk(), self.held))
        except ValueError:  # a cell that is empty now
            return False

    def _around(self):
        found = [sys.getrecursionlimit(), len(sys._current_frames()), sys.gettrace(), sys.getprofile(), os.getcwd()]
        found += [dict(os.environ), list(sys.path), list(sys.modules), list(map(id, sys.modules.values()))]
        found += [[(name, id(value)) for name, value in vars(builtins).items() if name not in (TICK, ENTER, "_")]]
        for thing in chain(self.deep, self.classes):
            found.append(list(vars(thing)))
            found.append(list(map(id, vars(thing).values())))
        if "warnings" in sys.modules:
            found.append(list(sys.modules["warnings"].filters))
        return found

    def begin(self):
        """Notes what differs from process to process."""
        self.random = random_state()

    def settled(self):
        """Whether the interpreter around the program is as it was."""
        return self._around() == self.before and random_state() == self.random


def random_state():
    module = sys.modules.get("random")
    return None if module is None else module.getstate()


def classes_of(thing):
    """The classes that a foreign module defines."""
    name = getattr(thing, "__name__", None)
    if isinstance(thing, type):
        return []
    return [cls for cls in list(vars(thing).values()) if isinstance(cls, type) and cls.__module__ == name]
