"""Decides which text a module of the workspace is imported from, and with what ticks.

Works below every import: plain imports, reloads, runpy, and pytest's own loader for test files. Ticks in every
module of a large project would take long to put in: after a while only the files that were asked for get them.
"""
import ast
import io
import os
import time
import tokenize
from importlib.machinery import SourceFileLoader

from bodkin_fuel import Instrument
from bodkin_source import Source, future_flags, normal


#: Each target numbers its functions from a multiple of this.
NUMBERS = 1_000_000

#: Seconds that may go into modules that nobody asked for.
MOST_SECONDS = 1.5


class Imports:
    """`targets`: real paths whose original text runs with ticks and entry marks, numbered.
    `texts`: real paths whose text is replaced; with `plain` they run without ticks.
    With `places`, every module of the workspace becomes a target when it is imported."""

    def __init__(self, root, places=None):
        self.root = os.path.realpath(root)
        self.places = places
        self.targets, self.asked = {}, set()
        self.sources = {}
        self.instrumented = set()
        self.texts = {}
        self.plain = False
        self.names = set()
        self.spent = 0.0
        self._real = {}

    def target(self, relative):
        """Watches a file of the workspace."""
        real = os.path.realpath(os.path.join(self.root, relative))
        self.targets.setdefault(real, len(self.targets))
        self.asked.add(real)
        self.names.add(os.path.basename(real))
        return real

    def replace(self, real, text):
        self.texts[real] = text
        self.names.add(os.path.basename(real))

    def real(self, path):
        """The real path of a module's file when it is one of ours, else None."""
        if not isinstance(path, str):
            return None
        if self.places is None and os.path.basename(path) not in self.names:
            # A link may have another name than what it leads to; such a module is not patched in place.
            return None
        real = self._real.get(path)
        if real is None:
            real = self._real[path] = os.path.realpath(path)
        if real in self.texts or real in self.targets:
            return real
        if self.places is not None and path.endswith(".py") and self.places.relative(path) is not None:
            self.targets[real] = len(self.targets)
            return real
        return None

    def affords(self, real):
        """Whether a module is still to get its ticks."""
        return real in self.texts or real in self.asked or self.spent < MOST_SECONDS

    def source(self, real, filename):
        """The original text as functions; raises SyntaxError."""
        if real not in self.sources:
            self.sources[real] = Source(read(filename), filename)
        return self.sources[real]

    def tree(self, real, filename):
        """What is run in place of the file's own tree. May raise SyntaxError."""
        text = self.texts.get(real)
        if text is None:
            began = time.perf_counter()
            tree = self.source(real, filename).instrumented(self.targets[real] * NUMBERS)
            self.instrumented.add(real)
            self.spent += 2 * (time.perf_counter() - began)  # compiling takes as long again
            return tree
        tree = ast.parse(normal(text), filename)
        if not self.plain:
            Instrument().visit(tree)
        return tree

    def install(self):
        imports, original = self, SourceFileLoader.get_code

        def get_code(loader, fullname):
            real = imports.real(getattr(loader, "path", None))
            if real is None or not imports.affords(real):
                return original(loader, fullname)
            tree = imports.tree(real, loader.path)
            return compile(tree, loader.path, "exec", flags=future_flags(tree), dont_inherit=True)

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
            if real is None or not imports.affords(real):
                return rewrite_test(fn, config)
            name = str(fn)
            tree = imports.tree(real, name)
            flags = future_flags(tree)
            rewrite.rewrite_asserts(tree, b"", name, config)
            return os.stat(name), compile(tree, name, "exec", flags=flags, dont_inherit=True)

        def no_cache(source, *rest):
            real = imports.real(str(source))
            return None if real is not None and imports.affords(real) else read_pyc(source, *rest)

        rewrite._rewrite_test, rewrite._read_pyc = ours, no_cache


def read(filename):
    """A source file's text by its own encoding mark, with line ends as Python reads them."""
    with open(filename, "rb") as file:
        data = file.read()
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return normal(data.decode(encoding))
