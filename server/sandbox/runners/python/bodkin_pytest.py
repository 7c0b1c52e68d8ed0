"""A pytest run, stopped where its loop over the tests would start, so that we choose what runs.

The real session is used: options, conftest files, plug-ins, parameters and fixtures are pytest's own.
"""
import sys

from bodkin_failure import culprit, message_of

STANDARD = ("assertion", "debugging", "doctest", "fixtures", "logging", "main", "nodes", "pathlib", "python",
            "raises", "recwarn", "reports", "runner", "skipping", "stepwise", "terminal", "threadexception",
            "tmpdir", "unittest", "unraisableexception", "warnings", "cacheprovider", "capture", "faulthandler",
            "junitxml", "monkeypatch", "pastebin", "setuponly", "setupplan", "legacypath", "freeze_support")


#: How much of the machinery a test needs.
FIXTURES, CALL = 1, 2


def preload():
    """Imports pytest and its own modules, which hold no state of the project."""
    import importlib

    import pytest  # noqa: F401

    for name in STANDARD:
        try:
            importlib.import_module("_pytest." + name)
        except ImportError:
            pass


def load(args, places, ready, before=None):
    """Calls `before()` when pytest is set up and nothing is collected yet, collects, then calls `ready(suite)`
    inside the session. Returns pytest's exit code when it never came so far."""
    import pytest

    args = list(args)
    ours = ["--maxfail=0", "--capture=no"]
    at = args.index("--") if "--" in args else len(args)
    return int(pytest.main(args[:at] + ours + args[at:], plugins=[plugin(places, ready, before)]))


def plugin(places, ready, before):
    import pytest

    old_wrapper = pytest.hookimpl(hookwrapper=True)

    class Bodkin:
        def __init__(self):
            self.broken = []
            self.excinfo = None
            self.reports = []

        @old_wrapper
        def pytest_load_initial_conftests(self, early_config):
            # Coverage would trace every line, and only for us.
            known = early_config.known_args_namespace
            known.no_cov, known.cov_source = True, []
            yield

        @pytest.hookimpl(tryfirst=True)
        def pytest_configure(self, config):
            option = config.option
            for name, value in (("dist", "no"), ("tx", []), ("numprocesses", None), ("xmlpath", None),
                                ("basetemp", None), ("usepdb", False), ("no_cov", True)):
                if hasattr(option, name):
                    setattr(option, name, value)

        @pytest.hookimpl(tryfirst=True)
        def pytest_collection(self, session):
            if before is not None:
                before()

        @old_wrapper
        def pytest_make_collect_report(self, collector):
            outcome = yield
            report = outcome.get_result()
            if report.failed:
                call = getattr(report, "call", None)
                error = call.excinfo.value if call is not None and call.excinfo else None
                cause = getattr(error, "__cause__", None) or error
                self.broken.append(broken(report, cause, places))

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(self, session):
            plugins = session.config.pluginmanager
            terminal = plugins.get_plugin("terminalreporter")
            if terminal is not None:
                plugins.unregister(terminal)
                plugins.register(Silent(terminal), "terminalreporter")
            ready(Suite(session, self, places))
            return True

        @old_wrapper
        def pytest_runtest_makereport(self, item, call):
            outcome = yield
            if call.excinfo is not None:
                self.excinfo = call.excinfo
            outcome.get_result()

        def pytest_runtest_logreport(self, report):
            self.reports.append((report, self.excinfo))
            self.excinfo = None

    return Bodkin()


class Silent:
    """The terminal reporter for whoever asks for it, without the hooks by which it would report."""

    def __init__(self, reporter):
        self._reporter = reporter

    def __getattr__(self, name):
        if name.startswith("pytest_") or name == "_reporter":
            raise AttributeError(name)
        return getattr(self._reporter, name)


def broken(report, error, places):
    """A file that could not be collected, as a test that errs."""
    if error is None:
        failure = {"kind": "CollectError", "message": str(report.longrepr)[:2000], "frames": []}
        files = []
    else:
        failure, files = places.failure(error), culprit(error)
    return {"id": report.nodeid or "collection", "failure": failure, "files": files}


class Suite:
    """The collected tests. `ids` are unique: a repeated node id gets a number."""

    def __init__(self, session, plugin, places):
        self.session, self.plugin, self.places = session, plugin, places
        self.broken = plugin.broken
        self.items = session.items
        self.ids = unique(item.nodeid for item in self.items)

    def quick(self):
        """Failures without the parts that only a terminal needs: for candidates, most of which fail."""
        from _pytest import nodes
        from _pytest.assertion import util

        if hasattr(nodes.Node, "_repr_failure_py"):
            nodes.Node._repr_failure_py = lambda node, excinfo, style=None: "failed"
        if hasattr(util, "assertrepr_compare"):
            util.assertrepr_compare = lambda *args, **kwargs: []

    def rehearse(self):
        """What a failing assert does."""
        from _pytest.assertion import rewrite

        try:
            said = rewrite._call_reprcompare(("==",), (False,), ("%(a)s == %(b)s",), (1, 2))
            said = rewrite._format_explanation("assert " + str(said) % {"a": rewrite._saferepr(1), "b": "2"})
            is_skip(AssertionError(said))
        except Exception:  # another pytest
            pass

    def run(self, picks, before, after):
        """Runs tests by their places in `ids`; `after(pick, outcome, failure)` says whether to go on.
        Whether all ran."""
        for at, pick in enumerate(picks):
            following = self.items[picks[at + 1]] if at + 1 < len(picks) else None
            self.plugin.reports = []
            self.session.shouldfail = self.session.shouldstop = False
            before(pick)
            item, raised = self.items[pick], None
            try:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            except BaseException as error:  # pytest.exit, KeyboardInterrupt: the test's own doing
                raised = error
            if not after(pick, *self._result(raised)):
                return False
        return True

    def lean(self, pick):
        """How little of pytest's machinery the test needs: 0 all of it, 1 its fixtures, 2 nothing but a call.

        Only a guess, to be checked against how the test went in the machinery."""
        import inspect

        import pytest

        item = self.items[pick]
        if not isinstance(item, pytest.Function) or not getattr(item, "_fixtureinfo", None):
            return 0
        if any(mark.name not in ("parametrize", "usefixtures") for mark in item.iter_markers()):
            return 0
        if self._is_case(item):
            return CALL
        params = item.callspec.params if hasattr(item, "callspec") else {}
        test = inspect.unwrap(item.obj)
        special = inspect.iscoroutinefunction(test) or inspect.isasyncgenfunction(test)
        if not special and all(name in params and self._direct(item, name) for name in item.fixturenames):
            return CALL
        state = self.session._setupstate
        known = hasattr(state, "setup") and len(inspect.signature(state.teardown_exact).parameters) == 1
        plain = all(self._direct(item, name) or self._own(item, name) for name in item.fixturenames)
        return FIXTURES if known and plain and hasattr(item, "_request") else 0

    def held(self, pick):
        """What the test's call is made with, where it needs nothing but a call."""
        item = self.items[pick]
        return [item.cls, item.obj] + (list(item.callspec.params.values()) if hasattr(item, "callspec") else [])

    def _own(self, item, name):
        """Whether a fixture is the project's, or one that needs no hook around the test."""
        if name in ("request", "monkeypatch", "capsys", "capfd", "tmp_path_factory"):
            return True
        found = item._fixtureinfo.name2fixturedefs.get(name, ())
        files = [getattr(getattr(f.func, "__code__", None), "co_filename", None) for f in found]
        return bool(files) and all(file and self.places.relative(file) is not None for file in files)

    def _direct(self, item, name):
        """Whether a parameter's value is given as it is, not through a fixture."""
        found = item._fixtureinfo.name2fixturedefs.get(name, ())
        return all(getattr(f.func, "__name__", "") == "get_direct_param_fixture_func" for f in found)

    def _is_case(self, item):
        import unittest

        cls = item.cls
        if cls is None or not issubclass(cls, unittest.TestCase):
            return False
        module = item.module
        return not (
            any(hasattr(module, name) for name in ("setUpModule", "setup_module"))
            or cls.setUpClass.__func__ is not unittest.TestCase.setUpClass.__func__
            or any(not name.startswith(("_unittest", "unittest", "request")) for name in item.fixturenames)
        )

    def run_lean(self, picks, levels, before, after):
        """Like `run`, with no more of the machinery than each test's level says (`levels` by pick)."""
        for at, pick in enumerate(picks):
            item, level = self.items[pick], levels[pick]
            following = self.items[picks[at + 1]] if at + 1 < len(picks) else None
            before(pick)
            if level == CALL:
                result = self._ended(self._call, item, "failed")
            else:
                result = self._plain(item, following)
            if not after(pick, *result):
                return

    def _ended(self, step, argument, bad):
        """How one step of a test ends."""
        try:
            step(argument)
        except BaseException as error:
            return ("skipped", None) if is_skip(error) else (bad, self.places.failure(error))
        return "passed", None

    def _plain(self, item, following):
        """Fixtures and the test, without the hooks around them."""
        state = self.session._setupstate
        if not item._request:
            item._initrequest()
        result = self._ended(state.setup, item, "errored")
        if result[0] == "passed":
            result = self._ended(lambda it: it.runtest(), item, "failed")
        end = self._ended(state.teardown_exact, following, "errored")
        item._request, item.funcargs = False, None
        return result if end[0] == "passed" or result[1] is not None else end

    def _call(self, item):
        cls = item.cls
        if cls is None:
            params = item.callspec.params if hasattr(item, "callspec") else {}
            item.obj(**{name: params[name] for name in item._fixtureinfo.argnames})
        elif self._is_case(item):
            run_case(cls(item.name))
        else:
            params = item.callspec.params if hasattr(item, "callspec") else {}
            test = getattr(cls(), item.originalname)
            test(**{name: params[name] for name in item._fixtureinfo.argnames})

    def _result(self, raised):
        if raised is not None:
            return "errored", self.places.failure(raised)
        outcome, failure = "skipped", None
        for report, excinfo in self.plugin.reports:
            if report.when == "setup":
                outcome, failure = "passed" if report.outcome == "passed" else "skipped", None
            if report.outcome == "failed":
                outcome = "failed" if report.when == "call" else "errored"
                failure = failure or self._failure(report, excinfo)
            elif report.outcome == "skipped":
                outcome = "passed" if hasattr(report, "wasxfail") else "skipped"
        return outcome, failure

    def _failure(self, report, excinfo):
        if excinfo is None:
            return {"kind": "Failed", "message": str(report.longrepr)[:2000], "frames": []}
        failure = self.places.failure(excinfo.value, excinfo.tb)
        if not failure["message"] and failure["kind"] == "Failed":
            failure["message"] = message_of(report.longrepr, 2000)
        return failure


def unique(ids):
    seen, result = {}, []
    for text in ids:
        seen[text] = seen.get(text, 0) + 1
        result.append(text if seen[text] == 1 else "%s#%d" % (text, seen[text]))
    return result


def is_skip(error):
    from unittest import SkipTest

    from _pytest.outcomes import Skipped

    return isinstance(error, (Skipped, SkipTest))


def run_case(case):
    """Runs a unittest case; raises what made it fail."""
    from bodkin_unittest import FirstError

    result = FirstError()
    case.run(result)
    if result.error is not None:
        raise result.error


def present():
    """Whether this interpreter has pytest; else the sentence that says what to do."""
    try:
        import pytest  # noqa: F401
    except ImportError:
        return "pytest is not installed for %s; install it with `%s -m pip install pytest`" % (
            sys.executable, sys.executable)
    return None
