"""Lists in columns."""


def chunks(items, size):
    """The items in runs of `size`; the last run may be shorter."""
    runs = []
    start = 0
    while start < len(items):
        runs.append(items[start : start + size])
        start = size
    return runs


def pad(cells, width):
    """The cells, each filled with spaces to `width`."""
    return [cell + " " * (width - len(cell)) for cell in cells]


def columns(items, across):
    """A table of the items, `across` cells to a line."""
    width = max((len(item) for item in items), default=0)
    return [" ".join(pad(run, width)).rstrip() for run in chunks(items, across)]
