/**
 * Goal: an upgrade in the middle of a rollout loses nothing. Method: two packages of different versions, unpacked as npm would, one data
 * folder. The old one releases v1 and brings half of the users to v2; there it is ended, and the new one started. Users ask all
 * the time; what serves them keeps running, and the new one finalizes the rollout and takes it back, all of it with processes that
 * the old one started.
 */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { RolloutView } from '../../src/core/views.ts'
import { type CliRun, startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { readVersion } from '../../src/version.ts'
import { endProcessesOf, instancesOf } from '../e2e/support/processes.ts'
import { freePort } from '../../examples/lokaltreu/testing/instance.ts'
import { pack, unpack } from '../package/packed.ts'

const OLD = '0.0.9'
const PATIENCE = { timeoutMs: 120_000, everyMs: 200 }

const SPEC = (port: number) => `
service: shop
components:
  api:
    health: { live: /health, ready: /readiness }
    platform: { kind: process, command: "node server.mjs" }
    instances: 2
    router: { kind: embedded, listen: "127.0.0.1:${port}" }
# Nothing advances but by "promote": the upgrade comes when it comes, however slow the machine is.
rollout: { steps: [50%, 100%], hold: 1h, bake: 1h, rollbackWindow: 24h, tick: 1s, minRequests: 5 }
analysis:
  - { metric: error-rate, max: 20%, trigger: { above: 50%, for: 5s } }
smoke:
  - { http: GET /, expect: { status: 200 } }
rollback: { watch: 1s }
environments: { prod: {} }
`

const SERVER = (version: string) => `
import { createServer } from 'node:http'
const server = createServer((_, response) => response.end('${version}'))
server.listen(process.env.PORT, '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

type Users = { readonly answers: Map<string, number>; lost: number; last: string }

/** One request after another, for ever: what came back, by version, and what did not. */
function ask(port: number, signal: AbortSignal): Users {
  const users: Users = { answers: new Map(), lost: 0, last: '' }
  const one = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })
    users.last = await answer.text()
    if (answer.ok) users.answers.set(users.last, (users.answers.get(users.last) ?? 0) + 1)
    else users.lost += 1
  }
  void (async () => {
    while (!signal.aborted) {
      await one().catch(() => (users.lost += 1))
      await pause(20)
    }
  })()
  return users
}

test('an upgrade in the middle of a traffic step loses nothing: the new version ends the rollout, and takes it back', async (t) => {
  const { folder, port, old, renewed } = await stage(t)
  const run = (bin: string, ...args: string[]) => startCli(args, { bin, cwd: folder }).ended
  const view = async (id: string) => {
    const { code, stdout, stderr } = await run(old, 'list', '--json')
    assert.equal(code, 0, stderr)
    const views = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RolloutView)
    return views.find((each) => each.id === id)!
  }
  const deploy = async (version: string) => {
    const { code, stderr } = await run(old, 'deploy', '-e', 'prod', '--artifact', version, '--yes', '--detach')
    assert.ok(code === 0 || code === 130, stderr)
  }
  const finalize = (bin: string, id: string) =>
    until(
      `${id} is finalized`,
      async () => {
        await run(bin, 'promote', id)
        return (await view(id)).phase === 'finalized'
      },
      { ...PATIENCE, everyMs: 1000 },
    )

  const before = await up(t, old, folder)
  await deploy('v1')
  const asking = new AbortController()
  t.after(() => asking.abort())
  await until(
    'v1 answers',
    () =>
      fetch(`http://127.0.0.1:${port}/`).then(
        ({ ok }) => ok,
        () => false,
      ),
    PATIENCE,
  )
  const users = ask(port, asking.signal)
  await finalize(old, 'shop-prod-1')
  await deploy('v2')
  await until('half of the users are on v2', async () => (await view('shop-prod-2')).candidate.weight === 50, PATIENCE)
  await until('it is held there', async () => (await view('shop-prod-2')).phase === 'holding', PATIENCE)
  const held = await view('shop-prod-2')
  const serving = instancesOf(folder, 'prod')
  const refused = await run(renewed, 'deploy', '-e', 'prod', '--artifact', 'v2', '--yes')
  assert.equal(refused.code, 2)
  assert.match(refused.stderr, new RegExp(`this is stellwerk ${readVersion()}, the control plane is ${OLD}`))

  before.child.kill('SIGTERM')
  assert.equal((await before.ended).code, 0)
  const after = await up(t, renewed, folder)
  const found = await view('shop-prod-2')
  assert.deepEqual(
    [found.phase, found.candidate.weight, found.planHash, found.requestedAt],
    [held.phase, held.candidate.weight, held.planHash, held.requestedAt],
  )
  assert.deepEqual(instancesOf(folder, 'prod'), serving, 'no instance was started or ended')

  await finalize(renewed, 'shop-prod-2')
  await until('all users are on v2', () => users.last === 'v2', PATIENCE)
  const verified = await run(renewed, 'audit', 'verify')
  assert.equal(verified.code, 0, verified.stdout + verified.stderr)
  const back = await run(renewed, 'rollback', 'shop-prod-2', '--reason', 'changed our mind')
  assert.equal(back.code, 0, back.stderr)
  await until('users are back on v1', () => users.last === 'v1', PATIENCE)
  asking.abort()
  assert.equal(users.lost, 0, `of ${JSON.stringify([...users.answers])}`)
  assert.ok(users.answers.get('v1')! > 0 && users.answers.get('v2')! > 0)
  after.child.kill('SIGTERM')
  await after.ended
  const down = await run(renewed, 'down', '--yes')
  assert.equal(down.code, 0, down.stderr)
})

/** Both packages, a folder with two pinned versions, and its port. */
async function stage(t: TestContext) {
  const folder = await temporaryFolder('upgrade')
  t.after(async () => {
    await endProcessesOf(folder)
    rmSync(folder, { recursive: true, force: true })
  })
  const tarball = await pack(folder)
  const [before, renewed] = await Promise.all(['old', 'new'].map((name) => unpack(tarball, join(folder, name))))
  for (const manifest of ['package.json', 'lib/package.json'].map((name) => join(before!, name)))
    writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest, 'utf8')), version: OLD }))
  const [port, old] = [await freePort(), join(before!, 'bin/stellwerk.mjs')]
  writeFileSync(join(folder, 'stellwerk.yaml'), SPEC(port))
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'server.mjs'), SERVER(version))
    const commit = version === 'v1' ? '1'.repeat(40) : '2'.repeat(40)
    const identity = ['--version', version, '--commit', commit, '--build-url', `https://ci.example.org/${version}`]
    const args = ['artifact', 'pin', ...identity, '--component', `api=./${version}`]
    const pinned = await startCli(args, { bin: old, cwd: folder }).ended
    assert.equal(pinned.code, 0, pinned.stderr)
  }
  return { folder, port, old, renewed: join(renewed!, 'bin/stellwerk.mjs') }
}

async function up(t: TestContext, bin: string, cwd: string): Promise<CliRun> {
  const started = startCli(['up', '--listen', '127.0.0.1:0', '--log-level', 'error'], { bin, cwd })
  t.after(() => started.child.kill('SIGKILL'))
  await until(
    '"stellwerk up" says where it is',
    () => {
      assert.equal(started.child.exitCode, null, started.stderr())
      return /^control plane at http/m.test(started.stdout())
    },
    PATIENCE,
  )
  return started
}
