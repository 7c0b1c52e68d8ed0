"""Forked children: each in its own process group, bounded, with a pipe for what it reports.

A child that hangs is killed by its parent; one that dies costs only itself.
"""
import gc
import json
import mmap
import os
import resource
import select
import shutil
import signal
import struct
import tempfile
import time
import warnings

MOST_REPORTED = 8 << 20
EVERY_MS = 50


class Child:
    def __init__(self, pid, tag, fd, slot, temp, wall_of):
        self.pid, self.tag, self.fd, self.slot, self.temp, self.wall_of = pid, tag, fd, slot, temp, wall_of
        self.buffer = bytearray()
        self.reported = 0
        self.pick = -1
        self.since = time.monotonic()
        self.late = False


class Reporter:
    """The child's side."""

    def __init__(self, fd, progress, slot):
        self.fd, self.progress, self.slot = fd, progress, slot

    def at(self, pick):
        """Says which test runs now; survives the child's death."""
        struct.pack_into("i", self.progress, 4 * self.slot, pick)

    def line(self, thing):
        data = memoryview(json.dumps(thing, separators=(",", ":")).encode("ascii") + b"\n")
        while data:
            data = data[os.write(self.fd, data):]

    def last(self, thing):
        """Reports and ends the process at once."""
        self.line(thing)
        self.line({"end": True})
        os._exit(0)


    def failed(self, error):
        """Reports a fault of the runner itself."""
        import traceback

        try:
            self.last({"error": "%s: %s" % (type(error).__name__, error), "trace": traceback.format_exc()[-4000:]})
        finally:
            os._exit(70)


class Pool:
    """At most `size` children. `private`: fds that no child may keep."""

    def __init__(self, size, memory, private):
        self.size, self.private = size, list(private)
        self.children = {}
        self.free = list(range(size))
        self.progress = mmap.mmap(-1, max(4096, 4 * size))
        self.memory = memory
        self.temp = tempfile.gettempdir()
        self.poll = select.poll()
        self.count = 0

    def full(self):
        return not self.free

    def spawn(self, tag, body, wall_of):
        """Forks; `body(reporter)` runs in the child, which ends with it."""
        reporter = self.fork(tag, wall_of)
        if reporter is not None:
            try:
                body(reporter)
                reporter.last({"left": True})
            except BaseException as error:
                reporter.failed(error)
            finally:
                os._exit(71)

    def fork(self, tag, wall_of):
        """Forks; gives the child its reporter and the parent None. `wall_of(pick)` is how many seconds the test
        in progress may take (-1: before the first)."""
        slot = self.free.pop()
        struct.pack_into("i", self.progress, 4 * slot, -1)
        read, write = os.pipe()
        self.count += 1
        temp = os.path.join(self.temp, "bodkin-%d-%d" % (os.getpid(), self.count))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pid = os.fork()
        if pid == 0:
            reporter = Reporter(write, self.progress, slot)
            try:
                os.close(read)
                self._enter(temp)
            except BaseException as error:
                reporter.failed(error)
            return reporter
        os.close(write)
        self.children[read] = Child(pid, tag, read, slot, temp, wall_of)
        self.poll.register(read, select.POLLIN | select.POLLHUP)
        return None

    def _enter(self, temp):
        os.setpgid(0, 0)
        for fd in self.private:
            os.close(fd)
        for fd in self.children:
            os.close(fd)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.close(null)
        os.mkdir(temp)
        bounded(temp, self.memory)

    def step(self, also=(), wait_ms=EVERY_MS):
        """Waits for something; returns (events, fds of `also` that are ready). Events: (tag, line or None, death);
        the last event of a child has no line but its death: None for an orderly end, else a sentence."""
        for fd in also:
            self.poll.register(fd, select.POLLIN | select.POLLHUP)
        ready = self.poll.poll(wait_ms if self.children or also else 0)
        for fd in also:
            self.poll.unregister(fd)
        events, others = [], []
        for fd, _ in ready:
            if fd in self.children:
                self._read(self.children[fd], events)
            else:
                others.append(fd)
        self._watch(events)
        return events, others

    def _read(self, child, events):
        data = os.read(child.fd, 1 << 16)
        child.buffer += data
        child.reported += len(data)
        *lines, rest = bytes(child.buffer).split(b"\n") if b"\n" in data else (bytes(child.buffer),)
        child.buffer = bytearray(rest)
        for line in lines:
            try:
                thing = json.loads(line)
            except ValueError:
                thing = {}
            if isinstance(thing, dict) and thing.get("end"):
                self._end(child, events, orderly=True)
                return
            events.append((child.tag, thing, None))
        if not data or child.reported > MOST_REPORTED:
            self._end(child, events, orderly=False)

    def _watch(self, events):
        """Ends children that take too long, and those that died while another process kept their pipe open."""
        now = time.monotonic()
        for child in list(self.children.values()):
            (pick,) = struct.unpack_from("i", self.progress, 4 * child.slot)
            if pick != child.pick:
                child.pick, child.since = pick, now
            elif now - child.since > child.wall_of(pick):
                child.late = True
                self._end(child, events, orderly=False)
            elif now - child.since > 1 and os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                self._end(child, events, orderly=False)

    def _end(self, child, events, orderly):
        # One that is dying already keeps its own status.
        for kill in (os.killpg, os.kill):
            try:
                kill(child.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        _, status, used = os.wait4(child.pid, 0)
        self.poll.unregister(child.fd)
        os.close(child.fd)
        del self.children[child.fd]
        self.free.append(child.slot)
        try:
            os.rmdir(child.temp)
        except FileNotFoundError:
            pass
        except OSError:
            shutil.rmtree(child.temp, ignore_errors=True)
        death = None if orderly else Death(status, child.late, child.pick, used.ru_utime + used.ru_stime)
        events.append((child.tag, None, death))

    def kill_all(self):
        """Ends every child; they report nothing more."""
        for child in list(self.children.values()):
            child.late = True
            self._end(child, [], orderly=False)


def bounded(temp, memory):
    """Gives the process a folder for temporary files and `memory` bytes above what it already has."""
    os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = temp
    tempfile.tempdir = None
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    size = vm_size()
    if memory and size:
        resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.set_threshold(20_000, 20, 20)


class Death:
    """How a child ended that did not end by itself."""

    def __init__(self, status, late, pick, cpu_s):
        self.signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        self.code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else None
        self.late, self.pick, self.cpu_us = late, pick, int(cpu_s * 1e6)

    @property
    def timed_out(self):
        return self.late or self.signal in (signal.SIGPROF, signal.SIGXCPU)

    def __str__(self):
        if self.signal is not None:
            try:
                name = signal.Signals(self.signal).name
            except ValueError:
                name = "signal %d" % self.signal
            return "the process was ended by %s" % name
        return "the process ended itself with code %s in the middle of a test" % self.code


def vm_size():
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return None
