// The project of the case with two hunks: `total` is used before it is set, and moving that line is two hunks. The
// first alone, the line put in above, makes the tests pass; the second alone, the line taken out below, does not.

export const WRONG = `def mean(xs):
    count = len(xs)
    value = total / count
    name = 'mean'
    unit = 'm'
    total = sum(xs)
    return value
`;

const LINE = "    total = sum(xs)\n";

/** The line that has to be moved, counted from one. */
export const FAULT = 6;

/** With the second hunk and without the first. */
export const OTHER = WRONG.replace(LINE, "");

/** With the first hunk and without the second. */
export const PART = WRONG.replace("    count", `${LINE}    count`);

const TESTS = `import unittest

from mean import mean


class Mean(unittest.TestCase):
    def test_of_two(self):
        self.assertEqual(mean([2, 4]), 3)

    def test_of_one(self):
        self.assertEqual(mean([7]), 7)
`;

export const MEAN = { "mean.py": WRONG, "test_mean.py": TESTS };
