"""Listens to what unittest's results are told."""
from bodkin_observe_tests import Tests, places


def attach(module):
    """`unittest.result` has been loaded: every result that is told of a test is one of its class."""
    result = module.TestResult
    seen = {}

    def tests():
        # Made with the first test: importing unittest is not yet running tests.
        if "tests" not in seen:
            seen["tests"] = Tests()
        return seen["tests"]

    def wrap(name, note):
        original = getattr(result, name)

        def told(self, test, *rest, **named):
            try:
                note(test, *rest)
            except Exception:
                pass
            return original(self, test, *rest, **named)

        setattr(result, name, told)

    def start(test):
        seen["now"] = [test.id(), "passed", None]
        tests().started(test.id())

    def stop(test):
        name, outcome, failure = seen.pop("now", [test.id(), "passed", None])
        tests().ended(name, outcome, failure)

    def bad(outcome):
        def note(test, err=None, *rest):
            failure = places.failure(err[1], err[2]) if err else None
            now = seen.get("now")
            if now is None:  # a class or module that can not be set up
                tests().began = 0.0
                tests().ended(str(test), "errored", failure, 0.0)
            elif now[2] is None:
                now[1], now[2] = outcome, failure

        return note

    def subtest(test, subtest, err=None, *rest):
        if err is not None:
            bad("failed")(test, err)

    def skip(test, reason=None, *rest):
        if "now" not in seen and hasattr(test, "_testMethodName"):  # 3.12.1 does not start what it skips
            start(test)
        if "now" in seen:
            seen["now"][1] = "skipped"

    def unexpected(test, *rest):
        if "now" in seen:
            seen["now"][1:] = ["failed", {"kind": "UnexpectedSuccess", "frames": [],
                                          "message": "the test was expected to fail"}]

    for name, note in (("startTest", start), ("stopTest", stop), ("addError", bad("errored")),
                       ("addFailure", bad("failed")), ("addSubTest", subtest), ("addSkip", skip),
                       ("addUnexpectedSuccess", unexpected)):
        wrap(name, note)
