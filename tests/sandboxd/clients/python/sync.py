"""The synchronous official client against a daemon, one scenario after the other."""

import sys
import time
import urllib.request

from e2b import (
    AuthenticationException,
    CommandExitException,
    InvalidArgumentException,
    NotFoundException,
    Sandbox,
    SandboxException,
    TimeoutException,
)
from kit import BINARY, MODERN, NAMES, PROXY, equal, options, raised, report, true


def fresh(**more):
    return Sandbox.create(**options(timeout=120, **more))


def makes_lists_and_kills():
    sandbox = fresh(metadata={"scene": "sync one&two", "p": "100%"}, envs={"OUTER": "1"})
    try:
        info = sandbox.get_info()
        equal(info.sandbox_id, sandbox.sandbox_id)
        equal(info.metadata, {"scene": "sync one&two", "p": "100%"})
        true(sandbox.is_running(), "it runs")
        query = __import__("e2b").SandboxQuery(metadata={"scene": "sync one&two", "p": "100%"})
        found = Sandbox.list(**options(query=query)).next_items()
        equal([it.sandbox_id for it in found], [sandbox.sandbox_id])
        sandbox.set_timeout(300)
        true(sandbox.get_info().end_at > info.end_at, "it lives longer")
        again = Sandbox.connect(sandbox.sandbox_id, **options())
        equal(again.commands.run("echo $OUTER").stdout, "1\n")
        equal(len(sandbox.get_metrics()) > 0, True)
    finally:
        true(sandbox.kill(), "it was there to be killed")
    equal(sandbox.kill(), False)
    equal(sandbox.is_running(), False)


def writes_and_reads():
    with fresh() as sandbox:
        info = sandbox.files.write("note.txt", "text")
        equal((info.name, info.path), ("note.txt", "/home/user/note.txt"))
        equal(sandbox.files.read("/home/user/note.txt"), "text")
        sandbox.files.write("note.txt", "")
        equal(sandbox.files.read("note.txt"), "")
        sandbox.files.write("deep/er/data.bin", BINARY)
        equal(bytes(sandbox.files.read("deep/er/data.bin", format="bytes")), BINARY)
        for name in NAMES:
            sandbox.files.write(name, f"in {name}")
            equal(sandbox.files.read(name), f"in {name}")
        batch = [{"path": f"batch/{name}", "data": name} for name in NAMES]
        equal(len(sandbox.files.write_files(batch)), len(NAMES))
        equal(sorted(it.name for it in sandbox.files.list("batch")), sorted(NAMES))
        large = bytes(range(256)) * (20 * 4096)
        sandbox.files.write("large.bin", large)
        equal(sandbox.commands.run("stat -c %s large.bin").stdout, f"{len(large)}\n")
        got = b"".join(sandbox.files.read("large.bin", format="stream"))
        true(got == large, "20 MB came back as they were")
        if MODERN:
            sandbox.files.write("packed.txt", "packed " * 1000, gzip=True)
            equal(sandbox.files.read("packed.txt", gzip=True), "packed " * 1000)


def looks_after_files():
    with fresh() as sandbox:
        files = sandbox.files
        equal((files.make_dir("d/e"), files.make_dir("d/e")), (True, False))
        files.write("d/f", "12345")
        equal([(it.name, it.type.value) for it in files.list("d")], [("e", "dir"), ("f", "file")])
        equal(sorted(it.path for it in files.list("/home/user/d", depth=2)), ["/home/user/d/e", "/home/user/d/f"])
        info = files.get_info("d/f")
        equal((info.size, info.owner, info.permissions), (5, "user", "-rw-r--r--"))
        equal(files.rename("d/f", "d/g").path, "/home/user/d/g")
        equal((files.exists("d/f"), files.exists("d/g")), (False, True))
        files.remove("d")
        equal(files.exists("d/g"), False)
        raised(NotFoundException, lambda: files.read("missing"))
        raised(NotFoundException, lambda: files.list("missing"))
        raised(InvalidArgumentException, lambda: files.read("/home/user"))
        raised(SandboxException, lambda: files.write("/etc/passwd", "x"))
        sandbox.commands.run("ln -s /etc/passwd link")
        equal(files.get_info("link").symlink_target, "/etc/passwd")


def watches():
    with fresh() as sandbox:
        sandbox.files.make_dir("w")
        watch = sandbox.files.watch_dir("w", recursive=True)
        sandbox.files.write("w/a", "1")
        seen = until(lambda: {it.type.value for it in watch.get_new_events() if it.name == "a"}, {"create"})
        true("create" in seen, f"a file that appeared was seen: {seen}")
        sandbox.commands.run("mkdir w/sub && echo x > w/sub/b && rm w/a")
        seen = until(lambda: {(it.name, it.type.value) for it in watch.get_new_events()}, {("a", "remove")})
        true(("a", "remove") in seen, f"a file that went was seen: {seen}")
        watch.stop()


def until(look, wanted, seconds=10):
    """Gathers what `look` gives until all that is wanted is among it."""
    seen, end = set(), time.monotonic() + seconds
    while not wanted <= seen and time.monotonic() < end:
        seen |= look()
    return seen


def runs():
    with fresh(envs={"OUTER": "o"}) as sandbox:
        run = sandbox.commands.run
        out, err = [], []
        done = run("echo one; echo two >&2; echo $OUTER$INNER; pwd", envs={"INNER": "i"}, cwd="/tmp",
                   on_stdout=out.append, on_stderr=err.append)
        equal((done.stdout, done.stderr, done.exit_code), ("one\noi\n/tmp\n", "two\n", 0))
        equal(("".join(out), "".join(err)), ("one\noi\n/tmp\n", "two\n"))
        error = raised(CommandExitException, lambda: run("echo said; exit 7"))
        equal((error.exit_code, error.stdout), (7, "said\n"))
        equal(run("whoami").stdout, "user\n")
        equal(run("printf 'é日本'").stdout, "é日本")
        equal(len(run("head -c 3000000 /dev/zero | tr '\\0' x").stdout), 3000000)
        raised(SandboxException, lambda: run("true", cwd="/missing"))
        raised(AuthenticationException, lambda: run("true", user="root"))


def runs_in_the_background():
    with fresh() as sandbox:
        handle = sandbox.commands.run("echo begun; sleep 0.2; echo done", background=True)
        equal(handle.wait().stdout, "begun\ndone\n")
        talker = sandbox.commands.run("cat", background=True, stdin=True)
        sandbox.commands.send_stdin(talker.pid, "hello\n")
        for out, _, _ in talker:
            equal(out, "hello\n")
            break
        true(talker.pid in [it.pid for it in sandbox.commands.list()], "it is listed")
        true(sandbox.commands.kill(talker.pid), "it was there to be killed")
        equal(sandbox.commands.kill(talker.pid), False)
        sleeper = sandbox.commands.run("sleep 1000", background=True)
        again = sandbox.commands.connect(sleeper.pid)
        true(sleeper.kill(), "it was there to be killed")
        raised(CommandExitException, again.wait)
        if MODERN:
            counter = sandbox.commands.run("wc -c", background=True, stdin=True)
            sandbox.commands.send_stdin(counter.pid, "12345")
            sandbox.commands.close_stdin(counter.pid)
            equal(counter.wait().stdout, "5\n")


def is_over_time():
    with fresh() as sandbox:
        began = time.monotonic()
        raised(TimeoutException, lambda: sandbox.commands.run("sleep 1000", timeout=1))
        true(time.monotonic() - began < 10, "it did not wait for the command")
        # The client stops waiting a moment before the daemon stops the command.
        until(lambda: set() if sandbox.commands.list() else {"gone"}, {"gone"})
        equal(sandbox.commands.list(), [])


def keeps_two_apart():
    with fresh() as one, fresh() as other:
        one.files.write("same", "one")
        other.files.write("same", "other")
        equal((one.files.read("same"), other.files.read("same")), ("one", "other"))
        equal(one.commands.run("cat same").stdout, "one")


def has_a_terminal():
    from e2b.sandbox.commands.command_handle import PtySize

    with fresh() as sandbox:
        said = []
        terminal = sandbox.pty.create(PtySize(rows=20, cols=100))
        sandbox.pty.resize(terminal.pid, PtySize(rows=30, cols=90))
        sandbox.pty.send_stdin(terminal.pid, b"stty size; tty; exit 3\n")
        error = raised(CommandExitException, lambda: terminal.wait(on_pty=said.append))
        text = b"".join(said).decode()
        true("30 90" in text, f"the terminal has its new size: {text!r}")
        true("/dev/pts/" in text, f"it is a terminal: {text!r}")
        equal(error.exit_code, 3)


def pauses():
    with fresh() as sandbox:
        sandbox.commands.run("sh -c 'while true; do echo x >> ticks; sleep 0.01; done'", background=True)
        until(lambda: {sandbox.files.exists("ticks")}, {True})
        (sandbox.pause if MODERN else sandbox.beta_pause)()
        equal(sandbox.get_info().state.value, "paused")
        sandbox.connect(**options())
        equal(sandbox.get_info().state.value, "running")
        true(sandbox.files.exists("ticks"), "its files are there")
        true(len(sandbox.commands.list()) == 1, "its processes are there")


def signs_addresses():
    with fresh() as sandbox:
        if PROXY:
            return
        sandbox.files.write("signed.txt", "signed")
        got = urllib.request.urlopen(sandbox.download_url("signed.txt", use_signature_expiration=60)).read()
        equal(got, b"signed")
        forged = sandbox.download_url("signed.txt").replace("signature=v1_", "signature=v1_x")
        error = raised(urllib.error.HTTPError, lambda: urllib.request.urlopen(forged))
        equal(error.code, 401)


def tells_strangers_and_the_dead_apart():
    raised(AuthenticationException, lambda: Sandbox.create(**options(api_key="e2b_" + "0" * 40)))
    sandbox = fresh()
    sleeper = sandbox.commands.run("sleep 1000", background=True)
    sandbox.kill()
    raised(Exception, sleeper.wait)
    error = raised(SandboxException, lambda: sandbox.commands.run("true"))
    true("not found" in str(error), f"it says so: {error}")
    raised(SandboxException, lambda: sandbox.files.read("a"))
    raised(Exception, lambda: Sandbox.connect(sandbox.sandbox_id, **options()))


SCENARIOS = [
    makes_lists_and_kills, writes_and_reads, looks_after_files, watches, runs, runs_in_the_background, is_over_time,
    keeps_two_apart, has_a_terminal, pauses, signs_addresses, tells_strangers_and_the_dead_apart,
]


def main():
    failed = 0
    for scenario in SCENARIOS:
        if sys.argv[1:] and scenario.__name__ not in sys.argv[1:]:
            continue
        try:
            scenario()
            failed += report(scenario.__name__, None)
        except Exception as error:
            failed += report(scenario.__name__, error)
    sys.exit(1 if failed else 0)


main()
