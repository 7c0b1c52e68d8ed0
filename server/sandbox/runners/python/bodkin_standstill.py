"""Tells a hang from a long computation: a loop whose state comes back has no end.

Looks at what the frames of the workspace hold, tick by tick, once the fuel has run out. What can not be compared
(large or foreign objects) counts as changing, so that the answer "it stands still" is the careful one.
"""

MOST_TICKS = 300
MOST_ITEMS = 60
DEEPEST = 3

PLAIN = (int, float, complex, str, bytes, bool, type(None), type(...))


class Changing(Exception):
    """The state can not be compared."""


class Standstill:
    """Collects the states of a program; `seen` says whether one has come back."""

    def __init__(self, relative):
        self.relative = relative
        self.states, self.ticks = set(), 0
        self.seen = False

    def look(self, frame):
        """Takes in one more tick; whether to go on looking."""
        self.ticks += 1
        try:
            state = self.state(frame)
        except (Changing, RecursionError):
            return False
        self.seen = state in self.states
        self.states.add(state)
        return not self.seen and self.ticks < MOST_TICKS

    def state(self, frame):
        parts = []
        while frame is not None:
            if self.relative(frame.f_code.co_filename) is not None:
                held = tuple((name, value_of(value, 0)) for name, value in sorted(frame.f_locals.items()))
                parts.append((frame.f_code, frame.f_lasti, held))
            frame = frame.f_back
        return tuple(parts)


def value_of(value, depth):
    """A value that is equal when the object holds the same."""
    kind = type(value)
    if kind in PLAIN:
        if isinstance(value, (str, bytes)) and len(value) > 10_000 or kind is int and value.bit_length() > 10_000:
            raise Changing
        return kind, value
    if depth > DEEPEST:
        raise Changing
    if kind in (tuple, list, set, frozenset, dict):
        if len(value) > MOST_ITEMS:
            raise Changing
        if kind is dict:
            return kind, tuple((value_of(k, depth + 1), value_of(v, depth + 1)) for k, v in value.items())
        return kind, tuple(value_of(part, depth + 1) for part in value)
    if kind.__name__ in ("function", "builtin_function_or_method", "module", "type", "method"):
        return id(value)
    held = getattr(value, "__dict__", None)
    if isinstance(held, dict) and kind.__module__ != "builtins" and not hasattr(kind, "__next__"):
        return id(value), value_of(dict(held), depth + 1)
    raise Changing
