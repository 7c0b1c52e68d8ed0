"""What the loaded program holds: a walk from its modules and its tests' arguments over everything that can change.

An object whose state can not be compared (a generator, a lock, an instance of a foreign class) is no obstacle as long
as nobody takes hold of it: the name that leads to it is closed to candidates, or the function that holds it.
"""
import collections
import datetime
import fractions
import functools
import re
import sys
import types

from bodkin_fuel import ENTER
from bodkin_gate import Gate, is_harmless

#: Steps of the walk; a program that holds more is not compared.
MOST_STEPS = 40_000

ATOMS = (
    int, float, complex, str, bytes, bool, type(None), type(...), type(NotImplemented), range, slice, re.Pattern,
    types.CodeType, types.GetSetDescriptorType, types.MemberDescriptorType, types.WrapperDescriptorType,
    types.MethodDescriptorType, types.ClassMethodDescriptorType, datetime.date, datetime.datetime, datetime.time,
    datetime.timedelta, datetime.timezone, fractions.Fraction, type(collections.namedtuple("N", "n").n),
) + tuple(getattr(types, name) for name in ("GenericAlias", "UnionType") if hasattr(types, name))

#: Modules whose instances, met inside of classes and functions, do not change.
FIXED = ("typing", "dataclasses", "enum", "_abc", "abc", "annotationlib")

#: Foreign classes that a class of the program may be made of.
BASES = (object, list, dict, set, frozenset, tuple, str, bytes, int, float, bool, BaseException, collections.deque,
         collections.defaultdict, collections.OrderedDict, collections.Counter)

LRU = type(functools.lru_cache(maxsize=1)(lambda: None))

#: Entries of modules and classes that no program takes hold of by a name that is open to it.
SKIPPED = frozenset(("__builtins__", "__loader__", "__spec__", "__dict__", "__weakref__", "__cached__",
                     "__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"))

#: Names of that form that the language itself does not call.
INERT = frozenset(("__dataclass_fields__", "__dataclass_params__", "__orig_bases__", "__parameters__", "__path__",
                   "__wrapped__", "__all__", "__test__"))


class TooMuch(Exception):
    """The program holds more than is compared, or what can not be and is reached without a name."""


class Reach:
    """Everything found, by how it is compared; `gate` closed to what can not be."""

    def __init__(self, places, tests):
        """`tests`: (pick, objects that its call is made with)."""
        self.places, self.gate = places, Gate()
        self.dicts, self.lists, self.sets, self.deques, self.proxies, self.ordered = [], [], [], [], [], []
        self.cells, self.slots, self.caches = [], [], []
        self.foreign = {}
        self.closed = set()  # ids of functions, and picks of tests, that hold what can not be compared
        self.unmarked = []
        self._seen, self._alive, self._kept, self._todo = set(), [], set(), []
        self.modules = {id(module.__dict__): module for module in list(sys.modules.values()) if self._ours(module)}
        for module in self.modules.values():
            self.gate.modules.add(module.__name__)
            self._named(module.__dict__)
        for pick, held in tests:
            self._push(held, ("test", pick))
        self._walk()
        self._close_unmarked()
        del self._seen, self._alive

    def _ours(self, module):
        file = getattr(module, "__dict__", {}).get("__file__")
        return isinstance(file, str) and self.places.relative(file) is not None and type(module) is types.ModuleType

    def is_ours(self, cls):
        module = sys.modules.get(cls.__module__) if isinstance(cls.__module__, str) else None
        return module is not None and id(getattr(module, "__dict__", None)) in self.modules

    def _push(self, things, owner):
        self._todo.extend((thing, owner) for thing in things)

    def _named(self, mapping, cls=None):
        """The entries of a module, a class or an instance: each is led to by its own name."""
        if cls is not None and id(cls) not in self._kept:
            self._kept.add(id(cls))
            self.proxies.append(mapping)
        elif cls is not None or not self._keep(mapping, self.dicts):
            return
        for name, value in list(mapping.items()):
            # No program can write a name with an @; pytest's rewritten asserts have them.
            if name not in SKIPPED and name[:1] != "@":
                self._todo.append((value, ("name", name)))

    def _keep(self, thing, kind):
        if id(thing) in self._kept:
            return False
        self._kept.add(id(thing))
        kind.append(thing)
        return True

    def _walk(self):
        while self._todo:
            thing, owner = self._todo.pop()
            kind = type(thing)
            if kind in ATOMS or (id(thing), owner) in self._seen:
                continue
            self._alive.append(thing)  # so that no other object gets its id
            self._seen.add((id(thing), owner))
            if len(self._alive) > MOST_STEPS:
                raise TooMuch
            if not self._look(thing, kind, owner):
                self._close(owner)

    def _close(self, owner):
        if owner[0] == "name":
            name = owner[1]
            if name[:2] == "__" and name[-2:] == "__" and name not in INERT:
                raise TooMuch  # an operator would reach it without naming it
            self.gate.names.add(name)
        else:
            self.closed.add(owner)

    def _look(self, thing, kind, owner):
        """Takes in one object; False when its state can not be compared."""
        if kind is types.FunctionType:
            return self._function(thing, owner)
        if isinstance(thing, type):
            return self._class(thing)
        if self._container(thing, kind, owner):
            return True
        if kind is types.ModuleType:
            if self._ours(thing):
                return True
            return self._foreign(thing)
        if kind is types.BuiltinFunctionType:
            bound = thing.__self__
            if bound is None or isinstance(bound, types.ModuleType):
                return is_harmless(thing)
            self._push([bound], owner)
            return True
        return self._wrapper(thing, kind, owner) or self._instance(thing, kind, owner)

    def _container(self, thing, kind, owner):
        if kind is tuple or kind is frozenset:
            self._push(thing, owner)
        elif kind is list:
            self._keep(thing, self.lists)
            self._push(thing, owner)
        elif kind is set:
            self._keep(thing, self.sets)
            self._push(thing, owner)
        elif kind is collections.deque:
            self._keep(thing, self.deques)
            self._push(thing, owner)
        elif kind in (dict, collections.defaultdict, collections.OrderedDict, collections.Counter):
            self._keep(thing, self.ordered if kind is collections.OrderedDict else self.dicts)
            self._push(thing.keys(), owner)
            self._push(thing.values(), owner)
            if kind is collections.defaultdict:
                self._push([thing.default_factory], owner)
        else:
            return False
        return True

    def _function(self, function, owner):
        code = function.__code__
        if self.places.relative(code.co_filename) is None and code.co_filename[:1] != "<":
            return is_harmless(function)
        # What a function holds is reached by calling it, whoever knows it.
        own = ("function", id(function))
        self._push([function.__defaults__, function.__kwdefaults__], own)
        if function.__kwdefaults__:
            self._keep(function.__kwdefaults__, self.dicts)
        self._named(function.__dict__)
        for cell in function.__closure__ or ():
            try:
                self._push([cell.cell_contents], own)
                self._keep(cell, self.cells)
            except ValueError:  # empty
                self.closed.add(own)
        if ENTER not in code.co_names:
            self.unmarked.append((code, owner))
        return True

    def _class(self, cls):
        if not self.is_ours(cls):
            return self._foreign(cls)
        self._named(cls.__dict__, cls)
        # An instance's state is known for these only; other bases hide theirs.
        if not (type(cls) is type or self.is_ours(type(cls)) or is_harmless(type(cls))):
            return False
        return all(self.is_ours(base) or base in BASES or issubclass(base, BaseException)
                   or (base.__module__ != "builtins" and is_harmless(base)) for base in cls.__mro__)

    def _foreign(self, thing):
        if not is_harmless(thing):
            return False
        if getattr(thing, "__module__", None) != "builtins":
            self.foreign[id(thing)] = thing
        return True

    def _wrapper(self, thing, kind, owner):
        if kind in (staticmethod, classmethod, types.MethodType):
            self._push([thing.__func__], owner)
            if kind is types.MethodType:
                self._push([thing.__self__], owner)
        elif kind is property:
            self._push([thing.fget, thing.fset, thing.fdel], owner)
        elif kind is functools.partial:
            self._push([thing.func, thing.args, thing.keywords], owner)
        elif kind is LRU:
            self._keep(thing, self.caches)
            self._push([thing.__wrapped__], owner)
            self._named(thing.__dict__)
        elif kind is types.MappingProxyType:
            return False
        elif kind.__module__ == "functools" and kind.__name__ == "cached_property":
            self._push([thing.func], owner)
        elif kind.__module__ in FIXED:
            self._push([getattr(thing, "default", None), getattr(thing, "default_factory", None)], owner)
        elif kind.__module__ == "_pytest.mark.structures":
            mark = getattr(thing, "mark", thing)
            self._push([mark.args, mark.kwargs] if hasattr(mark, "args") else [], owner)
        else:
            return kind.__module__ == "_pytest.fixtures"
        return True

    def _instance(self, thing, kind, owner):
        if not self.is_ours(kind):
            return False
        self._push([kind], owner)
        for base, keep in ((list, self.lists), (set, self.sets), (collections.deque, self.deques)):
            if isinstance(thing, base):
                self._keep(thing, keep)
                self._push(base.__iter__(thing), owner)
        if isinstance(thing, dict):
            if isinstance(thing, collections.OrderedDict):
                return False
            self._keep(thing, self.dicts)
            self._push(dict.keys(thing), owner)
            self._push(dict.values(thing), owner)
        if isinstance(thing, (tuple, frozenset)):
            self._push(list(thing), owner)
        state = getattr(thing, "__dict__", None)
        if type(state) is dict:
            self._named(state)
        for base in kind.__mro__:
            for name, slot in list(base.__dict__.items()):
                if type(slot) is types.MemberDescriptorType and base is not BaseException:
                    value = read_slot(slot, thing)
                    self.slots.append((slot, thing))
                    self._todo.append((value, ("name", name)))
        return True

    def _close_unmarked(self):
        """Functions whose entry is not noticed (lambdas) must be harmless themselves, or their names are closed."""
        left = self.unmarked
        while True:
            shut = [owner for code, owner in left if not self.gate.passes(code)]
            left = [(code, owner) for code, owner in left if self.gate.passes(code)]
            for owner in shut:
                self._close(owner)
            if not shut:
                return
            self.gate.judged_anew()


class Absent:
    """What an empty slot holds."""


def read_slot(slot, thing):
    try:
        return slot.__get__(thing)
    except AttributeError:
        return Absent
