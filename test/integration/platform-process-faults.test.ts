/** What goes wrong around real processes: each test causes it and looks at what is left. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { groupMembers, isSameProcess, startOf } from '../../src/adapters/command/process-group.ts'
import { claim, livingSupervisor } from '../../src/adapters/platform/process/claim.ts'
import { order, refused, value } from '../../src/testing/platform-contract.ts'
import { until } from '../../src/testing/until.ts'
import { SERVER } from '../../src/testing/behaving-service.ts'
import { type Given, givenProcess, givenReady, platformOf, ready } from './platform-process-setup.ts'

const SIGNAL = new AbortController().signal

async function killSupervisor(given: Given): Promise<void> {
  const pid = given.supervisorPid('blue')!
  const start = startOf(pid)!
  process.kill(pid, 'SIGKILL')
  await until('the supervisor to be dead', () => !isSameProcess(pid, start))
}

test('process: says why an instance exits: code, and its last lines', async (t) => {
  const given = await givenProcess(t)
  value(await given.platform.ensure('green', given.desired('r1', 'exits'), order()))
  const lastExit = await until('an exit', async () => {
    const seen = value(await given.platform.observe('green', SIGNAL))
    return seen.lastExit
  })
  assert.deepEqual([lastExit!.code, lastExit!.signal], [3, null])
  assert.equal(lastExit!.tail.at(-1), 'cannot find the database')
})

test("process: the last words of a crash loop are the service's own, however silent its later lives are", async (t) => {
  const server = `
    const { existsSync, writeFileSync } = require('node:fs')
    if (existsSync('died')) process.exit(4)
    writeFileSync('died', '')
    console.error('cannot find the database')
    process.exit(4)`
  const given = await givenProcess(t, { files: { 'server.js': server } })
  value(await given.platform.ensure('green', given.desired('r1', 'exits'), order()))
  const seen = await until('a crash loop', async () => {
    const now = value(await given.platform.observe('green', SIGNAL))
    return now.crashLooping ? now : null
  })
  assert.equal(seen!.lastExit?.code, 4)
  assert.deepEqual(seen!.lastExit?.tail, ['cannot find the database'])
})

test('process: instances get the named environment, and nothing of the host but PATH, HOME, LANG, TZ', async (t) => {
  process.env.STELLWERK_TEST_AMBIENT = 'must not leak'
  t.after(() => delete process.env.STELLWERK_TEST_AMBIENT)
  const given = await givenProcess(t)
  const desired = given.desired('r1', 'healthy')
  value(await given.platform.ensure('blue', { ...desired, environment: { DATABASE_URL: 'postgres://x' } }, order()))
  const { upstreams } = await ready(given)
  const environment = JSON.parse(await given.get('blue', '/env')) as Record<string, string>
  const { PORT, STELLWERK_INSTANCE, PATH, HOME, LANG, LC_ALL, TZ, TMPDIR, ...rest } = environment
  assert.equal(`127.0.0.1:${PORT}`, upstreams[0])
  assert.equal(PATH, process.env.PATH)
  assert.match(STELLWERK_INSTANCE!, /^[0-9a-f]{12}\.[0-9a-f]{12}\.[0-9a-f-]{36}$/)
  assert.deepEqual(
    [HOME, LANG, LC_ALL, TZ, TMPDIR],
    ['HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'].map((key) => process.env[key]),
  )
  assert.deepEqual(rest, {
    DATABASE_URL: 'postgres://x',
  })
})

test('process: secrets stand in no file, on no command line of the supervisor, and in no log line', async (t) => {
  const given = await givenProcess(t)
  const desired = given.desired('r1', 'healthy')
  const environment = { ...desired.environment, PASSWORD: 'correct horse battery' }
  value(await given.platform.ensure('blue', { ...desired, environment, secretNames: ['PASSWORD'] }, order()))
  await ready(given)
  await given.get('blue', '/say')
  const line = await until('the line with the secret', async () => {
    const lines = value(await given.platform.logs('blue', { release: null, lines: 10, since: null }, SIGNAL))
    return lines.find(({ text }) => text.startsWith('said'))
  })
  assert.equal(line!.text, 'said [redacted]')
  const log = join(given.folderOf('blue'), 'logs/r1/instance-0.log')
  await until('the line in the file', () => readFileSync(log, 'utf8').includes('said [redacted]'))
  const files = globSync('**/*', { cwd: given.dataFolder, withFileTypes: true }).filter((entry) => entry.isFile())
  assert.ok(files.length > 5)
  for (const file of files) {
    const path = join(file.parentPath, file.name)
    assert.ok(!readFileSync(path, 'utf8').includes('correct horse battery'), path)
  }
  const supervisor = readFileSync(`/proc/${given.supervisorPid('blue')}/cmdline`, 'utf8')
  const supervisorEnvironment = readFileSync(`/proc/${given.supervisorPid('blue')}/environ`, 'utf8')
  assert.ok(!(supervisor + supervisorEnvironment).includes('correct horse'))
})

test('process: instances may write into their folder; the kept artifact stays as it was pinned', async (t) => {
  const server = `require('node:fs').writeFileSync('server.js.log', 'x'); ${SERVER}`
  const given = await givenProcess(t, { files: { 'server.js': server } })
  const { desired } = await givenReady(given)
  value(await given.platform.ensure('green', { ...desired, release: 'r2' }, order()))
  await ready(given, 'green')
  const kept = join(given.dataFolder, 'artifacts', `sha256-${desired.artifact.digest.slice(7)}`)
  assert.deepEqual(readdirSync(kept), ['server.js'])
})

test('process: an instance that ignores SIGTERM, and its children, are killed after the grace time', async (t) => {
  const child = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`
  const server = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); ${SERVER}`
  const given = await givenProcess(t, { files: { 'server.js': server }, stopGraceMs: 300 })
  value(await given.platform.ensure('blue', given.desired('r1', 'ignores-term' as 'healthy'), order()))
  await ready(given)
  const [pid] = given.pids('blue')
  assert.equal(groupMembers(pid!).length, 2)
  const began = performance.now()
  value(await given.platform.stop('blue', 'r1', order()))
  assert.ok(performance.now() - began >= 300, 'it had its grace time')
  assert.deepEqual(groupMembers(pid!), [])
})

test('process: an instance that hangs is killed and started again', async (t) => {
  const given = await givenProcess(t, { hungAfterMs: 1000 })
  await givenReady(given)
  process.kill(given.pids('blue')[0]!, 'SIGSTOP')
  const again = await until('the restart', async () => {
    const seen = value(await given.platform.observe('blue', SIGNAL))
    return seen.restarts === 1 && seen.ready === 1 ? seen : null
  })
  assert.equal(again!.lastExit?.signal, 'SIGKILL')
  assert.ok(again!.readiness.failures > 0, '[R-E05] it was not ready meanwhile, and that counts')
})

test('process: a port that somebody else takes first is replaced before the instance was ever ready', async (t) => {
  const thief = `require('node:http').createServer((_, r) => r.end()).listen(process.argv[1], '127.0.0.1', () => console.log('taken'))`
  const server = `
    const { existsSync, renameSync, writeFileSync } = require('node:fs')
    const { spawn } = require('node:child_process')
    if (existsSync('stolen')) { ${SERVER} }
    else {
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(thief)}, process.env.PORT], { detached: true, env: {}, stdio: ['ignore', 'pipe', 'ignore'] })
      writeFileSync('stealing', process.env.PORT + ' ' + child.pid)
      renameSync('stealing', 'stolen')
      child.stdout.once('data', () => require('node:http').createServer().listen(process.env.PORT, '127.0.0.1'))
    }`
  const given = await givenProcess(t, { files: { 'server.js': server } })
  value(await given.platform.ensure('blue', given.desired('r1', 'healthy'), order()))
  const theft = await until('the theft, written down', () => {
    const [stolen] = globSync(join(given.folderOf('blue'), 'work/*/stolen'))
    return stolen === undefined ? null : /^(\d+) (\d+)$/.exec(readFileSync(stolen, 'utf8'))
  })
  const [, port, thiefPid] = theft!
  t.after(() => process.kill(Number(thiefPid), 'SIGKILL'))
  const seen = await until('ready elsewhere', async () => {
    const now = value(await given.platform.observe('blue', SIGNAL))
    return now.restarts > 0 ? now.upstreams[0] : null
  })
  assert.notEqual(seen, `127.0.0.1:${port}`)
})

test('process: a full disk under the log drops lines, says so, and leaves the service alone', async (t) => {
  const given = await givenProcess(t)
  await mkdir(join(given.folderOf('blue'), 'logs/r1'), { recursive: true })
  symlinkSync('/dev/full', join(given.folderOf('blue'), 'logs/r1/instance-0.log'))
  const { seen } = await givenReady(given)
  assert.equal(seen.restarts, 0)
  const lines = await until('the report', async () => {
    const all = value(await given.platform.logs('blue', { release: 'r1', lines: 10, since: null }, SIGNAL))
    return all.some(({ text }) => /instance-0\.log cannot be written \(ENOSPC.*lines are dropped/.test(text))
      ? all
      : null
  })
  assert.ok(
    lines!.some(({ text }) => text.startsWith('starting as')),
    'the lines themselves can still be read',
  )
  assert.equal(await given.get('blue', '/'), `ok ${given.pids('blue')[0]}`)
})

test('process: a program that does not exist is refused, with where it was looked for', async (t) => {
  const given = await givenProcess(t, { command: 'no-such-program server.js' })
  const answer = await given.platform.ensure('blue', given.desired('r1', 'healthy'), order())
  refused(answer, 'permanent', /"no-such-program" was not found in PATH \(.*check the component's command/)
  assert.equal(value(await given.platform.observe('blue', SIGNAL)).present, false)
})

test('process: a program of the artifact is started by its path', async (t) => {
  const files = { 'run.sh': `#!/bin/sh\nexec "${process.execPath}" server.js\n`, 'server.js': SERVER }
  const given = await givenProcess(t, { files, command: './run.sh' })
  await givenReady(given)
})

test('process: killing the control plane leaves its instances serving; the next one adopts them', async (t) => {
  const given = await givenProcess(t)
  const { artifact } = given.desired('r1', 'healthy')
  const script = join(import.meta.dirname, 'ensure-process.ts')
  const plane = spawn(process.execPath, [script, given.dataFolder, artifact.ref, artifact.digest, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(plane.stdout), 'line')) as [string]
  assert.equal(JSON.parse(line).ok, true)
  plane.kill('SIGKILL')
  await once(plane, 'exit')
  const before = await ready(given)
  const pids = given.pids('blue')
  const adopted = value(await given.platform.ensure('blue', given.desired('r1', 'healthy'), order()))
  assert.deepEqual([adopted.running, adopted.upstreams, adopted.restarts], [1, before.upstreams, 0])
  assert.deepEqual(given.pids('blue'), pids)
})

test('process: two control planes that order the same at once start one supervisor and one set', async (t) => {
  const given = await givenProcess(t)
  const { artifact } = given.desired('r1', 'healthy')
  const script = join(import.meta.dirname, 'ensure-process.ts')
  const planes = [1, 2, 3].map(() =>
    spawn(process.execPath, [script, given.dataFolder, artifact.ref, artifact.digest, '1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  )
  t.after(() => planes.map((plane) => plane.kill('SIGKILL')))
  const lines = await Promise.all(planes.map((plane) => once(createInterface(plane.stdout!), 'line')))
  for (const [line] of lines) assert.equal(JSON.parse(line as string).ok, true, line as string)
  const seen = await ready(given)
  assert.deepEqual([seen.running, seen.desired], [1, 1])
  const supervisors = globSync('keeper-*.json', { cwd: given.folderOf('blue') })
  assert.deepEqual(supervisors, ['keeper-1.json'])
  assert.equal(readdirSync(join(given.folderOf('blue'), 'work')).length, 1, 'copies of the losers are gone')
})

test('process: the death of a supervisor leaves its instances serving, seen as they are, adopted, never doubled', async (t) => {
  const given = await givenProcess(t)
  const { desired, seen: before } = await givenReady(given)
  const pids = given.pids('blue')
  await killSupervisor(given)
  const orphaned = value(await given.platform.observe('blue', SIGNAL))
  assert.deepEqual([orphaned.running, orphaned.ready, orphaned.upstreams], [1, 1, before.upstreams])
  assert.deepEqual([orphaned.release, orphaned.digest], [before.release, before.digest])
  const adopted = value(await given.platform.ensure('blue', { ...desired, instances: 2 }, order()))
  assert.equal(adopted.desired, 2)
  const after = await ready(given)
  assert.equal(after.upstreams[0], before.upstreams[0])
  assert.equal(given.pids('blue')[0], pids[0])
  assert.equal(after.restarts, 0)
  await given.get('blue', '/say')
  await until('its output to be read on', async () =>
    value(await given.platform.logs('blue', { release: null, lines: 50, since: null }, SIGNAL)).some(({ text }) =>
      text.startsWith('said'),
    ),
  )
})

test('process: an adopted instance that exits is started again at its address', async (t) => {
  const given = await givenProcess(t)
  const { desired, seen: before } = await givenReady(given)
  await killSupervisor(given)
  value(await given.platform.ensure('blue', desired, order()))
  process.kill(given.pids('blue')[0]!, 'SIGKILL')
  const after = await until('the restart', async () => {
    const seen = value(await given.platform.observe('blue', SIGNAL))
    return seen.restarts === 1 ? seen.upstreams[0] : null
  })
  assert.equal(after, before.upstreams[0])
})

test('process: without any order, a look is enough to have orphans kept again', async (t) => {
  const given = await givenProcess(t)
  await givenReady(given)
  await killSupervisor(given)
  value(await given.platform.observe('blue', SIGNAL))
  await until('a new supervisor', () => given.supervisorPid('blue'))
  const kept = await ready(given)
  assert.deepEqual([kept.running, kept.restarts], [1, 0])
})

test('process: orphans are stopped like any others', async (t) => {
  const given = await givenProcess(t)
  await givenReady(given)
  const pids = given.pids('blue')
  await killSupervisor(given)
  refused(await given.platform.stop('blue', 'r2', order()), 'permanent', /occupied by release r1/)
  assert.equal(value(await given.platform.stop('blue', 'r1', order())).present, false)
  assert.deepEqual(pids.flatMap(groupMembers), [])
})

test('process: what died together with its supervisor (a reboot) is seen as not running, and started anew on order', async (t) => {
  const given = await givenProcess(t)
  const { desired, seen: before } = await givenReady(given)
  await killSupervisor(given)
  const [pid] = given.pids('blue')
  process.kill(pid!, 'SIGKILL')
  await until('the instance to be dead', () => groupMembers(pid!).length === 0)
  const down = value(await given.platform.observe('blue', SIGNAL))
  assert.deepEqual([down.present, down.desired, down.running, down.ready], [true, 1, 0, 0])
  value(await given.platform.ensure('blue', desired, order()))
  const up = await ready(given)
  assert.deepEqual([up.upstreams, up.restarts], [before.upstreams, 1])
})

test('process: a claim of a dead or recycled pid is taken over, one of a living process is not', async (t) => {
  const { dataFolder } = await givenProcess(t)
  const record = { format: 1 as const, pid: process.pid, start: startOf(process.pid)!, port: 1, token: 'x' }
  writeFileSync(join(dataFolder, 'keeper-3.json'), JSON.stringify({ ...record, start: 'another life of this pid' }))
  assert.equal(livingSupervisor(dataFolder), null)
  assert.equal(claim(dataFolder, record), true)
  assert.deepEqual(globSync('keeper-*.json', { cwd: dataFolder }), ['keeper-4.json'])
  assert.equal(claim(dataFolder, { ...record, pid: process.ppid }), false)
  assert.deepEqual(livingSupervisor(dataFolder), record)
})

test('process: many that claim a slot over dead holders never hold it two at a time', async (t) => {
  const { dataFolder } = await givenProcess(t)
  const script = join(import.meta.dirname, 'claim-holder.ts')
  const codes: unknown[] = []
  const lane = async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      const holder = spawn(process.execPath, [script, dataFolder], { stdio: ['ignore', 'inherit', 'inherit'] })
      codes.push((await once(holder, 'exit'))[0])
    }
  }
  await Promise.all([lane(), lane(), lane(), lane(), lane()])
  assert.deepEqual(codes, Array(40).fill(0))
  assert.deepEqual(globSync('keeper-*.json', { cwd: dataFolder }), ['keeper-40.json'])
})

test('[R-E05] process: an instance that stops being ready is withdrawn at once, and its failed probes are counted', async (t) => {
  const given = await givenProcess(t)
  const { seen: before } = await givenReady(given)
  const [address] = before.upstreams
  await fetch(`http://${address}/toggle`)
  const flapped = await until('a failed probe', async () => {
    const seen = value(await given.platform.observe('blue', SIGNAL))
    return seen.readiness.failures > 0 ? seen : null
  })
  assert.deepEqual([flapped!.running, flapped!.ready, flapped!.upstreams], [1, 0, []])
  await fetch(`http://${address}/toggle`)
  const after = await ready(given)
  assert.deepEqual([after.upstreams, after.restarts], [[address], 0])
})

test('process: a supervisor that cannot start is a failure that says why', async (t) => {
  const given = await givenProcess(t)
  await mkdir(given.folderOf('blue'), { recursive: true })
  await mkdir(join(given.folderOf('blue'), 'keeper.log'))
  refused(
    await given.platform.ensure('blue', given.desired('r1', 'healthy'), order()),
    'transient',
    /slot .*blue: EISDIR/,
  )
})

test('process: the log can be read after the slot was stopped', async (t) => {
  const given = await givenProcess(t)
  await givenReady(given)
  value(await given.platform.stop('blue', 'r1', order()))
  const lines = value(await given.platform.logs('blue', { release: null, lines: 10, since: null }, SIGNAL))
  assert.ok(
    lines.some(({ text }) => /^starting as \d+$/.test(text)),
    JSON.stringify(lines),
  )
  assert.ok(!existsSync(join(given.folderOf('blue'), 'work')))
})

test('process: an unreadable record is not taken for an empty slot', async (t) => {
  const given = await givenProcess(t)
  await mkdir(given.folderOf('green'), { recursive: true })
  const path = join(given.folderOf('green'), 'slot.json')
  writeFileSync(path, '{"release":')
  refused(await given.platform.observe('green', SIGNAL), 'permanent', /green: .*JSON/)
  writeFileSync(path, 'null')
})

test('process: a command that needs a shell is refused when the spec is read', async (t) => {
  const { dataFolder } = await givenProcess(t)
  assert.throws(() => platformOf(dataFolder, { command: 'npm ci && node server.js' }), /&&.*needs a shell/)
})
