"""A seat of the warm template during one batch."""
import json
import time
from collections import deque


class Sitting:
    """A seat during one batch: what waits in front of it, the first being tried."""

    def __init__(self, seat):
        self.seat = seat
        self.waiting = deque()
        self.reset()

    def reset(self):
        self.waiting.clear()
        self.lines = {}
        self.state, self.since, self.late = None, time.monotonic(), False

    def ask(self, index, body):
        if not self.waiting:
            self.state, self.since, self.late = None, time.monotonic(), False
        self.waiting.append((index, body))
        self.seat.ask(index, body)

    def next(self):
        self.waiting.popleft()
        self.state, self.since, self.late = None, time.monotonic(), False

    def result(self, index):
        """The verdict that the child of this candidate wrote, if it did. The next one's may be there already."""
        for line in self.seat.result().split(b"\n"):
            try:
                thing = json.loads(line)
            except ValueError:
                continue
            if isinstance(thing, dict) and "verdict" in thing:
                self.lines[thing.get("index")] = thing
        found = self.lines.pop(index, None)
        self.lines = {key: self.lines[key] for key, _ in self.waiting if key in self.lines}
        return found
