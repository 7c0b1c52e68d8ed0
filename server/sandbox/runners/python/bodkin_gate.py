"""Which code may run in a process that others are tried in after it.

A name is what code takes hold of things by: a code object whose names (globals, attributes, of the code nested in it
as well) are all harmless can reach neither files, processes, the clock, generators of random numbers, the
interpreter's own state, nor an object whose state is not compared (see bodkin_reach). Attributes are judged by their
name alone, whatever they are read from. Careful on purpose: what is turned away costs a fork, no more.
"""
import dis
import sys
import types

from bodkin_fuel import ENTER, TICK

#: Modules whose functions and classes keep no state that a later run could see. All of a package where it ends in `.`.
STATELESS = (
    "_bisect", "_collections", "_collections_abc", "_functools", "_heapq", "_json", "_operator", "_pytest.",
    "_sre", "_statistics", "_string", "_struct", "abc", "array", "base64", "binascii", "bisect", "builtins", "cmath",
    "collections", "collections.abc", "colorsys", "copy", "dataclasses", "datetime", "_datetime", "_pydatetime",
    "difflib", "enum", "fractions", "functools", "genericpath", "heapq", "html", "itertools", "json", "json.decoder",
    "json.encoder", "json.scanner", "keyword", "math", "numbers", "ntpath", "operator", "posixpath", "pytest", "re",
    "re.", "reprlib", "sre_compile", "sre_constants", "sre_parse", "statistics", "string", "string.templatelib",
    "struct", "textwrap", "types", "typing", "unicodedata", "unittest", "unittest.case", "zlib", "__future__",
)

#: Names by which state is reached or changed from anywhere.
STATEFUL = frozenset((
    "__import__", "breakpoint", "compile", "delattr", "eval", "exec", "exit", "getattr", "globals", "help", "input",
    "open", "quit", "setattr", "vars", "memoryview", "register", "cache_clear", "cache_parameters",
    "asyncio", "atexit", "builtins", "codecs", "contextvars", "copyreg", "ctypes", "decimal", "faulthandler", "gc",
    "importlib", "inspect", "io", "locale", "logging", "mmap", "mock", "multiprocessing", "nt", "os", "pickle", "posix",
    "random", "resource", "shutil", "signal", "site", "socket", "subprocess", "sys", "_sys", "_os", "_thread",
    "tempfile", "threading", "time", "tracemalloc", "warnings", "weakref", "linecache", "traceback", "purge",
    "attrgetter", "methodcaller", "Decimal", "getcontext", "localcontext", "setcontext", "installHandler",
    "addModuleCleanup", "addClassCleanup", "enterModuleContext", "enterClassContext", "MonkeyPatch", "importorskip",
    "register_assert_rewrite", "set_trace", "console_main", "warns", "deprecated_call",
    "gi_frame", "cr_frame", "ag_frame", "tb_frame", "f_globals", "f_locals", "f_builtins", "f_back", "func_globals",
))

#: What may be read of `sys`.
OF_SYS = frozenset(("maxsize", "maxunicode", "float_info", "int_info", "version_info", "hexversion", "byteorder"))
SYS = frozenset(vars(sys))

#: Names with two underscores that only read, or that are called by the language itself.
PLAIN_DUNDERS = frozenset("__%s__" % name for name in (
    "name qualname doc class init new len iter next getitem setitem delitem contains call str repr hash bool eq ne lt "
    "le gt ge add sub mul truediv floordiv mod pow neg pos abs int float index round reversed enter exit missing and "
    "or xor invert lshift rshift radd rsub rmul post_init debug file cause context setattr delattr").split()
) | {TICK, ENTER}

BANNED = frozenset(dis.opmap[name] for name in (
    "STORE_GLOBAL", "DELETE_GLOBAL", "IMPORT_STAR", "LOAD_BUILD_CLASS", "STORE_NAME", "DELETE_NAME") if name in dis.opmap)
IMPORT = dis.opmap["IMPORT_NAME"]
SETTING = frozenset((dis.opmap["STORE_ATTR"], dis.opmap["DELETE_ATTR"]))


class Gate:
    """`names`: what else may not be named, found by the walk over what the program holds. `modules`: the project's."""

    def __init__(self):
        self.names, self.modules = set(STATEFUL), set()
        self._known = {}

    def passes(self, code):
        """Whether a code object, with all that is nested in it, may run."""
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = self._passes(code)
        return found

    def judged_anew(self):
        """Forgets what was said before `names` grew."""
        self._known = {}

    def candidate(self, code):
        """The same for a code object that is met only once."""
        return self._passes(code)

    def _passes(self, code):
        operations = code.co_code[::2]
        if not BANNED.isdisjoint(operations) or IMPORT in operations and not self._imports(code):
            return False
        names = code.co_names
        if not self.names.isdisjoint(names):
            if self.names.intersection(names) != {"sys"} or not SYS.intersection(names) <= OF_SYS:
                return False
        for name in names:
            if name[:2] == "__" and name[-2:] == "__" and name not in PLAIN_DUNDERS and name[:12] != "__dataclass_":
                return False
        return all(self._passes(inner) for inner in code.co_consts if type(inner) is types.CodeType)

    def _imports(self, code):
        """Whether it imports only what may be held, and sets no attribute of it. What is not loaded yet raises an
        audit event besides."""
        return not sets_attributes(code) and all(is_stateless(step.argval) or step.argval in self.modules
                   for step in dis.get_instructions(code) if step.opcode == IMPORT)


def sets_attributes(code):
    inner = (const for const in code.co_consts if type(const) is types.CodeType)
    return not SETTING.isdisjoint(code.co_code[::2]) or any(map(sets_attributes, inner))


def is_stateless(name):
    """Whether a module is one of those whose functions keep no state."""
    return name in STATELESS or any(name.startswith(part) for part in STATELESS if part[-1] == ".")


def is_harmless(thing):
    """Whether a foreign function, class or module may be held by the program and called."""
    if isinstance(thing, types.ModuleType):
        return is_stateless(thing.__name__) and thing.__name__ != "builtins"
    if isinstance(thing, types.BuiltinFunctionType) and getattr(thing, "__name__", "") in STATEFUL:
        return False
    module = getattr(thing, "__module__", None)
    return isinstance(module, str) and is_stateless(module)
