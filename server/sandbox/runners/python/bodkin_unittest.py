"""A unittest run, stopped where its tests would start: the loader and its options are unittest's own."""
import sys
import unittest

from bodkin_failure import culprit

#: How much of the machinery a test needs: a call alone.
CALL = 2


def preload():
    import unittest.async_case  # noqa: F401
    import unittest.mock  # noqa: F401


def load(args, places, ready, before=None):
    """Calls `before()`, loads the tests, then calls `ready(suite)`. Returns an exit code when it never came so far."""
    class Catch:
        suite = None

        def run(self, suite):
            self.suite = suite
            return unittest.TestResult()

    if before is not None:
        before()
    catch = Catch()
    unittest.main(module=None, argv=["python -m unittest"] + list(args), exit=False, testRunner=catch)
    if catch.suite is None:
        return 2
    ready(Suite(catch.suite, places))
    return 0


class Suite:
    """The loaded tests."""

    def __init__(self, suite, places):
        from bodkin_pytest import unique

        self.places = places
        self.broken = []
        self.tests = []
        for test in flatten(suite):
            error = getattr(test, "_exception", None)
            if type(test).__name__ == "_FailedTest" and error is not None:
                self.broken.append(self._broken(test, error))
            else:
                self.tests.append(test)
        self.ids = unique(test.id() for test in self.tests)

    def _broken(self, test, error):
        failure = self.places.failure(error)
        files = culprit(error)
        # unittest keeps the first error only as text.
        text = str(error)
        for part in text.split('File "')[1:]:
            path, _, rest = part.partition('", line ')
            files.append(path)
            number = rest.split(",")[0].split("\n")[0]
            relative = self.places.relative(path)
            if relative is not None and number.isdigit():
                failure["frames"].append({"path": relative, "line": int(number), "function": None})
        last = text.rstrip().rsplit("\n", 1)[-1]
        kind, colon, message = last.partition(": ")
        if colon and kind.replace(".", "").isidentifier():
            failure["kind"], failure["message"] = kind, message
        return {"id": test.id().replace("unittest.loader._FailedTest.", ""), "failure": failure, "files": files}

    def lean(self, pick):
        """How little of unittest's machinery the test needs: 0 all of it, else nothing but a call.

        Only a guess, to be checked against how the test went in the machinery."""
        test = self.tests[pick]
        cls = type(test)
        module = sys.modules.get(cls.__module__)
        return 0 if (
            not isinstance(test, unittest.TestCase)
            or cls.__init__ is not unittest.TestCase.__init__
            or hasattr(module, "setUpModule")
            or cls.setUpClass.__func__ is not unittest.TestCase.setUpClass.__func__
        ) else CALL

    def held(self, pick):
        """What the test's call is made with."""
        return [type(self.tests[pick])]

    def run_lean(self, picks, levels, before, after):
        """Like `run`, each test alone in a new instance of its class."""
        for pick in picks:
            test = self.tests[pick]
            before(pick)
            if not after(pick, *self._alone(type(test)(test._testMethodName))):
                return

    def _alone(self, case):
        result = FirstError()
        try:
            case.run(result)
        except BaseException as error:  # KeyboardInterrupt: the test's own doing
            return "failed", self.places.failure(error)
        if result.error is None:
            return "passed", None
        if isinstance(result.error, unittest.SkipTest):
            return "skipped", None
        return "failed", self.places.failure(result.error)

    def quick(self):
        """unittest makes no texts that we do not ask for."""

    def rehearse(self):
        """What a failing assert does."""
        result = FirstError()
        unittest.TestSuite([unittest.FunctionTestCase(lambda: unittest.TestCase().assertEqual(1, 2))]).run(result)

    def run(self, picks, before, after):
        """Runs tests by their places in `ids`; `after(pick, outcome, failure)` says whether to go on.
        Whether all ran."""
        result = Result(self, picks, before, after)
        unittest.TestSuite([self.tests[pick] for pick in picks]).run(result)
        if not result.shouldStop:
            result.never_started()
        return not result.shouldStop


class FirstError(unittest.TestResult):
    """Keeps the first exception of one test."""

    error = None

    def addError(self, test, err):
        self.error = self.error or err[1]

    addFailure = addError

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.error = self.error or err[1]

    def addSkip(self, test, reason):
        self.error = self.error or unittest.SkipTest(reason)

    def addExpectedFailure(self, test, err):
        pass

    def addUnexpectedSuccess(self, test):
        self.error = self.error or AssertionError("the test was expected to fail")


class Result(unittest.TestResult):
    """Turns unittest's calls into outcomes."""

    def __init__(self, suite, picks, before, after):
        super().__init__()
        self.suite, self.left, self.before, self.after = suite, list(picks), before, after
        self.outcome, self.failure, self.class_failure = "passed", None, None
        self.pick = None

    def startTest(self, test):
        self.testsRun += 1
        self.pick = next(p for p in self.left if self.suite.tests[p] is test)
        self.outcome, self.failure = "passed", None
        self.before(self.pick)

    def stopTest(self, test):
        if self.pick is None:  # 3.12.1 ends a skipped test that it never started
            self.startTest(test)
            self.outcome = "skipped"
        pick, self.pick = self.pick, None
        self.left.remove(pick)
        if not self.after(pick, self.outcome, self.failure):
            self.shouldStop = True

    def _failed(self, outcome, err):
        if self.failure is None:
            self.outcome, self.failure = outcome, self.suite.places.failure(err[1], err[2])

    def addSuccess(self, test):
        pass

    def addFailure(self, test, err):
        self._failed("failed", err)

    def addError(self, test, err):
        if not isinstance(test, unittest.TestCase):  # setUpClass, setUpModule
            self.class_failure = self.suite.places.failure(err[1], err[2])
            self.never_started(of=str(test))
            return
        self._failed("errored" if err[0].__name__ == "ImportError" else "failed", err)

    def addSkip(self, test, reason):
        if isinstance(test, unittest.TestCase):
            self.outcome = "skipped"

    def addExpectedFailure(self, test, err):
        self.outcome = "passed"

    def addUnexpectedSuccess(self, test):
        self.outcome = "failed"
        self.failure = {"kind": "UnexpectedSuccess", "message": "the test was expected to fail", "frames": []}

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._failed("failed", err)

    def never_started(self, of=None):
        """Tests that a failing setUpClass or setUpModule kept from running."""
        for pick in list(self.left):
            name = "%s.%s" % (type(self.suite.tests[pick]).__module__, type(self.suite.tests[pick]).__qualname__)
            if of is not None and name not in of and type(self.suite.tests[pick]).__module__ + ")" not in of:
                continue
            self.left.remove(pick)
            self.before(pick)
            outcome = "errored" if self.class_failure is not None else "skipped"
            if not self.after(pick, outcome, self.class_failure if outcome == "errored" else None):
                self.shouldStop = True
                return


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        elif test is not None:
            yield test
