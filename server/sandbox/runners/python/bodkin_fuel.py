"""Loop fuel: a tick at every loop head and function entry, so that a hang ends by count and not by clock.

The tick is one call of a C iterator (about 30 ns). Names in the instrumented code are resolved in `builtins`;
they start and end with two underscores, so that classes do not mangle them.
"""
import ast
import builtins
import itertools
import operator

TICK = "__bodkin_tick__"
ENTER = "__bodkin_enter__"


class BodkinFuel(BaseException):
    """The fuel ran out."""


class Tank:
    """The ticks that the code may still use; `on_empty` is called at every tick after the last, and says whether
    the code may go on."""

    def __init__(self, on_empty=None):
        self.on_empty = on_empty
        self.filled = 0
        self.endless()

    def endless(self):
        self._supply = None
        setattr(builtins, TICK, itertools.repeat(None).__next__)

    def fill(self, ticks):
        self.filled = ticks
        self._supply = itertools.repeat(None, ticks)
        setattr(builtins, TICK, itertools.chain(self._supply, self).__next__)

    def used(self):
        return 0 if self._supply is None else self.filled - operator.length_hint(self._supply)

    def __iter__(self):
        return self

    def __next__(self):
        if self.on_empty is not None and self.on_empty():
            return None
        raise BodkinFuel("the loop fuel ran out")


class Instrument(ast.NodeTransformer):
    """Puts ticks into a tree; with `entries`, a dict from outermost function nodes to numbers, also marks
    the entry of each of them and of what is nested in it."""

    def __init__(self, entries=None):
        self.entries = entries
        self.inside = None

    def _call(self, name, at, *args):
        call = ast.Call(ast.Name(name, ast.Load()), [ast.Constant(a) for a in args], [])
        node = ast.Expr(call)
        for part in ast.walk(node):
            ast.copy_location(part, at)
        return node

    def _function(self, node):
        outer = self.inside
        if self.inside is None and self.entries is not None:
            self.inside = self.entries.get(node)
        self.generic_visit(node)
        at = 1 if ast.get_docstring(node, clean=False) is not None and len(node.body) > 1 else 0
        if at == 0 and ast.get_docstring(node, clean=False) is not None:
            # A docstring alone: the body stays what it is, there is nothing to count.
            self.inside = outer
            return node
        head = [self._call(TICK, node.body[at])]
        if self.inside is not None:
            head.append(self._call(ENTER, node.body[at], self.inside))
        node.body[at:at] = head
        self.inside = outer
        return node

    visit_FunctionDef = _function
    visit_AsyncFunctionDef = _function

    def _loop(self, node):
        self.generic_visit(node)
        node.body.insert(0, self._call(TICK, node.body[0]))
        return node

    visit_For = _loop
    visit_AsyncFor = _loop
    visit_While = _loop

    def visit_comprehension(self, node):
        self.generic_visit(node)
        call = self._call(TICK, node.iter).value
        test = ast.Compare(call, [ast.Is()], [ast.Constant(None)])
        for part in ast.walk(test):
            ast.copy_location(part, node.iter)
        node.ifs.insert(0, test)
        return node
