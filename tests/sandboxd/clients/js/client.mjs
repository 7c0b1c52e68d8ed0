// The official JavaScript client against a daemon, one scenario after the other.

import assert from 'node:assert/strict'
import { AuthenticationError, CommandExitError, NotFoundError, Sandbox, SandboxError, TimeoutError } from 'e2b'

const proxy = process.env.SCENARIO_PROXY || undefined
const options = (more = {}) => ({ proxy, ...more })
const fresh = (more = {}) => Sandbox.create(options({ timeoutMs: 120_000, ...more }))
const NAMES = ['a b.txt', 'ünï çødé.txt', '日本語.txt', '-dash', 'per%cent.txt', 'plus+and&.txt']

async function within(work, more = {}) {
  const sandbox = await fresh(more)
  try {
    await work(sandbox)
  } finally {
    await sandbox.kill()
  }
}

// A row of things that are waited for, with a deadline.
function row() {
  const held = []
  const waiting = []
  return {
    put: (it) => (waiting.length ? waiting.shift()(it) : held.push(it)),
    next: () =>
      held.length
        ? Promise.resolve(held.shift())
        : new Promise((give, fail) => {
            const timer = setTimeout(() => fail(new Error('nothing came for 10 s')), 10_000)
            waiting.push((it) => (clearTimeout(timer), give(it)))
          }),
  }
}

const scenarios = {
  async makesListsAndKills() {
    const sandbox = await fresh({ metadata: { scene: 'js one&two', p: '100%' }, envs: { OUTER: '1' } })
    const info = await sandbox.getInfo()
    assert.deepEqual(info.metadata, { scene: 'js one&two', p: '100%' })
    assert.equal(await sandbox.isRunning(), true)
    const found = await Sandbox.list(options({ query: { metadata: { scene: 'js one&two', p: '100%' } } })).nextItems()
    assert.deepEqual(found.map((it) => it.sandboxId), [sandbox.sandboxId])
    await sandbox.setTimeout(300_000)
    const again = await Sandbox.connect(sandbox.sandboxId, options())
    assert.equal((await again.commands.run('echo $OUTER')).stdout, '1\n')
    assert.equal(await Sandbox.kill(sandbox.sandboxId, options()), true)
    assert.equal(await Sandbox.kill(sandbox.sandboxId, options()), false)
    assert.equal(await sandbox.isRunning(), false)
  },

  async writesAndReads() {
    await within(async ({ files }) => {
      assert.equal((await files.write('note.txt', 'text')).path, '/home/user/note.txt')
      assert.equal(await files.read('note.txt'), 'text')
      const bytes = new Uint8Array(20 * 1024 * 1024).map((_, at) => at % 251)
      await files.write('deep/large.bin', bytes.buffer)
      assert.equal(Buffer.compare(Buffer.from(await files.read('deep/large.bin', { format: 'bytes' })), Buffer.from(bytes)), 0)
      for (const name of NAMES) {
        await files.write(name, `in ${name}`)
        assert.equal(await files.read(name), `in ${name}`)
      }
      await files.write(NAMES.map((name) => ({ path: `batch/${name}`, data: name })))
      assert.deepEqual((await files.list('batch')).map((it) => it.name).sort(), [...NAMES].sort())
    })
  },

  async looksAfterFiles() {
    await within(async ({ files }) => {
      assert.equal(await files.makeDir('d/e'), true)
      assert.equal(await files.makeDir('d/e'), false)
      await files.write('d/f', '12345')
      assert.equal((await files.getInfo('d/f')).size, 5)
      assert.equal((await files.rename('d/f', 'd/g')).path, '/home/user/d/g')
      assert.equal(await files.exists('d/f'), false)
      await files.remove('d')
      assert.equal(await files.exists('d'), false)
      await assert.rejects(files.read('missing'), NotFoundError)
    })
  },

  async watches() {
    await within(async ({ files }) => {
      await files.makeDir('w')
      const heard = row()
      const watch = await files.watchDir('w', heard.put, { recursive: true })
      await files.write('w/a', '1')
      while ((await heard.next()).name !== 'a');
      await watch.stop()
    })
  },

  async runs() {
    await within(
      async ({ commands }) => {
        const out = []
        const err = []
        const done = await commands.run('echo one; echo two >&2; echo $OUTER$INNER; pwd', {
          envs: { INNER: 'i' },
          cwd: '/tmp',
          onStdout: (it) => void out.push(it),
          onStderr: (it) => void err.push(it),
        })
        assert.deepEqual([done.stdout, done.stderr, done.exitCode], ['one\noi\n/tmp\n', 'two\n', 0])
        assert.deepEqual([out.join(''), err.join('')], ['one\noi\n/tmp\n', 'two\n'])
        await assert.rejects(commands.run('exit 7'), (error) => error instanceof CommandExitError && error.exitCode === 7)
      },
      { envs: { OUTER: 'o' } },
    )
  },

  async runsInTheBackground() {
    await within(async ({ commands }) => {
      const heard = row()
      const handle = await commands.run('cat', { background: true, stdin: true, onStdout: heard.put })
      for (const word of ['one\n', 'two\n']) {
        await commands.sendStdin(handle.pid, word)
        assert.equal(await heard.next(), word)
      }
      assert.deepEqual((await commands.list()).map((it) => it.pid), [handle.pid])
      assert.equal(await handle.kill(), true)
      assert.equal(await commands.kill(handle.pid), false)
    })
  },

  async isOverTime() {
    await within(async ({ commands }) => {
      await assert.rejects(commands.run('sleep 1000', { timeoutMs: 1000 }), TimeoutError)
      // The client stops waiting a moment before the daemon stops the command.
      for (let asked = 0; asked < 1000 && (await commands.list()).length; asked++);
      assert.deepEqual(await commands.list(), [])
    })
  },

  async keepsTwoApart() {
    const [one, other] = await Promise.all([fresh(), fresh()])
    await Promise.all([one.files.write('same', 'one'), other.files.write('same', 'other')])
    assert.deepEqual([await one.files.read('same'), await other.files.read('same')], ['one', 'other'])
    await Promise.all([one.kill(), other.kill()])
  },

  async hasATerminal() {
    await within(async ({ pty }) => {
      let said = ''
      const terminal = await pty.create({ cols: 100, rows: 20, onData: (bytes) => void (said += Buffer.from(bytes).toString()) })
      await pty.resize(terminal.pid, { cols: 90, rows: 30 })
      await pty.sendInput(terminal.pid, new TextEncoder().encode('stty size; exit 3\n'))
      await assert.rejects(terminal.wait(), (error) => error.exitCode === 3)
      assert.match(said, /30 90/)
    })
  },

  async tellsStrangersAndTheDeadApart() {
    await assert.rejects(Sandbox.create(options({ apiKey: 'e2b_' + '0'.repeat(40) })), AuthenticationError)
    const sandbox = await fresh()
    await sandbox.kill()
    await assert.rejects(sandbox.commands.run('true'), SandboxError)
    await assert.rejects(sandbox.files.read('a'), SandboxError)
  },
}

let failed = 0
for (const [name, scenario] of Object.entries(scenarios)) {
  if (process.argv.length > 2 && !process.argv.includes(name)) continue
  try {
    await scenario()
    console.log('ok', name)
  } catch (error) {
    failed += 1
    console.log('FAILED', name)
    console.log(error)
  }
}
process.exit(failed ? 1 : 0)
