"""The asynchronous official client against a daemon, one scenario after the other."""

import asyncio
import os
import sys

from e2b import AsyncSandbox, AuthenticationException, CommandExitException, NotFoundException, SandboxException, TimeoutException
from kit import BINARY, NAMES, equal, options, report, true


async def fresh(**more):
    return await AsyncSandbox.create(**options(timeout=120, **more))


async def raised(kind, awaited):
    try:
        await awaited
    except kind as error:
        return error
    raise AssertionError(f"nothing raised {kind}")


async def writes_and_reads():
    async with await fresh() as sandbox:
        await sandbox.files.write("data.bin", BINARY)
        equal(bytes(await sandbox.files.read("data.bin", format="bytes")), BINARY)
        batch = [{"path": f"batch/{name}", "data": name} for name in NAMES]
        equal(len(await sandbox.files.write_files(batch)), len(NAMES))
        equal(sorted(it.name for it in await sandbox.files.list("batch")), sorted(NAMES))
        await raised(NotFoundException, sandbox.files.read("missing"))


async def runs_many_at_once():
    async with await fresh() as sandbox:
        done = await asyncio.gather(*(sandbox.commands.run(f"echo {n}; exit 0") for n in range(20)))
        equal([it.stdout for it in done], [f"{n}\n" for n in range(20)])
        error = await raised(CommandExitException, sandbox.commands.run("exit 9"))
        equal(error.exit_code, 9)


async def streams_output_as_it_comes():
    async with await fresh() as sandbox:
        heard = asyncio.Queue()
        handle = await sandbox.commands.run("cat", background=True, stdin=True, on_stdout=heard.put_nowait)
        for word in ["one\n", "two\n", "three\n"]:
            await sandbox.commands.send_stdin(handle.pid, word)
            equal(await asyncio.wait_for(heard.get(), 10), word)
        true(await handle.kill(), "it was there to be killed")


async def watches_as_a_stream():
    async with await fresh() as sandbox:
        await sandbox.files.make_dir("w")
        heard = asyncio.Queue()
        watch = await sandbox.files.watch_dir("w", on_event=heard.put_nowait, recursive=True)
        await sandbox.files.write("w/a", "1")
        while True:
            event = await asyncio.wait_for(heard.get(), 10)
            if event.name == "a":
                break
        await watch.stop()


async def is_over_time():
    async with await fresh() as sandbox:
        await raised(TimeoutException, sandbox.commands.run("sleep 1000", timeout=1))
        # The client stops waiting a moment before the daemon stops the command.
        for _ in range(1000):
            if not await sandbox.commands.list():
                return
        raise AssertionError("the command goes on")


async def keeps_two_apart():
    one, other = await asyncio.gather(fresh(), fresh())
    await asyncio.gather(one.files.write("same", "one"), other.files.write("same", "other"))
    equal((await one.files.read("same"), await other.files.read("same")), ("one", "other"))
    equal(await asyncio.gather(one.kill(), other.kill()), [True, True])


async def tells_strangers_and_the_dead_apart():
    await raised(AuthenticationException, AsyncSandbox.create(**options(api_key="e2b_" + "0" * 40)))
    sandbox = await fresh()
    equal(await sandbox.is_running(), True)
    await sandbox.kill()
    equal(await sandbox.is_running(), False)
    error = await raised(SandboxException, sandbox.commands.run("true"))
    true("not found" in str(error), f"it says so: {error}")


SCENARIOS = [
    writes_and_reads, runs_many_at_once, streams_output_as_it_comes, watches_as_a_stream, is_over_time,
    keeps_two_apart, tells_strangers_and_the_dead_apart,
]


async def main():
    failed = 0
    for scenario in SCENARIOS:
        if sys.argv[1:] and scenario.__name__ not in sys.argv[1:]:
            continue
        try:
            await scenario()
            failed += report(scenario.__name__, None)
        except Exception as error:
            failed += report(scenario.__name__, error)
    return failed


failed = asyncio.run(main())
sys.stdout.flush()
# The client leaves TLS connections behind, over which the interpreter dies now and then while it clears up.
os._exit(1 if failed else 0)
