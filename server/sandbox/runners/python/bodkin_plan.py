"""What to run for a candidate, in which order, and how much each test may use up.

Failing tests first, cheapest first, those that hang last; then the passing ones that enter what was changed.
Fuel: 20 times what the test used before, at least 400,000 ticks; a test that itself hangs is measured by the longest
of its neighbours that end, because once it is mended it is a test like them.
"""
FLOOR_TICKS = 400_000
FLOOR_CPU_S = 1.0
FLOOR_WALL_S = 3.0
BAD = ("failed", "errored", "timed_out")


def endless(test):
    """Whether a test goes on until something stops it: its time, or its memory."""
    failure = test.get("failure") or {}
    return test["outcome"] == "timed_out" or (failure.get("kind") == "MemoryError" and test["ticks"] > FLOOR_TICKS // 4)


class Plan:
    """Made of the baseline's tests: id, outcome, cpu_us, ticks, enters (numbers of entered functions)."""

    def __init__(self, tests):
        self.tests = {test["id"]: test for test in tests}
        self.ids = [test["id"] for test in sorted((t for t in tests if t["pick"] is not None), key=lambda t: t["pick"])]
        self.failing = {test["id"] for test in tests if test["outcome"] in BAD}
        self.unloaded, self.load_ticks, self.load_cpu_s = [], 0, 5.0
        #: Whether the tests lean on one another, so that they must run all and in their own order.
        self.ordered = False

    def ticks(self, name):
        test = self.tests.get(name)
        if test is None:
            return 5 * FLOOR_TICKS
        if endless(test):
            return max([FLOOR_TICKS] + [20 * other["ticks"] for other in self.tests.values() if not endless(other)])
        return max(FLOOR_TICKS, 20 * test["ticks"])

    def cpu_s(self, name):
        return self._seconds(name, FLOOR_CPU_S)

    def wall_s(self, name):
        return self._seconds(name, FLOOR_WALL_S)

    def _seconds(self, name, floor):
        test = self.tests.get(name)
        if test is None or test["outcome"] == "timed_out":
            return 2 * floor
        return max(floor, 20 * test["cpu_us"] / 1e6)

    def longest_wall_s(self):
        return max([self.wall_s(name) for name in self.tests] or [FLOOR_WALL_S])

    def total_cpu_s(self):
        return self.load_cpu_s + sum(self.cpu_s(name) for name in self.tests)

    def order(self, numbers=None, ids=None):
        """Places in `ids` (those of the baseline where not given). With `numbers`, passing tests that enter none of these functions are left out."""
        ids = self.ids if ids is None else ids
        touched = None if numbers is None or self.ordered else set(numbers)

        def rank(place):
            test = self.tests.get(ids[place])
            if test is None:
                return (1, 0, 0)
            hangs = test["outcome"] == "timed_out"
            return (0 if test["id"] in self.failing else 1, hangs, test["cpu_us"])

        def wanted(place):
            test = self.tests.get(ids[place])
            if test is None or test["id"] in self.failing:
                return True
            if test["outcome"] == "skipped":
                return False
            return touched is None or not touched.isdisjoint(test["enters"])

        picks = [place for place in range(len(ids)) if wanted(place)]
        return picks if self.ordered else sorted(picks, key=rank)
