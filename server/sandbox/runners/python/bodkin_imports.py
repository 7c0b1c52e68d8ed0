"""Decides which text a module of the workspace is imported from, and with what ticks.

Works below every import: plain imports, reloads, runpy, and pytest's own loader for test files.
"""
import os
from importlib.machinery import SourceFileLoader

from bodkin_fuel import Instrument
from bodkin_source import Source, future_flags, normal


#: Each target numbers its functions from a multiple of this.
NUMBERS = 1_000_000


class Imports:
    """`targets`: real paths whose original text runs with ticks and entry marks.
    `texts`: real paths whose text is replaced; with `plain` they run without ticks."""

    def __init__(self, root):
        self.root = os.path.realpath(root)
        self.targets = {}
        self.sources = {}
        self.instrumented = set()
        self.texts = {}
        self.plain = False
        self.names = set()
        self._real = {}

    def target(self, relative):
        """Watches a file of the workspace."""
        real = os.path.realpath(os.path.join(self.root, relative))
        self.targets[real] = len(self.targets)
        self.names.add(os.path.basename(real))
        return real

    def replace(self, real, text):
        self.texts[real] = text
        self.names.add(os.path.basename(real))

    def real(self, path):
        """The real path of a module's file when it is one of ours, else None."""
        if not isinstance(path, str) or os.path.basename(path) not in self.names:
            # A link may have another name than what it leads to; such a module is not patched in place.
            return None
        real = self._real.get(path)
        if real is None:
            real = self._real[path] = os.path.realpath(path)
        return real if real in self.texts or real in self.targets else None

    def source(self, real, filename):
        """The original text as functions; raises SyntaxError."""
        if real not in self.sources:
            with open(filename, "rb") as file:
                text = decode(file.read())
            self.sources[real] = Source(text, filename)
        return self.sources[real]

    def code(self, real, filename):
        """What is run in place of the file's own code."""
        import ast

        text = self.texts.get(real)
        if text is not None:
            tree = ast.parse(normal(text), filename)
            flags = future_flags(tree)
            if not self.plain:
                Instrument().visit(tree)
        else:
            source = self.source(real, filename)
            tree, flags = self._marked(real, source), source.flags
        return compile(tree, filename, "exec", flags=flags, dont_inherit=True)

    def _marked(self, real, source):
        tree = source.instrumented(self.targets[real] * NUMBERS)
        self.instrumented.add(real)
        return tree

    def install(self):
        imports, original = self, SourceFileLoader.get_code

        def get_code(loader, fullname):
            real = imports.real(getattr(loader, "path", None))
            if real is None:
                return original(loader, fullname)
            return imports.code(real, loader.path)

        SourceFileLoader.get_code = get_code

    def install_pytest(self):
        """The same for files whose asserts pytest rewrites. Quietly absent where pytest has changed."""
        try:
            from _pytest.assertion import rewrite
        except ImportError:
            return
        if not all(hasattr(rewrite, name) for name in ("_rewrite_test", "_read_pyc", "rewrite_asserts")):
            return
        imports, rewrite_test, read_pyc = self, rewrite._rewrite_test, rewrite._read_pyc

        def ours(fn, config):
            real = imports.real(str(fn))
            if real is None:
                return rewrite_test(fn, config)
            import ast

            name, text = str(fn), imports.texts.get(real)
            tree = ast.parse(normal(text), name) if text is not None else ast.parse(imports.source(real, name).text, name)
            flags = future_flags(tree)
            if text is None:
                tree = imports._marked(real, imports.source(real, name))
            elif not imports.plain:
                Instrument().visit(tree)
            rewrite.rewrite_asserts(tree, b"", name, config)
            return os.stat(name), compile(tree, name, "exec", flags=flags, dont_inherit=True)

        def no_cache(source, *rest):
            return None if imports.real(str(source)) is not None else read_pyc(source, *rest)

        rewrite._rewrite_test, rewrite._read_pyc = ours, no_cache


def decode(data):
    """A source file's text by its own encoding mark."""
    import io
    import tokenize

    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)
