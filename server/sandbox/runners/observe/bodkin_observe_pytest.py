"""Joins every pytest session as one more plug-in."""
import bodkin_observe
from bodkin_observe_tests import MOST_HANGS, Tests, places


def attach(config_module):
    """`_pytest.config` has been loaded: sessions are made by its `_prepareconfig`."""
    prepare = config_module._prepareconfig

    def with_observer(args=None, plugins=None, *rest, **named):
        return prepare(args, list(plugins or []) + [plugin()], *rest, **named)

    config_module._prepareconfig = with_observer


def plugin():
    import pytest

    recorder = bodkin_observe._recorder
    if recorder is not None and recorder.install_pytest is not None:
        recorder.install_pytest()
        recorder.install_pytest = None

    class BodkinObserver:
        def __init__(self):
            self.tests = Tests()
            self.outcomes = {}
            self.is_worker = False

        def pytest_configure(self, config):
            self.is_worker = hasattr(config, "workerinput")

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_protocol(self, item, nextitem):
            self.tests.started(item.nodeid)
            yield
            self.tests._disarm()
            if self.tests.hangs >= MOST_HANGS:
                item.session.shouldstop = "%d tests did not end in time" % self.tests.hangs

        @pytest.hookimpl(hookwrapper=True)
        def pytest_runtest_makereport(self, item, call):
            outcome = yield
            report = outcome.get_result()
            if call.excinfo is not None and report.outcome == "failed":
                report.bodkin_failure = places.failure(call.excinfo.value, call.excinfo.tb)

        def pytest_runtest_logreport(self, report):
            if self.is_worker:
                return
            known = self.outcomes.get(report.nodeid)
            if known is None or report.when == "setup":
                known = self.outcomes[report.nodeid] = ["passed", None, 0.0]
            known[2] += getattr(report, "duration", 0.0)
            if report.outcome == "failed" and known[0] in ("passed", "skipped"):
                known[0] = "failed" if report.when == "call" else "errored"
                known[1] = getattr(report, "bodkin_failure", None) or {
                    "kind": "Failed", "message": str(report.longrepr), "frames": []}
            elif report.outcome == "skipped" and not hasattr(report, "wasxfail"):
                known[0] = "skipped"
            if report.when == "teardown":
                self.tests.ended(report.nodeid, known[0], known[1], known[2])
                del self.outcomes[report.nodeid]

        @pytest.hookimpl(hookwrapper=True)
        def pytest_make_collect_report(self, collector):
            outcome = yield
            report = outcome.get_result()
            if report.failed:
                call = getattr(report, "call", None)
                error = call.excinfo.value if call is not None and call.excinfo else None
                cause = getattr(error, "__cause__", None) or error
                failure = places.failure(cause) if cause is not None else {
                    "kind": "CollectError", "message": str(report.longrepr), "frames": []}
                if not self.is_worker:
                    self.tests.ended(report.nodeid or "collection", "errored", failure, 0.0)

    return BodkinObserver()
