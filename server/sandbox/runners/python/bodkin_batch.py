"""One batch of candidates: how each is tried, and what is said of it.

In the warm template where that is sound, in a fresh import elsewhere, on disk and alone where the tests start
other programs. What passes is confirmed in a fresh import, without ticks and with every test in its own order.
"""
import marshal
import os
import sys
import time
from collections import deque

import bodkin_fresh
from bodkin_pool import Death, Pool
from bodkin_sitting import Sitting
from bodkin_source import Unpatchable
from bodkin_template import kill
from bodkin_warm import of_death
from bodkin_wire import clip

#: Children waiting in front of each seat, so that it never waits for the server.
AHEAD = 2


class Batch:
    def __init__(self, server, message):
        self.server, self.wire, self.spec, self.plan = server, server.wire, server.spec, server.plan
        self.base = message["base"]
        self.todo = deque(message["candidates"])
        self.files, self.cpu, self.absent = {}, {}, {}
        self.fresh, self.confirm, self.disk = deque(), deque(), deque()
        #: (index, order) of candidates for a seat: those that may share a child, and those that have one alone.
        self.ready, self.alone = deque(), deque()
        self.on_disk = None
        self.seats = {}
        if server.warm is not None:
            self.seats = {seat.fd: Sitting(seat) for seat in server.warm.seats}
        self.pool = Pool(self.spec["jobs"], self.spec["memory"], server.private())
        #: Candidates that the half-warm template is trying.
        self.halves = set()

    def run(self):
        while self.todo or self.ready or self.alone or self.fresh or self.confirm or self.disk or self.running():
            self.start()
            fds = [self.wire.read_fd] + [fd for fd, sitting in self.seats.items() if sitting.waiting]
            if self.halves:
                fds.append(self.server.half.fd)
            events, ready = self.pool.step(fds)
            for event in events:
                self.event(*event)
            for fd in ready:
                if fd in self.seats:
                    self.from_seat(self.seats[fd])
                elif self.halves and fd == self.server.half.fd:
                    self.from_half()
            self.watch_seats()
            if self.wire.read_fd in ready:
                self.stop()
                return

    def running(self):
        return len(self.pool.children) + len(self.halves) + self.busy()

    def busy(self):
        return sum(len(sitting.waiting) for sitting in self.seats.values())

    def start(self):
        """Starts what may run now: a disk job alone, else confirmations, fresh imports, patched ones."""
        if self.on_disk is not None:
            return
        if self.disk:
            if not self.running():
                self.spawn_on_disk(*self.disk.popleft())
            return
        for queue, confirm in ((self.confirm, True), (self.fresh, False)):
            while queue and len(self.pool.children) + len(self.halves) < self.spec["jobs"]:
                self.import_anew(queue.popleft(), confirm)
        self.feed()

    def import_anew(self, index, confirm):
        files = self.reals(index)
        half = self.server.half_for(files)
        if half is not None:
            self.halves.add((index, confirm))
            half.ask(index, confirm, files)
        else:
            self.pool.spawn((index, confirm), bodkin_fresh.body(
                self.spec, self.plan, files, False, confirm), self.wall)

    def from_half(self):
        message = self.server.half.read()
        if message is None:
            # It was ended by a candidate: those on their way are tried from the start.
            self.server.half.loaded = None
            for index, confirm in self.halves:
                (self.confirm if confirm else self.fresh).append(index)
            self.halves.clear()
            return
        tag, line, death = message["event"]
        if line is None:
            self.halves.discard(tuple(tag))
        self.event(tag, line, death)

    def feed(self):
        """Keeps the seats busy that the children of the pool leave free, and one candidate ready."""
        open_seats = list(self.seats.values())[: max(0, len(self.seats) - len(self.pool.children) - len(self.halves))]
        for depth in range(1, AHEAD + 1):
            for sitting in open_seats:
                if len(sitting.waiting) < depth:
                    orders = self.orders()
                    if orders:
                        sitting.ask(orders)
        if not self.seats and self.todo and not self.fresh:
            self.prepare(1)

    def orders(self):
        """The candidates of the next child; empty when none is ready."""
        if not self.alone:
            size = self.server.sharing.size(len(self.todo) + len(self.ready), len(self.seats))
            self.prepare(size)
            if self.ready and not self.alone:
                return [self.ready.popleft() for _ in range(min(size, len(self.ready)))]
        return [self.alone.popleft()] if self.alone else []

    def prepare(self, count):
        """Routes candidates until so many are ready for a child, or one for a child of its own."""
        while (self.todo and len(self.ready) < count and not self.alone and not self.disk
               and len(self.fresh) < 2 * self.spec["jobs"]):
            self.route(self.todo.popleft())

    def route(self, candidate):
        index, server = candidate["index"], self.server
        files = self.files[index] = self.texts(candidate["files"])
        if server.disk_only or any(text is None or self.is_absent(path) for path, text in files.items()):
            self.disk.append((index, False))
        elif server.fresh_only or not self.seats:
            self.fresh.append(index)
        elif not server.uses_disk and server.modules.isdisjoint(files):
            self.probed(index, {"kind": "broken", "why": "not loaded by the tests: " + ", ".join(files)})
        else:
            try:
                order = self.order(files)
                queue = self.ready if self.may_share(order) else self.alone
                queue.append((index, marshal.dumps(order)))
            except Unpatchable:
                self.fresh.append(index)
            except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
                why = clip("%s: %s" % (type(error).__name__, error), 300)
                self.probed(index, {"kind": "broken", "why": why})

    def order(self, files):
        """What a seat is to do for a candidate."""
        server, plan, steps, numbers, texts = self.server, self.plan, [], [], {}
        for path, text in files.items():
            real = server.real(path)
            filenames = server.files.get(path)
            if filenames is None:  # imported later, within a test
                compile(text, path, "exec", dont_inherit=True)
                texts[real], numbers = text, None
                continue
            if len(text) < 1 << 18:
                texts[real] = text  # in case a test imports it again
            for filename in filenames:
                more, changed = server.judge.steps(real, filename, text)
                steps += more
                numbers = None if numbers is None else numbers + changed
        lean = server.warm.lean
        tests = [(pick, plan.ticks(name), plan.cpu_s(name), lean.get(pick, 0), name in plan.failing,
                  plan.tests[name]["outcome"] == "skipped")
                 for pick in plan.order(numbers) for name in (plan.ids[pick],)]
        return {"steps": steps, "texts": texts, "tests": tests}

    def may_share(self, order):
        tests = order["tests"]
        return not self.plan.ordered and bool(tests) and tests[0][0] in self.server.warm.shared_tests

    def texts(self, files):
        """Each file's whole text; a candidate comes as (start, end, text) on the batch's base."""
        texts = {}
        for path, edit in files.items():
            if edit is None or isinstance(edit, str):
                texts[path] = edit
            else:
                start, end, text = edit
                base = self.base[path]
                texts[path] = base[:start] + text + base[end:]
        return texts

    def reals(self, index):
        return {self.server.real(path): text for path, text in self.files[index].items()}

    def is_absent(self, path):
        """Whether the workspace has no such file. Only asked while no candidate stands on disk."""
        if path not in self.absent:
            self.absent[path] = not os.path.exists(self.server.real(path))
        return self.absent[path]

    def spawn_on_disk(self, index, confirm):
        self.on_disk = bodkin_fresh.Disk()
        self.on_disk.put(self.reals(index))
        self.pool.spawn((index, confirm), bodkin_fresh.body(
            self.spec, self.plan, self.reals(index), True, confirm), self.wall)

    def wall(self, pick):
        return max(self.plan.load_cpu_s * 2, 10.0) if pick < 0 else self.plan.longest_wall_s()

    def from_seat(self, sitting):
        ended = sitting.seat.ended()
        if ended is None:
            # A test ended the template itself: what was on its way is tried in fresh imports.
            self.drop_warm()
            return
        index, status, place, cpu_us = ended
        late, line = sitting.late, sitting.result(index)
        orders = sitting.next()
        sitting.seat.tidy()
        for each, _ in orders:
            self.cpu[each] = self.cpu.get(each, 0) + cpu_us // len(orders)
        if len(orders) > 1:
            verdicts, alone, again = self.server.sharing.sort(orders, line, place)
            self.alone.extend(alone)
            self.ready.extendleft(reversed(again))
            for each, (verdict, mended, ran) in verdicts:
                self.tried(each, verdict, mended, ran, False)
        elif line is not None:
            self.tried(index, line["verdict"], line["mended"], line["ran"], False)
        elif os.WIFEXITED(status) and os.WEXITSTATUS(status) == 70:
            self.fresh.append(index)
        else:
            self.died(index, status, late, False)

    def died(self, index, status, late, confirmed):
        death = of_death(Death(status, late, -1, 0))
        self.tried(index, death["verdict"], 0, 0, confirmed)

    def watch_seats(self):
        """Ends candidates that take too long; a seat that does not answer to that is opened anew."""
        now = time.monotonic()
        for sitting in self.seats.values():
            if not sitting.waiting:
                continue
            state = sitting.seat.state()
            if state != sitting.state:
                sitting.state, sitting.since = state, now
            elif now - sitting.since > 0.05:
                sitting.listen()
            pid, pick, _ = state
            wall = self.plan.wall_s(self.plan.ids[pick]) if 0 <= pick < len(self.plan.ids) else 5.0
            if now - sitting.since > wall and not sitting.late:
                sitting.late, sitting.since = True, now
                kill(pid)
            elif sitting.late and now - sitting.since > 2.0:
                stuck, *again = sitting.waiting
                self.server.warm.restart(sitting.seat)
                sitting.reset()
                if len(stuck) > 1:
                    self.alone.extend(stuck)
                else:
                    why = "it ended the process that runs the tests"
                    self.tried(stuck[0][0], {"kind": "crashed", "why": why}, 0, 0, False)
                for orders in again:
                    sitting.ask(orders)

    def drop_warm(self):
        for sitting in self.seats.values():
            self.fresh.extend(sitting.indices())
        for queue in (self.ready, self.alone):
            self.fresh.extend(index for index, _ in queue)
            queue.clear()
        self.seats = {}
        self.server.drop_warm()

    def event(self, tag, line, death):
        index, confirm = tag
        if line is None:
            if self.on_disk is not None:
                self.on_disk.restore()
                self.on_disk = None
            if death is not None and index in self.files:
                died = death if isinstance(death, dict) else of_death(death)
                self.cpu[index] = self.cpu.get(index, 0) + died["cpu_us"]
                self.tried(index, died["verdict"], 0, 0, confirm)
        elif index in self.files and "verdict" in line:
            self.cpu[index] = self.cpu.get(index, 0) + line["cpu_us"]
            self.tried(index, line["verdict"], line["mended"], line["ran"], confirm)
        elif index in self.files and "error" in line:
            self.tried(index, {"kind": "crashed", "why": clip(line["error"], 300)}, 0, 0, confirm)

    def tried(self, index, verdict, mended, ran, confirmed):
        if verdict["kind"] == "passed" and not confirmed:
            if self.server.uses_disk or self.on_disk is not None:
                self.disk.append((index, True))
            else:
                self.confirm.append(index)
            return
        self.probed(index, verdict, mended, ran)

    def probed(self, index, verdict, mended=0, ran=0):
        self.files.pop(index, None)
        self.wire.write({"probed": {"index": index, "verdict": verdict, "mended": int(mended), "ran": int(ran),
                                    "cpu_us": int(self.cpu.pop(index, 0))}})

    def stop(self):
        """Somebody wants something else: the batch ends here. The request that waits is a stop."""
        self.pool.kill_all()
        if self.halves and not self.server.half.stop():
            self.server.drop_half()
        if self.on_disk is not None:
            self.on_disk.restore()
        for sitting in self.seats.values():
            while sitting.waiting:
                kill(sitting.seat.state()[0])
                if sitting.seat.ended() is None:
                    break
                sitting.seat.result()
                sitting.waiting.popleft()
        if self.wire.read() is None:
            self.server.drop_warm()
            sys.exit(0)
