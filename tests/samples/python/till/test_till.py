import unittest

from till import change, line_total, receipt_total


class LineTotal(unittest.TestCase):
    def test_few_pieces_cost_their_price(self):
        self.assertEqual(line_total(100, 9), 900)

    def test_the_discount_begins_at_ten_pieces(self):
        self.assertEqual(line_total(100, 10), 850)

    def test_many_pieces_are_discounted(self):
        self.assertEqual(line_total(100, 20), 1700)


class ReceiptTotal(unittest.TestCase):
    def test_lines_add_up(self):
        self.assertEqual(receipt_total([(250, 2), (100, 10)]), 1350)

    def test_no_lines_cost_nothing(self):
        self.assertEqual(receipt_total([]), 0)


class Change(unittest.TestCase):
    def test_largest_coins_first(self):
        self.assertEqual(change(1000, 613), [200, 100, 50, 20, 10, 5, 2])

    def test_too_little_money_is_refused(self):
        with self.assertRaises(ValueError):
            change(10, 11)


if __name__ == "__main__":
    unittest.main()
