"""A source file as its functions, and what of them a changed text changes.

An outermost function is one that lies in no other function; it may lie in classes and in blocks. A change that
stays within the bodies of outermost functions can be applied to a running program; any other can not.
"""
import __future__
import ast

from bodkin_fuel import Instrument


class Unpatchable(Exception):
    """The change can not be applied in place; the message says why."""


class Function:
    """One outermost function: its place, what encloses it, and the dump of its header."""

    def __init__(self, node, number, headers):
        self.node = node
        self.name = node.name
        self.number = number
        self.headers = headers
        self.first = min([node.lineno] + [d.lineno for d in node.decorator_list])
        self.last = node.end_lineno
        self._header = None

    @property
    def header(self):
        if self._header is None:
            self._header = header_of(self.node)
        return self._header

    @property
    def key(self):
        """What the function's code object is found by."""
        return (self.name, self.first)


def header_of(node):
    """All of a function but its body, as text that is equal when the header is."""
    parts = [type(node).__name__, node.name, ast.dump(node.args)]
    parts += [ast.dump(d) for d in node.decorator_list]
    parts.append(ast.dump(node.returns) if node.returns is not None else "")
    parts += [ast.dump(p) for p in getattr(node, "type_params", [])]
    return "\n".join(parts)


def normal(text):
    """Line ends as Python reads them, no byte order mark."""
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


class Source:
    """The text that runs now."""

    def __init__(self, text, filename):
        self.text = normal(text)
        self.filename = filename
        self.lines = self.text.split("\n")
        tree = ast.parse(self.text, filename)
        self.flags = future_flags(tree)
        self.functions = outermost(tree, self.lines)
        self._skeleton = None

    def instrumented(self, base):
        """The module's tree with ticks and entry marks; functions are numbered from `base`."""
        tree = ast.parse(self.text, self.filename)
        Instrument({f.node: base + f.number for f in outermost(tree, self.lines)}).visit(tree)
        return tree

    def changes(self, text):
        """The functions that `text` changes, each with its new code object. Raises SyntaxError, Unpatchable."""
        text = normal(text)
        if text == self.text:
            return []
        lines = text.split("\n")
        found = self._one_function(lines)
        return [found] if found is not None else self._all_functions(text)

    def _one_function(self, new):
        old = self.lines
        short = min(len(old), len(new))
        start = 0
        while start < short and old[start] == new[start]:
            start += 1
        end = 0
        while end < short - start and old[-1 - end] == new[-1 - end]:
            end += 1
        for function in self.functions:
            if function.first - 1 <= start and len(old) - end <= function.last:
                return self._chunk(function, new[function.first - 1: function.last + len(new) - len(old)])
        return None

    def _chunk(self, function, lines):
        """Compiles one function alone, within empty copies of the classes and blocks around it."""
        headers = [h for h in function.headers if h is not None]
        if len(headers) != len(function.headers):
            return None
        try:
            tree = ast.parse("\n".join(headers + lines) + "\n", self.filename)
        except SyntaxError:
            return None  # the whole text tells whether and where it is wrong
        body = tree.body
        for _ in headers:
            if len(body) != 1:
                return None
            body = body[0].body
        if len(body) != 1 or not isinstance(body[0], type(function.node)) or header_of(body[0]) != function.header:
            return None
        ast.increment_lineno(tree, function.first - 1 - len(headers))
        return function, self._code(tree, [body[0]])[0]

    def _all_functions(self, text):
        tree = ast.parse(text, self.filename)
        functions = outermost(tree, text.split("\n"))
        if len(functions) != len(self.functions) or skeleton(tree, functions) != self.skeleton():
            raise Unpatchable("it changes what stands outside of functions")
        changed = [
            (old, new)
            for old, new in zip(self.functions, functions)
            if ast.dump(old.node) != ast.dump(new.node)
        ]
        codes = self._code(tree, [new.node for _, new in changed])
        return [(old, code) for (old, _), code in zip(changed, codes)]

    def skeleton(self):
        if self._skeleton is None:
            tree = ast.parse(self.text, self.filename)
            self._skeleton = skeleton(tree, outermost(tree, self.lines))
        return self._skeleton

    def _code(self, tree, nodes):
        keys = [(n.name, min([n.lineno] + [d.lineno for d in n.decorator_list])) for n in nodes]
        if any(getattr(n, "type_params", None) for n in nodes):
            raise Unpatchable("a function with type parameters")
        Instrument().visit(tree)
        module = compile(tree, self.filename, "exec", flags=self.flags, dont_inherit=True)
        found = {}
        _codes(module, found)
        codes = [found.get(key) for key in keys]
        if any(code is None for code in codes):
            raise Unpatchable("the compiled function was not found")
        return codes


def outermost(tree, lines):
    """The functions of a tree that lie in no other function, in order."""
    found = []

    def index(node, headers):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.append(Function(child, len(found), headers))
            elif isinstance(child, (ast.stmt, ast.ExceptHandler)) or type(child).__name__ == "match_case":
                index(child, headers + [copy_of_header(child, lines)])

    index(tree, [])
    return found


def copy_of_header(node, lines):
    """An empty block or class with the same indentation; None where that is not known."""
    if not hasattr(node, "lineno"):
        return None
    line = lines[node.lineno - 1]
    indent = line[: len(line) - len(line.lstrip())]
    return indent + ("class %s:" % node.name if isinstance(node, ast.ClassDef) else "if 1:")


def skeleton(tree, functions):
    """The tree's dump with the bodies of its outermost functions taken out. Spoils nothing."""
    kept = [f.node.body for f in functions]
    for function in functions:
        function.node.body = []
    text = ast.dump(tree)
    for function, body in zip(functions, kept):
        function.node.body = body
    return text


def _codes(code, found):
    """Codes of functions directly in `code` or in its classes; a class body has no CO_NEWLOCALS|CO_OPTIMIZED."""
    for const in code.co_consts:
        if hasattr(const, "co_code"):
            if const.co_flags & 0x1:
                found.setdefault((const.co_name, const.co_firstlineno), const)
            else:
                _codes(const, found)


def future_flags(tree):
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    return flags
