// The project of the cases: a till that gives its discount one piece too late, and tests that show it.

export const WRONG = `"""A till: prices in cents, quantities in pieces."""

BULK_FROM = 10
BULK_PERCENT = 15


def line_total(price, quantity):
    """What one line of the receipt costs."""
    total = price * quantity
    if quantity > BULK_FROM:
        total -= total * BULK_PERCENT // 100
    return total
`;

export const RIGHT = WRONG.replace("quantity > BULK_FROM", "quantity >= BULK_FROM");

/** The line with the fault, counted from one. */
export const FAULT = 10;

export const TESTS = `import unittest

from till import line_total


class LineTotal(unittest.TestCase):
    def test_few_pieces_cost_their_price(self):
        self.assertEqual(line_total(100, 9), 900)

    def test_the_discount_begins_at_ten_pieces(self):
        self.assertEqual(line_total(100, 10), 850)

    def test_many_pieces_are_discounted(self):
        self.assertEqual(line_total(100, 20), 1700)
`;

export const TILL = { "till.py": WRONG, "test_till.py": TESTS };
