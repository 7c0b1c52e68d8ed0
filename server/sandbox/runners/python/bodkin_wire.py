"""Messages between processes: four bytes of length, big-endian, then JSON.

Also what every text that leaves must pass: `clip` bounds it and makes it printable.
"""
import json
import os
import struct

LARGEST = 64 << 20


class Wire:
    """One end of a conversation over two file descriptors (or one socket, given twice)."""

    def __init__(self, read_fd, write_fd):
        self.read_fd = read_fd
        self.write_fd = write_fd

    def read(self):
        """The next message; None when the other end is gone."""
        head = self._exactly(4)
        if head is None:
            return None
        (size,) = struct.unpack(">I", head)
        if size > LARGEST:
            return None
        body = self._exactly(size)
        return None if body is None else json.loads(body)

    def write(self, message):
        body = json.dumps(message, separators=(",", ":")).encode("ascii")
        data = memoryview(struct.pack(">I", len(body)) + body)
        while data:
            data = data[os.write(self.write_fd, data):]

    def _exactly(self, size):
        parts = []
        while size:
            part = os.read(self.read_fd, min(size, 1 << 20))
            if not part:
                return None
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def take_stdio():
    """Moves the conversation away from fds 0 and 1 so that no print can disturb it."""
    wire = Wire(_high(0), _high(1))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return wire


def _high(fd):
    import fcntl

    return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 100)


def clip(text, most=2000):
    """At most `most` characters, cut in the middle, control characters escaped, encodable."""
    text = str(text)
    if len(text) > most:
        half = most // 2 - 2
        text = text[:half] + " … " + text[-half:]
    shown = "".join(c if c in "\n\t" or c.isprintable() else _escape(c) for c in text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _escape(char):
    return char.encode("unicode_escape").decode("ascii")
