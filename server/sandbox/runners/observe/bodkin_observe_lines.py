"""The lines of some files that run: sys.monitoring where there is one (3.12), else marks in the files' code.

Marks, not sys.settrace: tracing slows every call of the program, and coverage would take it away.
"""
import builtins
import os
import sys

from bodkin_lines import Lines

MARK = "__bodkin_line__"


class Recorder:
    def __init__(self, out, root, targets):
        self.out, self.written = out, -1
        self.real = {os.path.realpath(os.path.join(root, path)): path for path in targets}
        self.names = {os.path.basename(real) for real in self.real}
        self._known = {}
        self.lines = Lines(self.path)
        self.found = self.lines.found
        self.spans, self.marks = [], set()

    def path(self, filename):
        """The target that a code object's file is, or None."""
        if filename not in self._known:
            own = isinstance(filename, str) and os.path.basename(filename) in self.names
            self._known[filename] = self.real.get(os.path.realpath(filename)) if own else None
        return self._known[filename]

    def start(self):
        if hasattr(sys, "monitoring") and self.lines.monitor():
            return
        setattr(builtins, MARK, self.marks.add)
        self._hook_imports()
        if any(self.path(os.path.abspath(word)) is not None for word in words_of_command()):
            sys.settrace(self.lines.trace)  # the main script is not imported

    def _hook_imports(self):
        import bodkin_imports

        recorder = self

        class Marked(bodkin_imports.Imports):
            def real(self, path):
                real = os.path.realpath(path) if recorder.path(path) is not None else None
                return real

            def tree(self, real, filename):
                import ast

                text = bodkin_imports.read(filename)
                return mark(ast.parse(text, filename), recorder.real[real], recorder.spans)

        imports = Marked(os.sep)
        imports.install()
        self.install_pytest = imports.install_pytest

    install_pytest = None

    def flush(self):
        """Writes the lines that ran, when there are new ones."""
        count = len(self.marks) + sum(len(lines) for lines in self.found.values())
        if count == self.written:
            return
        self.written = count
        lines = {path: set(found) for path, found in self.found.items()}
        for mark in list(self.marks):
            path, first, last = self.spans[mark]
            lines.setdefault(path, set()).update(range(first, last + 1))
        if self.found:
            for real, path in self.real.items():
                if path in self.found:
                    complete(real, lines[path])
        name = os.path.join(self.out, "lines-%d.txt" % os.getpid())
        with open(name + ".new", "w", encoding="utf-8") as file:
            for path in sorted(lines):
                file.write("%s\t%s\n" % (path, " ".join(str(line) for line in sorted(lines[path]))))
        os.replace(name + ".new", name)


def words_of_command():
    """The command line, which `sys.argv` does not hold yet in every version."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return os.fsdecode(file.read()).split("\0")
    except OSError:
        return list(getattr(sys, "argv", ()))


def header(node):
    """The lines of a statement without those of the statements within it."""
    first = min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])])
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        inner = body[0]
        start = min([inner.lineno] + [d.lineno for d in getattr(inner, "decorator_list", [])])
        return first, max(node.lineno, start - 1)
    cases = getattr(node, "cases", None)
    return first, node.lineno if cases else node.end_lineno


def mark(tree, path, spans):
    """Puts a mark before every statement."""
    import ast

    def marked(statements, before=()):
        result = []
        for at, node in enumerate(statements):
            visit(node)
            if at == 0 and isinstance(node, ast.Expr) and isinstance(getattr(node, "value", None), ast.Constant) \
                    or isinstance(node, ast.ImportFrom) and node.module == "__future__":
                result.append(node)
                continue
            if isinstance(node, (ast.Global, ast.Nonlocal)):
                result.append(node)
                continue
            first, last = header(node)
            result.append(call(node, (path, first, last)))
            result.append(node)
        for span in before:
            result.insert(0, call(statements[0], span))
        return result

    def call(at, span):
        spans.append(span)
        node = ast.Expr(ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(len(spans) - 1)], []))
        for part in ast.walk(node):
            ast.copy_location(part, at)
        return node

    def visit(node):
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list) and inner and isinstance(inner[0], ast.stmt):
                setattr(node, field, marked(inner))
        for handler in getattr(node, "handlers", []):
            handler.body = marked(handler.body, [(path,) + header(handler)])
        for case in getattr(node, "cases", []):
            case.body = marked(case.body)

    tree.body = marked(tree.body)
    return tree


def complete(real, lines):
    """Adds lines that no code stands for (a bracket, a folded constant) to the statement that they belong to."""
    import ast
    import dis

    try:
        with open(real, "rb") as file:
            source = file.read()
        tree, coded = ast.parse(source), set()
        codes = [compile(source, real, "exec", dont_inherit=True)]
    except (OSError, SyntaxError, ValueError):
        return
    for code in codes:
        if hasattr(code, "co_lines"):
            coded.update(line for _, _, line in code.co_lines())
        else:
            coded.update(line for _, line in dis.findlinestarts(code))
        codes.extend(const for const in code.co_consts if hasattr(const, "co_code"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            first, last = header(node)
            if lines.intersection(range(first, last + 1)):
                lines.update(line for line in range(first, last + 1) if line not in coded)
