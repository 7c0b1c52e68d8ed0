"""The warm template and its seats, seen from the server."""
import marshal
import mmap
import os
import select
import shutil
import signal
import socket
import tempfile
import time

import bodkin_warm
from bodkin_plan import BAD, FLOOR_TICKS, endless
from bodkin_slot import ENDED, HEAD, SEAT
from bodkin_wire import Wire

MOST_OUTPUT = 64 << 10

#: A suite that takes longer is not run a second time only to see whether its order matters.
LONG_US = 1_500_000


class Seat:
    """One process that forks for one candidate at a time."""

    def __init__(self, number, shared):
        self.number, self.shared = number, shared
        self.socket, self.theirs = socket.socketpair()
        self.results, self.their_results = os.pipe()
        self.folder = tempfile.mkdtemp(prefix="bodkin-seat-")
        self.fd = self.socket.fileno()
        os.set_blocking(self.results, False)

    def opened(self):
        """Closes the other side's ends in the server."""
        self.theirs.close()
        os.close(self.their_results)

    def ask(self, orders):
        """`orders`: (index, marshalled order) of candidates that are tried in one child."""
        body = marshal.dumps(orders)
        self.socket.sendall(HEAD.pack(orders[0][0], len(body)) + body)

    def state(self):
        """Process id (0: none), the test in progress (-1: none), and the place in the bundle."""
        return SEAT.unpack_from(self.shared, self.number * SEAT.size)

    def ended(self):
        """(index, status, place in the bundle, CPU microseconds) of the child that ended; None when the template is gone."""
        data = b""
        while len(data) < ENDED.size:
            part = self.socket.recv(ENDED.size - len(data))
            if not part:
                return None
            data += part
        return ENDED.unpack(data)

    def result(self):
        """What the child wrote, and only the last child's own line counts."""
        data = b""
        while True:
            try:
                part = os.read(self.results, 1 << 16)
            except BlockingIOError:
                break
            data += part
            if not part or len(data) > 1 << 20:
                break
        return data

    def tidy(self):
        """Removes what the last candidate left in its folder."""
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)

    def close(self):
        self.socket.close()
        os.close(self.results)
        shutil.rmtree(self.folder, ignore_errors=True)


class Template:
    """The warm process."""

    def __init__(self, spec, private):
        ours, theirs = socket.socketpair()
        read, write = os.pipe()
        self.output = bytearray()
        self.began = time.monotonic()
        self.shared = mmap.mmap(-1, max(4096, SEAT.size * spec["jobs"]))
        self.seats = [Seat(number, self.shared) for number in range(spec["jobs"])]
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            for fd in private + [read] + [fd for seat in self.seats for fd in (seat.fd, seat.results)]:
                os.close(fd)
            os.setpgid(0, 0)
            os.dup2(write, 1)
            os.dup2(write, 2)
            os.close(write)
            ends = [(seat.theirs.fileno(), seat.their_results, seat.folder) for seat in self.seats]
            bodkin_warm.main(spec, Wire(theirs.fileno(), theirs.fileno()), (ends, self.shared))
        theirs.close()
        os.close(write)
        for seat in self.seats:
            seat.opened()
        self.socket, self.pipe = ours, read
        self.wire = Wire(ours.fileno(), ours.fileno())
        self.load_s = 0.0
        self.lean, self.shared_tests = {}, frozenset()

    def wait_loaded(self, seconds):
        """What it says first; its output meanwhile is kept in `output`."""
        deadline = self.began + seconds
        poll = select.poll()
        poll.register(self.wire.read_fd, select.POLLIN | select.POLLHUP)
        poll.register(self.pipe, select.POLLIN | select.POLLHUP)
        while True:
            left = deadline - time.monotonic()
            ready = dict(poll.poll(max(0, int(left * 1000))))
            if not ready:
                return {"why": "loading the tests did not end within %g s" % seconds}
            if self.pipe in ready:
                data = os.read(self.pipe, 1 << 16)
                if not data:
                    poll.unregister(self.pipe)
                self.output = (self.output + data)[-MOST_OUTPUT:]
                continue
            message = self._read()
            self.load_s = time.monotonic() - self.began
            return {"why": "loading the tests ended the process"} if message is None else message

    def _read(self):
        try:
            return self.wire.read()
        except ConnectionError:
            return None

    def watch(self, order):
        """The tests' reports, and why there are no more."""
        self.wire.write({"watch": order})
        tests = []
        while True:
            message = self._read()
            if message is None:
                return tests, "the tests ended the process that runs them"
            if "watched" in message:
                return tests, message.get("error")
            tests.append(message["test"])

    def is_order_free(self, plan, tests):
        """Whether the tests go as before when they are run in the plan's order, failing ones first.

        Not asked of suites that take long; what passes is confirmed in the right order anyway."""
        by_pick = {t["pick"]: t for t in tests if t["pick"] is not None and t["outcome"] not in ("timed_out", "skipped")}
        picks = [pick for pick in plan.order() if pick in by_pick]
        if sum(by_pick[pick]["cpu_us"] for pick in picks) > LONG_US:
            return True
        self.wire.write({"again": [[pick, by_pick[pick]["outcome"], by_pick[pick]["failure"],
                                    max(400_000, 5 * by_pick[pick]["ticks"])] for pick in picks]})
        answer = self._read()
        return bool(answer and answer["same"])

    def start_seats(self, tests):
        """Finds out which tests need little of their framework's machinery, and opens the seats."""
        asked, left_us = [], LONG_US
        for test in sorted((t for t in tests if t["pick"] is not None), key=lambda t: t["cpu_us"]):
            left_us -= test["cpu_us"]
            if left_us > 0 and (test["outcome"] == "passed" or test["outcome"] in BAD) and not endless(test):
                kind = test["failure"]["kind"] if test["failure"] else None
                asked.append([test["pick"], test["outcome"], kind, max(FLOOR_TICKS, 5 * test["ticks"]),
                              max(1.0, 5e-6 * test["cpu_us"])])
        asked.sort()
        self.wire.write({"lean": asked})
        answer = self._read()
        self.lean = dict(answer["lean"]) if answer else {}
        self.shared_tests = frozenset(answer["shared"]) if answer else frozenset()
        for seat in self.seats:
            self.restart(seat)

    def restart(self, seat):
        self.wire.write({"seat": seat.number})

    def end(self):
        for seat in self.seats:
            kill(seat.state()[0])
            seat.close()
        self.socket.close()
        os.close(self.pipe)
        for ended in (os.killpg, os.kill):
            try:
                ended(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        os.waitpid(self.pid, 0)


def kill(pid):
    """Ends a candidate's process and its group."""
    if pid <= 0:
        return
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
