"""A seat of the warm template during one batch, and how many candidates share a child there."""
import json
import time
from collections import deque


class Sitting:
    """A seat during one batch: what waits in front of it, the first being tried. Each item of `waiting` is a list of
    (index, order): the candidates of one child."""

    def __init__(self, seat):
        self.seat = seat
        self.waiting = deque()
        self.reset()

    def reset(self):
        self.waiting.clear()
        self.lines, self.heard = {}, b""
        self.state, self.since, self.late = None, time.monotonic(), False

    def ask(self, orders):
        if not self.waiting:
            self.state, self.since, self.late = None, time.monotonic(), False
        self.waiting.append(orders)
        self.seat.ask(orders)

    def next(self):
        self.state, self.since, self.late = None, time.monotonic(), False
        return self.waiting.popleft()

    def indices(self):
        return [index for orders in self.waiting for index, _ in orders]

    def listen(self):
        """Takes in what was written, so that a child never waits for room in the pipe."""
        self.heard += self.seat.result()

    def result(self, index):
        """What the child whose first candidate this is has written, if it did. The next one's may be there already."""
        self.listen()
        heard, self.heard = self.heard, b""
        for line in heard.split(b"\n"):
            try:
                thing = json.loads(line)
            except ValueError:
                continue
            if isinstance(thing, dict) and ("verdict" in thing or "bundle" in thing):
                self.lines[thing.get("index")] = thing
        found = self.lines.pop(index, None)
        firsts = [orders[0][0] for orders in self.waiting]
        self.lines = {key: self.lines[key] for key in firsts if key in self.lines}
        return found


class Sharing:
    """Whether candidates share a child, and how many: as long as it pays.

    Kept from batch to batch, because what speaks against it is the project's doing."""

    MOST = 32
    LEAST = 3
    #: Bundles before a verdict on sharing itself.
    TRIALS = 8
    MOST_UNSOUND = 3

    def __init__(self):
        self.bundles = self.verdicts = self.unsound = 0

    def size(self, left, seats):
        """How many of the `left` candidates go into one child."""
        if self.unsound >= self.MOST_UNSOUND or (self.bundles >= self.TRIALS and self.verdicts < 2 * self.bundles):
            return 1
        size = min(self.MOST, left // (2 * max(seats, 1)))
        return size if size >= self.LEAST else 1

    def sort(self, orders, line, place):
        """What became of a bundle: verdicts, candidates that need a child of their own, candidates not yet tried."""
        self.bundles += 1
        if line is None or line["cut"] and not line["sound"]:  # one candidate ended the child, or left it in disorder
            return [], [order for at, order in enumerate(orders) if at == place], [
                order for at, order in enumerate(orders) if at != place]
        if not line["sound"]:
            self.unsound += 1
            return [], orders, []
        known = {result[0]: result[1:] for result in line["bundle"]}
        verdicts = [(index, known[index]) for index, _ in orders if known.get(index)]
        self.verdicts += len(verdicts)
        alone = [order for order in orders if known.get(order[0]) == []]
        return verdicts, alone, [order for order in orders if order[0] not in known]
