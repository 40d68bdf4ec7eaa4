/**
 * Goal: `npm test` cannot say "passed" of what did not pass. Method: small test files, each going wrong in its own way,
 * run by the real workers.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { until } from '../src/testing/until.ts'
import { neededBy, provideDebianPackages } from '../tools/debian-packages.ts'
import { run } from '../tools/process.ts'
import { inLanes } from '../tools/test/lanes.ts'
import { COSTS, isPure, longestFirst } from '../tools/test/order.ts'
import { batchLine, leftBehind, busiest, failures, lastLine, skips } from '../tools/test/print.ts'
import { type Batch, type BatchResult, runBatch } from '../tools/test/worker.ts'
import { batches, isLong } from '../tools/test.ts'
import { ROOT } from '../tools/tool.ts'

const HEAD = "import { test, describe, it, after } from 'node:test'\n"
/** A process that left the group of who started it, as databases and supervisors do, and works where it was told to. */
const DAEMON = `import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
const daemon = () => {
  const cwd = mkdtempSync(tmpdir() + '/stellwerk-left-')
  return spawn('sleep', ['600'], { cwd, detached: true, stdio: 'ignore' })
}`
const FILES: Readonly<Record<string, string>> = {
  good: `test('good', () => {})\ndescribe('d', () => { it('in', () => {}) })`,
  bad: `test('bad', () => { throw new Error('as expected') })`,
  nested: `test('p', async (t) => { await t.test('child', () => { throw new Error('c') }) })`,
  suite: `describe('outer', () => { it('inner', () => { throw new Error('i') }) })`,
  empty: `export const nothing = 1`,
  broken: `throw new Error('at import')`,
  exits: `test('first', () => {})\ntest('exits', async () => { process.exit(0) })`,
  hangs: `test('hangs', () => { for (;;); })`,
  timesOut: `test('waits', () => new Promise((done) => setTimeout(done, 60_000)))`,
  leaks: `setInterval(() => {}, 1000)\ntest('leaks a timer', () => {})`,
  hook: `after(() => { throw new Error('after hook') })\ntest('ok', () => {})`,
  stray: `test('ok', () => { setTimeout(() => { throw new Error('too late') }, 5) })
test('next', () => new Promise((done) => setTimeout(done, 50)))`,
  skips: `test('a', { skip: 'no haproxy' }, () => {})\ntest('b', (t) => t.skip('not now'))
describe('c', { skip: 'whole suite' }, () => { it('x', () => {}) })\ntest.todo('e')`,
  writes: `test('bad', () => { console.log('a word of help'); throw new Error('x') })`,
  child: `import { spawn } from 'node:child_process'
test('starts', () => { console.log('pid', spawn('sleep', ['600'], { stdio: 'ignore' }).pid, 'end') })`,
  daemon: `${DAEMON}
test('starts', () => { console.log('pid', daemon().pid, 'below', tmpdir(), 'end') })`,
  priority: `import { getPriority } from 'node:os'
import { existsSync, readFileSync } from 'node:fs'
const group = '/proc/self/autogroup'
test('says', () => console.log('nice', getPriority(), existsSync(group) ? readFileSync(group, 'utf8') : 'alone'))`,
  works: `import { execFileSync } from 'node:child_process'
const half = 'for (const end = process.cpuUsage().user + 3e5; process.cpuUsage().user < end;);'
test('computes', () => { eval(half); execFileSync(process.execPath, ['-e', half]) })`,
}

let folder = ''
const done = new Map<string, BatchResult>()

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stellwerk-test-'))
  const wanted = Object.entries(FILES).map(([name, text]): Batch => {
    const file = join(folder, `${name}.test.mts`)
    writeFileSync(file, HEAD + text)
    const deadlineMs = name === 'hangs' ? 1_000 : 30_000
    const testTimeoutMs = name === 'timesOut' ? 300 : 20_000
    return { name, files: [file], testTimeoutMs, deadlineMs, isPure: false }
  })
  wanted.push({ ...wanted.find(({ name }) => name === 'priority')!, name: 'priority, pure', isPure: true })
  const run = async (batch: Batch) => void done.set(batch.name, await runBatch(batch))
  await inLanes(
    wanted.map((batch) => ({ cores: 1, run: () => run(batch) })),
    2,
  )
})

after(() => rmSync(folder, { recursive: true, force: true }))

const outcomes = (name: string) => done.get(name)!.results.map(({ outcome, path }) => [outcome, path.join(' › ')])
const texts = (name: string) => done.get(name)!.results.map(({ text }) => text)

describe('a run', () => {
  test('counts tests, not suites', () => {
    assert.deepEqual(outcomes('good'), [
      ['pass', 'good'],
      ['pass', 'd › in'],
    ])
  })
  test('tells a failure with its error', () => {
    assert.deepEqual(outcomes('bad'), [['fail', 'bad']])
    assert.match(texts('bad')[0]!, /Error: as expected/)
  })
  test('counts a failed subtest once, under the path to it', () => {
    assert.deepEqual(outcomes('nested'), [['fail', 'p › child']])
    assert.deepEqual(outcomes('suite'), [['fail', 'outer › inner']])
  })
  test('fails a file without tests', () => assert.match(texts('empty').join(), /has no tests/))
  test('fails a file that cannot be imported', () => assert.match(texts('broken').join(), /at import/))
  test('fails when a test ends the process, though with exit code 0', () => {
    assert.deepEqual(outcomes('exits').at(-1)![0], 'fail')
    assert.match(texts('exits').at(-1)!, /ended early with 0/)
  })
  test('ends an endless loop at the deadline', () => assert.match(texts('hangs').join(), /gave up after 1 s/))
  test('fails a test that waits too long', () => assert.match(texts('timesOut').join(), /timed out after 300ms/))
  test('does not wait for a leaked timer', () => {
    assert.deepEqual(outcomes('leaks'), [['pass', 'leaks a timer']])
    assert.ok(done.get('leaks')!.tookMs < 20_000)
  })
  test('fails on a broken hook', () => assert.match(texts('hook').join(), /after hook/))
  test('fails on an error after its test had ended', () => assert.match(texts('stray').join(), /too late/))
  test('tells skipped tests with their reasons', () => {
    const lines = skips(done.get('skips')!.results)
    assert.deepEqual(
      done.get('skips')!.results.map(({ outcome }) => outcome),
      ['skip', 'skip', 'skip', 'skip'],
    )
    for (const why of [/no haproxy/, /not now/, /whole suite/, /to do/]) assert.match(lines.join('\n'), why)
  })
  test('shows what a failed file wrote', () => {
    assert.match(failures([done.get('writes')!]).join('\n'), /a word of help/)
    assert.match(batchLine(done.get('writes')!), /^✖ writes {2}0 passed, 1 failed/)
  })
  test('leaves no process of a test behind', () => {
    const pid = Number(/pid (\d+) end/.exec(done.get('child')!.output)![1])
    assert.ok(isGone(pid), `process ${pid} still runs`)
  })
  test('leaves no daemon of a test behind either, nor what it has in the temporary folder', () => {
    const [, pid, below] = /pid (\d+) below (\S+) end/.exec(done.get('daemon')!.output)!
    assert.ok(isGone(Number(pid)), `process ${pid} still runs`)
    assert.notEqual(below, tmpdir())
    assert.ok(!existsSync(below!), `${below} is still there`)
    assert.match(batchLine(done.get('daemon')!), /; left behind and removed: stellwerk-left-\w+$/)
    assert.doesNotMatch(batchLine(done.get('good')!), /left/)
    assert.match(
      leftBehind([...done.values()]).join('\n'),
      /^left in the temporary folder .*\n {2}daemon: stellwerk-left-\w+$/,
    )
  })
  test('tells what a file cost the processor, with the processes that it waited for', () => {
    assert.ok(done.get('works')!.processorTimeMs >= 600, String(done.get('works')!.processorTimeMs))
    const lines = busiest([done.get('good')!, done.get('works')!])
    assert.match(lines[0]!, /^most processor time, of \d+\.\d s:$/)
    assert.match(lines[1]!, /^ +\d+\.\d s {2}works$/)
  })
})

for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const])
  test(`${signal} ends a run with everything that its tests started`, async () => {
    const told = join(folder, `${signal}.json`)
    const file = join(folder, `${signal}.test.mts`)
    writeFileSync(
      file,
      `${HEAD}${DAEMON}\nimport { renameSync, writeFileSync } from 'node:fs'
test('starts and waits', async () => {
  const pids = [process.pid, spawn('sleep', ['600'], { stdio: 'ignore' }).pid, daemon().pid]
  writeFileSync('${told}.part', JSON.stringify({ pids, below: tmpdir() }))
  renameSync('${told}.part', '${told}')
  await new Promise((done) => setTimeout(done, 60_000))
})`,
    )
    const batch = { name: signal, files: [file], testTimeoutMs: 60_000, deadlineMs: 60_000, isPure: false }
    const runner = join(folder, `${signal}.runner.mts`)
    const worker = join(ROOT, 'tools/test/worker.ts')
    writeFileSync(
      runner,
      `import { endWithUs, runBatch } from '${worker}'\nendWithUs()\nawait runBatch(${JSON.stringify(batch)})`,
    )
    const child = spawn(process.execPath, [runner], { stdio: 'inherit' })
    const ended = once(child, 'exit')
    const limit = { timeoutMs: 60_000 }
    const text = await until('the test has started', () => existsSync(told) && readFileSync(told, 'utf8'), limit)
    const { pids, below } = JSON.parse(text as string) as { pids: readonly number[]; below: string }
    child.kill(signal)
    assert.deepEqual(await ended, [code, null])
    assert.deepEqual(
      pids.filter((pid) => !isGone(pid)),
      [],
      'these still run',
    )
    assert.ok(!existsSync(below), `${below} is still there`)
  })

/** Runs jobs that are told when to end, and answers what was running beside each as it began. */
async function beside(jobs: Readonly<Record<string, number>>, ends: readonly string[]): Promise<readonly string[]> {
  const running = new Map<string, () => void>()
  const seen: string[] = []
  const all = inLanes(
    Object.entries(jobs).map(([name, cores]) => ({
      cores,
      run: () => {
        seen.push([name, ...running.keys()].join(' beside '))
        return new Promise<void>((resolve) => running.set(name, resolve)).then(() => void running.delete(name))
      },
    })),
    2,
  )
  for (const name of ends) {
    running.get(name)!()
    await new Promise(setImmediate)
  }
  await all
  return seen
}

test('jobs begin in their order, as many as the cores carry, and what does not fit is overtaken', async () => {
  const jobs = { big: 1.5, bigger: 1.5, small: 0.5, other: 1, more: 0.5 }
  assert.deepEqual(await beside(jobs, ['small', 'big', 'more', 'bigger', 'other']), [
    'big',
    'small beside big',
    'more beside big',
    'bigger beside more',
    'other',
  ])
})

test('a job that needs more cores than there are runs alone', async () => {
  assert.deepEqual(await beside({ all: 3, small: 0.5 }, ['all', 'small']), ['all', 'small'])
})

test('what is pure runs behind what is not, as far as there is a lower priority than ours', () => {
  const [real, pure] = [done.get('priority')!, done.get('priority, pure')!].map(({ output }) =>
    Number(/nice (\d+)/.exec(output)![1]),
  )
  assert.deepEqual([real, pure], [getPriority(), Math.min(getPriority() + 15, 19)])
  const session = /\/autogroup-\d+ nice (-?\d+)/.exec(done.get('priority, pure')!.output)
  if (session)
    assert.equal(Number(session[1]), pure, 'where sessions share the cores first, niceness within one is none')
})

test('pure is what needs no real component', () => {
  for (const file of ['src/core/plan.test.ts', 'test/model/model.test.ts', 'test/spec-mutations.test.ts'])
    assert.ok(isPure(file), file)
  for (const file of ['test/package/package.test.ts', 'test/crash/good-rollout.test.ts', 'examples/a/b.test.ts'])
    assert.ok(!isPure(file), file)
})

test('the files known to be long come first, and all of them exist', () => {
  const order = [
    'test/crash/good-rollout.test.ts',
    'test/e2e/releases-builds.test.ts',
    'test/a.test.ts',
    'test/b.test.ts',
  ]
  assert.deepEqual(longestFirst(order.toReversed()), order)
  assert.deepEqual(
    Object.keys(COSTS).filter((file) => !existsSync(join(ROOT, file))),
    [],
  )
})

/** A killed process whose new parent has not buried it yet is gone too. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}

test('the last line has the form that CI reads', () => {
  assert.equal(lastLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed')
  assert.equal(lastLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped')
})

test('filters choose files by a part of their path', () => {
  const names = batches(['house-trace']).map(({ name }) => name)
  assert.deepEqual(names, ['test/house-trace.test.ts'])
})

test('what takes long is left to npm run test:long, which says its seed', async () => {
  const names = batches([]).map(({ name }) => name)
  assert.ok(names.includes('test/house-test.test.ts'))
  assert.deepEqual(names.filter(isLong), [])
  const args = ['tools/test-long.ts', '--seed', '42', '--minutes', '3', 'no such file']
  const ended = await run(process.execPath, args, { timeoutMs: 60_000 })
  assert.equal(ended.code, 1)
  assert.match(ended.output, /seed 42, 3 min per test; again: npm run test:long -- --seed 42 --minutes 3/)
  assert.match(ended.output, /no test file matches no such file/)
})

test('the command fails when nothing ran, and says so', async () => {
  const ended = await run(process.execPath, ['tools/test.ts', 'no-such-file-anywhere'], { timeoutMs: 60_000 })
  assert.equal(ended.code, 1, ended.output)
  assert.match(ended.output, /no test ran: no test file matches no-such-file-anywhere/)
  assert.match(ended.output.trimEnd().split('\n').at(-1)!, /^0 passed, 0 failed$/)
})

test('a Debian package is asked for only by files that name its program, and named with them when it is missing', async (t) => {
  const file = join(folder, 'names.txt')
  writeFileSync(file, 'spawn("not-a-program-here")')
  const wanted = { name: 'no-such-debian-package', program: 'not-a-program-here' }
  assert.deepEqual(neededBy(wanted, [file]), [file])
  assert.deepEqual(neededBy({ ...wanted, program: 'program-here-not' }, [file]), [])
  process.env['STELLWERK_NO_APT'] = '1'
  t.after(() => delete process.env['STELLWERK_NO_APT'])
  const lines: string[] = []
  await provideDebianPackages([file], (line) => lines.push(line), [wanted])
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /not-a-program-here is not installed .*without it tests skip in .*names\.txt/)
})

test('jobs that ran behind others get the cores of these once they have ended', async () => {
  const seen: string[] = []
  const ends = new Map<string, () => void>()
  const job = (name: string) => ({
    cores: 1,
    run: () => {
      seen.push(name)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    },
  })
  let widen = () => {}
  const when = new Promise<void>((resolve) => (widen = resolve))
  const all = inLanes([job('one'), job('two'), job('three')], 1, { when, cores: 2 })
  await new Promise(setImmediate)
  assert.deepEqual(seen, ['one'])
  widen()
  await new Promise(setImmediate)
  assert.deepEqual(seen, ['one', 'two'])
  ends.get('one')!()
  await new Promise(setImmediate)
  assert.deepEqual(seen, ['one', 'two', 'three'])
  for (const name of ['two', 'three']) ends.get(name)!()
  await all
})
