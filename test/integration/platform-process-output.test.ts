/** What instances print and what they leave behind, whoever of us is dead, frozen or new: with real processes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { allPids, markedProcesses, variableOf } from '../../src/adapters/command/marked.ts'
import { isSameProcess, startOf } from '../../src/adapters/command/process-group.ts'
import { endLeftovers, MARK, markOfData, markOfSlot } from '../../src/adapters/platform/process/leftovers.ts'
import type { LogLine } from '../../src/ports/platform.ts'
import { order, refused, value } from '../../src/testing/platform-contract.ts'
import { until } from '../../src/testing/until.ts'
import { SERVER } from '../../src/testing/behaving-service.ts'
import { type Given, givenProcess } from './platform-process-setup.ts'

const SIGNAL = new AbortController().signal
const SECRET = 'correct horse battery'

/** Prints on `/print?bytes=N`, and answers when it was able to; leaves processes behind on `/leave`. */
const TALKER = SERVER.replace(
  "if (request.url === '/say')",
  `if (request.url.startsWith('/print')) {
    const line = 'x'.repeat(99) + '\\n'
    for (let left = Number(request.url.split('=')[1]); left > 0; left -= 100) require('node:fs').writeSync(1, line)
  }
  if (request.url === '/leave') {
    const { spawn } = require('node:child_process')
    const more = { detached: true, stdio: 'ignore' }
    spawn('setsid', ['sh', '-c', 'sleep 1001 & exec sleep 1002'], more)
    spawn('sh', ['-c', 'trap "" TERM; (sleep 1003 &) ; while :; do sleep 1; done'], more)
  }
  if (request.url === '/stray') {
    const stray = { env: { PATH: process.env.PATH }, detached: true, stdio: 'ignore' }
    return response.end(String(require('node:child_process').spawn('sleep', ['1005'], stray).pid))
  }
  if (request.url === '/die') process.exit(1)
  if (request.url === '/say')`,
)

async function givenTalker(t: Parameters<typeof givenProcess>[0], environment: Record<string, string> = {}) {
  const given = await givenProcess(t, { files: { 'server.js': TALKER }, stopGraceMs: 500 })
  const plain = given.desired('r1', 'healthy')
  const desired = {
    ...plain,
    environment: { ...plain.environment, ...environment },
    secretNames: Object.keys(environment),
  }
  value(await given.platform.ensure('blue', desired, order()))
  await until('ready', async () => value(await given.platform.observe('blue', SIGNAL)).ready === 1)
  const { upstreams } = value(await given.platform.observe('blue', SIGNAL))
  const ask = async (path: string) => {
    const answer = await fetch(`http://${upstreams[0]}${path}`, { signal: AbortSignal.timeout(20_000) })
    return answer.text()
  }
  return { given, desired, ask, pid: given.pids('blue')[0]! }
}

async function linesOf(given: Given, release: string | null = 'r1'): Promise<readonly LogLine[]> {
  return value(await given.platform.logs('blue', { release, lines: 5000, since: null }, SIGNAL))
}

async function kill(pid: number): Promise<void> {
  const start = startOf(pid)!
  process.kill(pid, 'SIGKILL')
  await until(`${pid} to be dead`, () => !isSameProcess(pid, start))
}

function guardOf(instance: number): number | null {
  const isGuard = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`stellwerk-log-guard\0${instance}\0`)
    } catch {
      return false
    }
  }
  return allPids().find(isGuard) ?? null
}

test('process: an instance goes on answering when nobody is left to read what it prints', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  await kill(given.supervisorPid('blue')!)
  process.kill(guardOf(pid)!, 'SIGKILL')
  for (let round = 0; round < 5; round += 1) assert.equal(await ask('/print?bytes=1000000'), `ok ${pid}`)
})

test('process: an instance goes on answering while its supervisor is frozen, and loses nothing', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  try {
    assert.equal(await ask('/print?bytes=1000000'), `ok ${pid}`)
  } finally {
    process.kill(supervisor, 'SIGCONT')
  }
  const counted = async () => value(await given.platform.observe('blue', SIGNAL)).logLines ?? 0
  await until('all lines to be counted', async () => (await counted()) === 10_001)
})

test('process: what nobody reads is bounded by the guard, which ends with its instance', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  const guard = guardOf(pid)!
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  await ask('/print?bytes=40000000')
  assert.ok(statSync(`/proc/${pid}/fd/1`).size >= 40_000_000, 'nobody has read it yet')
  await until('the guard to have emptied it', () => statSync(`/proc/${pid}/fd/1`).size < 1_000_000)
  process.kill(supervisor, 'SIGCONT')
  assert.equal(await ask('/'), `ok ${pid}`)
  value(await given.platform.stop('blue', 'r1', order()))
  await until('the guard to end', () => startOf(guard) === null)
})

test('process: a flood is given up with a note rather than kept in memory, and the service is not slowed down', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  await ask('/print?bytes=20000000')
  process.kill(supervisor, 'SIGCONT')
  await until('the note', async () => (await linesOf(given)).some(({ text }) => /bytes .*given up/.test(text)))
  assert.equal(await ask('/'), `ok ${pid}`)
  await until('memory to be free again', () => statSync(`/proc/${pid}/fd/1`).size < 1_000_000)
})

test('process: a supervisor that adopts an instance takes its secrets out, reads on without a repetition, and keeps what was', async (t) => {
  const { given, ask } = await givenTalker(t, { PASSWORD: SECRET })
  await ask('/say')
  const said = async (count: number) =>
    until(`${count} lines`, async () => {
      const lines = (await linesOf(given)).filter(({ text }) => text.startsWith('said'))
      return lines.length >= count ? lines : null
    })
  await said(1)
  await kill(given.supervisorPid('blue')!)
  await ask('/say')
  value(await given.platform.observe('blue', SIGNAL))
  await until('a new supervisor', () => given.supervisorPid('blue'))
  await said(2)
  await ask('/say')
  const lines = await said(3)
  assert.deepEqual(
    lines!.map(({ text }) => text),
    Array(3).fill('said [redacted]'),
  )
  assert.ok(
    (await linesOf(given)).some(({ text }) => text.startsWith('starting as')),
    'from before the adoption',
  )
})

test('process: what is not redacted yet has no name in any folder', async (t) => {
  const { given, ask, pid } = await givenTalker(t, { PASSWORD: SECRET })
  const supervisor = given.supervisorPid('blue')!
  process.kill(supervisor, 'SIGSTOP')
  try {
    await ask('/say')
    assertHidden(given, pid)
  } finally {
    process.kill(supervisor, 'SIGCONT')
  }
})

function assertHidden(given: Given, pid: number): void {
  assert.match(readFileSync(`/proc/${pid}/fd/1`, 'utf8'), /correct horse/, 'it is there')
  assert.equal(statSync(`/proc/${pid}/fd/1`).nlink, 0)
  assert.equal(statSync(`/proc/${pid}/fd/1`).mode & 0o077, 0)
  const slot = given.folderOf('blue')
  for (const name of readdirSync(slot, { recursive: true, encoding: 'utf8' })) {
    const path = join(slot, name)
    if (statSync(path).isFile()) assert.doesNotMatch(readFileSync(path, 'utf8'), /correct horse/, path)
  }
}

const marked = (given: Given) => markedProcesses(MARK, markOfSlot(given.folderOf('blue')))
const isLeft = (pid: number) => !['node', 'MainThread'].includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())

async function left(given: Given) {
  return until('what it leaves behind', () => {
    const pids = marked(given).flatMap(({ pid }) => (isLeft(pid) ? [pid] : []))
    return pids.length >= 5 ? pids : null
  })
}

test('process: sessions, groups and daemons of an instance end when it is stopped', async (t) => {
  const { given, ask } = await givenTalker(t)
  await ask('/leave')
  const pids = await left(given)
  value(await given.platform.stop('blue', 'r1', order()))
  assert.deepEqual(marked(given), [])
  assert.deepEqual(
    pids!.filter((pid) => variableOf(pid, MARK) !== null),
    [],
  )
})

test('process: what threw its mark away and works in the slot is named when it is stopped, the instance itself is not', async (t) => {
  const strays = (lines: readonly LogLine[]) => lines.filter(({ text }) => text.includes('carries no mark'))
  const { given, desired } = await givenTalker(t)
  value(await given.platform.stop('blue', 'r1', order()))
  assert.deepEqual(strays(await linesOf(given)), [])

  value(await given.platform.ensure('blue', { ...desired, release: 'r2' }, order()))
  await until('ready', async () => value(await given.platform.observe('blue', SIGNAL)).ready === 1)
  const { upstreams } = value(await given.platform.observe('blue', SIGNAL))
  const pid = Number(await (await fetch(`http://${upstreams[0]}/stray`)).text())
  t.after(() => process.kill(pid, 'SIGKILL'))
  await until('the stray', () => readlinkSync(`/proc/${pid}/exe`).endsWith('sleep') || null)
  value(await given.platform.stop('blue', 'r2', order()))
  const [named, ...more] = strays(await linesOf(given, 'r2'))
  assert.match(named?.text ?? '', new RegExp(`left alone, .*folder: sleep \\(pid ${pid}\\)$`))
  assert.deepEqual(more, [])
})

test('process: what an instance leaves behind when it crashes is ended before it is started again', async (t) => {
  const { given, ask } = await givenTalker(t)
  await ask('/leave')
  const pids = await left(given)
  await ask('/die').catch(() => {})
  await until('the restart', async () => {
    const seen = value(await given.platform.observe('blue', SIGNAL))
    return seen.restarts === 1 && seen.ready === 1
  })
  assert.deepEqual(
    pids!.filter((pid) => variableOf(pid, MARK) !== null),
    [],
  )
  assert.equal(marked(given).length, 1, 'the new life alone')
})

test('process: what an instance left behind that died with its supervisor is ended by the next one', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  await ask('/leave')
  await left(given)
  await kill(given.supervisorPid('blue')!)
  await kill(pid)
  value(await given.platform.ensure('blue', given.desired('r1', 'healthy'), order()))
  await until('the leftovers to be gone', () => marked(given).every((each) => !isLeft(each.pid)))
})

test('process: an emptied slot without a supervisor still ends what is left of it', async (t) => {
  const { given, ask, pid } = await givenTalker(t)
  await ask('/leave')
  await left(given)
  await kill(given.supervisorPid('blue')!)
  await kill(pid)
  assert.equal(value(await given.platform.stop('blue', 'r1', order())).present, false)
  assert.deepEqual(marked(given), [])
})

test('process: what carries the mark of a data folder is ended with it, though no slot knows of it; others are not', async (t) => {
  const { dataFolder } = await givenProcess(t)
  const [ours, others] = [markOfData(dataFolder), markOfData(join(dataFolder, 'other'))].map((mark) =>
    spawn('sleep', ['1004'], { env: { ...process.env, [MARK]: `${mark}lost.life` }, detached: true, stdio: 'ignore' }),
  )
  t.after(() => others!.kill('SIGKILL'))
  const [start, otherStart] = [startOf(ours!.pid!)!, startOf(others!.pid!)!]
  await until('the mark', () => markedProcesses(MARK, markOfData(dataFolder)).length === 1)
  assert.equal(await endLeftovers(markOfData(dataFolder)), null)
  assert.deepEqual([isSameProcess(ours!.pid!, start), isSameProcess(others!.pid!, otherStart)], [false, true])
})

test('process: the lines of a failing start say how it ended, for the release that failed alone', async (t) => {
  const given = await givenProcess(t)
  value(await given.platform.ensure('green', given.desired('r7', 'exits'), order()))
  await until('an exit', async () => value(await given.platform.observe('green', SIGNAL)).lastExit)
  value(await given.platform.stop('green', 'r7', order()))
  const lines = value(await given.platform.logs('green', { release: 'r7', lines: 100, since: null }, SIGNAL))
  const texts = lines.map(({ text }) => text)
  assert.ok(texts.includes('cannot find the database'))
  assert.ok(texts.includes('[stellwerk] it ended with exit code 3'), texts.join('\n'))
  assert.deepEqual([...new Set(lines.map(({ slot, version }) => `${slot} ${version}`))], ['green v-r7'])
})

test('process: a user that does not exist, and one that only root can be, are refused with what to do', async (t) => {
  const given = await givenProcess(t, { user: 'no-such-user-here' })
  const answer = await given.platform.ensure('blue', given.desired('r1', 'healthy'), order())
  refused(answer, 'permanent', /no user "no-such-user-here"; create it: useradd/)
})

test('process: instances run as another user where the spec says so', { skip: process.getuid?.() !== 0 }, async (t) => {
  const server = `${SERVER}; console.log('uid ' + process.getuid() + ' in ' + process.cwd()); require('node:fs').writeFileSync('mine', '')`
  const given = await givenProcess(t, { user: '61777', files: { 'server.js': server } })
  value(await given.platform.ensure('blue', given.desired('r1', 'healthy'), order()))
  await until('ready', async () => value(await given.platform.observe('blue', SIGNAL)).ready === 1)
  await until('its word', async () => (await linesOf(given)).some(({ text }) => text.startsWith('uid 61777 in')))
  const [work] = readdirSync(join(given.folderOf('blue'), 'work'))
  const { uid, mode } = statSync(join(given.folderOf('blue'), 'work', work!, 'mine'))
  assert.deepEqual([uid, mode & 0o170000], [61_777, 0o100000])
})
