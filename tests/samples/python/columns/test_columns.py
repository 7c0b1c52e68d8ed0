from columns import chunks, columns, pad


def test_no_items_make_no_lines():
    assert columns([], 3) == []


def test_few_items_make_one_line():
    assert columns(["a", "bc"], 3) == ["a  bc"]


def test_cells_are_filled():
    assert pad(["a", "bc"], 3) == ["a  ", "bc "]


def test_many_items_make_many_lines():
    assert columns(["a", "bc", "d", "e", "f"], 2) == ["a  bc", "d  e", "f"]


def test_the_last_run_may_be_shorter():
    assert chunks([1, 2, 3, 4, 5, 6, 7], 3) == [[1, 2, 3], [4, 5, 6], [7]]
