"""Which candidates can be put into the running program by rebinding the code of functions.

Whoever holds the function (an import, a decorator, a class, a cache) goes on holding the same object.
Sound only for a function that has not run yet: what was computed from it while loading would be stale.
"""
import gc
import marshal
import types

from bodkin_imports import NUMBERS, Imports
from bodkin_source import Unpatchable

#: Generator, coroutine, iterable coroutine, async generator.
KIND = 0x20 | 0x80 | 0x100 | 0x200


class Live:
    """The functions of the watched files that exist after loading, by file, name and first line."""

    def __init__(self, imports):
        self.functions = {}
        for thing in gc.get_objects():
            if type(thing) is types.FunctionType:
                code = thing.__code__
                real = imports.real(code.co_filename)
                if real is not None:
                    self.functions.setdefault((real, code.co_name, code.co_firstlineno), []).append(thing)

    def summary(self):
        """What the server needs to judge a candidate: each key with its scopes' names and kind."""
        return [[real, name, line, sorted({(f.__code__.co_freevars, f.__code__.co_flags & KIND) for f in found})]
                for (real, name, line), found in self.functions.items()]


class Judge:
    """Turns candidates into steps for the warm template. Lives in the server, which runs none of the project."""

    def __init__(self, root, loaded):
        self.imports = Imports(root)
        self.imports.targets = {real: number for _, real, number, _ in loaded["targets"]}
        self.entered = frozenset(loaded["entered"])
        self.instrumented = frozenset(loaded["instrumented"])
        self.alive = {(real, name, line): [(tuple(free), kind) for free, kind in kinds]
                      for real, name, line, kinds in loaded["functions"]}

    def steps(self, real, filename, text):
        """The rebindings that `text` asks for, as (key, marshalled code), and the numbers of changed functions.

        Raises SyntaxError (or what else compiling raises), or Unpatchable when only a fresh import can tell."""
        if real not in self.instrumented:
            raise Unpatchable("it was loaded in a way that is not watched")
        steps, numbers = [], []
        for function, code in self.imports.source(real, filename).changes(text):
            number = self.imports.targets[real] * NUMBERS + function.number
            if number in self.entered:
                raise Unpatchable("it ran while the tests were loaded")
            key = (real,) + function.key
            found = self.alive.get(key)
            if not found:
                raise Unpatchable("no such function is alive")
            for free, kind in found:
                if free != code.co_freevars:
                    raise Unpatchable("it uses other names of the scopes around it")
                if kind != code.co_flags & KIND:
                    raise Unpatchable("it becomes another kind of function")
            steps.append((key, marshal.dumps(code)))
            numbers.append(number)
        return steps, numbers
