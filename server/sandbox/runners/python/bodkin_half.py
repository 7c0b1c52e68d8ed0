"""The half-warm template: the framework is set up and foreign modules are loaded, of the project only what its
conftest files need. Fresh imports are forked from it, at a fifth of what they cost from the start.

Usable for a candidate as long as none of its files is among what is loaded.
"""
import os
import select
import signal
import socket
import sys

from bodkin_fresh import Loading
from bodkin_pool import Pool
from bodkin_warm import World, of_death, settle_memory
from bodkin_wire import Wire

#: Seconds that setting it up may take.
MOST_SECONDS = 20


class Half:
    """The template, seen from the server. `loaded` is None until it is ready, and `gone` when it is of no use."""

    def __init__(self, spec, plan, foreign, private):
        ours, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            ours.close()
            for fd in private:
                os.close(fd)
            os.setpgid(0, 0)
            null = os.open(os.devnull, os.O_RDWR)
            for fd in (0, 1, 2):
                os.dup2(null, fd)
            os.close(null)
            serve(spec, plan, foreign, Wire(theirs.fileno(), theirs.fileno()))
        theirs.close()
        self.socket = ours
        self.fd = ours.fileno()
        self.wire = Wire(self.fd, self.fd)
        self.loaded = self._wait()

    def _wait(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN | select.POLLHUP)
        message = self.read() if poll.poll(MOST_SECONDS * 1000) else None
        return frozenset(message["ready"]) if message and "ready" in message else None

    def serves(self, files):
        """Whether a candidate (texts by real path) can be tried from here."""
        return self.loaded is not None and self.loaded.isdisjoint(files)

    def ask(self, index, confirm, files):
        self.wire.write({"try": [index, confirm, files]})

    def read(self):
        try:
            return self.wire.read()
        except (ConnectionError, ValueError):
            return None

    def stop(self):
        """Ends what is being tried; False when the template is gone."""
        self.wire.write({"stop": True})
        message = {}
        while message is not None and "stopped" not in message:
            message = self.read()
        return message is not None

    def end(self):
        self.socket.close()
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass
        os.waitpid(self.pid, 0)


def serve(spec, plan, foreign, wire):
    """The template itself. Never returns."""
    tried = []
    try:
        world = World(dict(spec, targets=[], everything=False))
        world.tank.on_empty = lambda: os._exit(0)
        world.tank.fill(30_000_000)
        world.load(lambda suite: tried[0].loaded(suite), lambda: tried.append(candidates(world, spec, plan, foreign, wire)))
        if tried:
            tried[0].never_loaded()
    except BaseException as error:
        if tried:
            tried[0].reporter.failed(error)
    finally:
        os._exit(0)


def candidates(world, spec, plan, foreign, wire):
    """Forks for each candidate; returns only in a child, with what it is to try."""
    import_foreign(foreign)
    world.tank.endless()
    settle_memory()
    loaded = {os.path.realpath(file) for file in map(file_of, list(sys.modules.values()))
              if isinstance(file, str) and world.places.relative(file) is not None}
    wire.write({"ready": sorted(loaded)})
    pool = Pool(spec["jobs"], spec["memory"], [wire.read_fd])
    waiting = []

    def wall(pick):
        return max(plan.load_cpu_s * 2, 10.0) if pick < 0 else plan.longest_wall_s()

    while True:
        while waiting and not pool.full():
            index, confirm, files = waiting.pop(0)
            reporter = pool.fork((index, confirm), wall)
            if reporter is not None:
                tried = Loading(world, plan, reporter, confirm)
                tried.begin(files, False)
                return tried
        events, ready = pool.step([wire.read_fd])
        for tag, line, death in events:
            wire.write({"event": [tag, line, None if death is None else of_death(death)]})
        if ready:
            message = wire.read()
            if message is None:
                pool.kill_all()
                os._exit(0)
            if "stop" in message:
                waiting = []
                pool.kill_all()
                wire.write({"stopped": True})
            else:
                waiting.append(message["try"])


def import_foreign(names):
    """Loads what the project uses of others; what can not be loaded alone is left to the project."""
    import importlib

    for name in names:
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except BaseException:
                pass


def file_of(module):
    return getattr(module, "__dict__", {}).get("__file__")
