/** Real processes: releases that change the set of components, what users get meanwhile, and what is left afterwards. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { until } from '../../src/testing/until.ts'
import { instancesOf } from './support/processes.ts'

const BIN = join(import.meta.dirname, '../../bin/stellwerk')
/** Each version has a path that no other one has. */
const SERVE = `const { readFileSync } = require('node:fs')
const text = readFileSync('text', 'utf8')
const status = (url) => (url === '/' || url === '/only-' + text ? 200 : 404)
require('node:http').createServer(({ url }, res) => res.writeHead(status(url)).end(text)).listen(process.env.PORT, '127.0.0.1')
`

let dir: string
let up: ChildProcess
let log = ''

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stellwerk-sets-'))
  up = spawn(BIN, ['up', '--listen', '127.0.0.1:0'], { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [up.stdout, up.stderr]) stream?.on('data', (chunk) => (log += chunk))
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(dir, version))
    writeFileSync(join(dir, version, 'text'), version)
    writeFileSync(join(dir, version, 'serve.cjs'), SERVE)
  }
  await until('the control plane runs', () => log.includes('control plane at'), { timeoutMs: 60_000 })
})

async function endUp(): Promise<void> {
  if (up.exitCode !== null || up.signalCode !== null) return
  const ended = new Promise((resolve) => up.once('exit', resolve))
  up.kill('SIGTERM')
  await ended
}

after(async () => {
  await endUp()
  await run('down', '--yes')
  rmSync(dir, { recursive: true, force: true })
})

function run(...args: readonly string[]): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    execFile(BIN, args, { cwd: dir, timeout: 90_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, said: `${out}${err}` })
    })
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

type Set = Readonly<Record<string, number | null>>

/** Components by name with their port, null for none; pinned from the folder of the version, and deployed. */
async function deploy(environment: string, version: string, set: Set, window = '10m') {
  const components = Object.entries(set).map(([name, port]) => {
    const router = port === null ? '' : `, router: { kind: embedded, listen: "127.0.0.1:${port}" }`
    return `  ${name}: { health: { live: /, ready: / }, platform: { kind: process, command: "node serve.cjs", stopGrace: 1s }${router} }`
  })
  const routed = Object.keys(set).filter((name) => set[name] !== null)
  const smoke = routed.flatMap((component) =>
    ['/', `/only-${version}`].map(
      (path) => `  - { http: GET ${path}, component: ${component}, expect: { status: 200 } }`,
    ),
  )
  writeFileSync(
    join(dir, 'stellwerk.yaml'),
    `service: ${environment}
components:
${components.join('\n')}
rollout: { steps: [50%, 100%], hold: 2s, bake: 2s, tick: 1s, rollbackWindow: ${window}, minRequests: 0 }
analysis:
  - { metric: readiness-flapping, max: 1%, trigger: { above: 5%, for: 3s } }
smoke:
${smoke.join('\n')}
rollback: { watch: 1s }
environments: { dev: {} }
`,
  )
  const parts = Object.keys(set).flatMap((name) => ['--component', `${name}=./${version}`])
  const build = ['--commit', 'a'.repeat(40), '--build-url', 'https://ci.example/1']
  const name = `${environment}-${version}`
  const pinned = await run('artifact', 'pin', '--version', name, ...build, ...parts)
  assert.equal(pinned.code, 0, pinned.said)
  return run('deploy', '-e', 'dev', '--artifact', name, '--yes')
}

async function answer(port: number): Promise<string> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text()
  } catch {
    return 'refused'
  }
}

/** Names of the checks of every run against live, in the order of the log. */
async function liveChecks(rollout: string): Promise<readonly (readonly string[])[]> {
  const exported = await run('audit', 'export', '--out', `${rollout}.ndjson`)
  assert.equal(exported.code, 0, exported.said)
  const lines = readFileSync(join(dir, `${rollout}.ndjson`), 'utf8')
    .trim()
    .split('\n')
  return lines
    .map((line) => JSON.parse(line).event)
    .filter((event) => event?.stream === rollout && event.type === 'SmokeFinished' && event.data.target === 'live')
    .map(({ data }) => data.report.checks.map(({ name }: { readonly name: string }) => name))
}

describe('a release changes the set of components', () => {
  it('added: it serves at once, and a rollback after the end takes it away while the old one is back', async () => {
    const [web, api] = [await freePort(), await freePort()]
    assert.equal((await deploy('added', 'v1', { web })).code, 0)
    const second = await deploy('added', 'v2', { web, api, jobs: null })
    assert.equal(second.code, 0, second.said)
    assert.match(second.said, /api is new here: nobody to share traffic with/)
    assert.deepEqual([await answer(web), await answer(api)], ['v2', 'v2'])
    const back = await run('rollback', 'added-dev-2', '--reason', 'as a test')
    assert.equal(back.code, 0, back.said)
    assert.deepEqual([await answer(web), await answer(api)], ['v1', 'refused'])
    const checks = await liveChecks('added-dev-2')
    const whose = ['GET / is 200', 'GET /only-v1 is 200']
    assert.deepEqual(checks.at(-1), whose, 'what users are back on is tested by its own checks')
  })

  it('addresses exchanged: each answers with the other, and a rollback exchanges them again', async () => {
    const [one, two] = [await freePort(), await freePort()]
    assert.equal((await deploy('exchanged', 'v1', { web: one, api: two })).code, 0)
    const second = await deploy('exchanged', 'v2', { web: two, api: one })
    assert.equal(second.code, 0, second.said)
    assert.deepEqual([await answer(one), await answer(two)], ['v2', 'v2'])
    const back = await run('rollback', 'exchanged-dev-2', '--reason', 'as a test')
    assert.equal(back.code, 0, back.said)
    assert.deepEqual([await answer(one), await answer(two)], ['v1', 'v1'])
  })

  it('renamed at its address, and another one removed: the old ones are gone when the window ends', async () => {
    const [one, two] = [await freePort(), await freePort()]
    assert.equal((await deploy('renamed', 'v1', { web: one, old: two })).code, 0)
    const second = await deploy('renamed', 'v2', { front: one }, '1s')
    assert.equal(second.code, 0, second.said)
    assert.deepEqual([await answer(one), await answer(two)], ['v2', 'refused'])
    const slots = () => ['web', 'old'].map((name) => join(dir, '.stellwerk/slots/renamed/dev', name, 'blue/slot.json'))
    const isEmpty = (file: string) => {
      try {
        return !readFileSync(file, 'utf8').includes('renamed-dev-1')
      } catch {
        return true
      }
    }
    await until('what the previous release had is stopped', () => slots().every(isEmpty), { timeoutMs: 30_000 })
    assert.equal(await answer(one), 'v2')
    assert.doesNotMatch((await run('status')).said, /left over/)
  })
})

describe('down', () => {
  it('ends what any release ever started here, also what only an older one had', async () => {
    const [web, old] = [await freePort(), await freePort()]
    assert.equal((await deploy('ended', 'v1', { web, old, jobs: null })).code, 0)
    assert.equal((await deploy('ended', 'v2', { web })).code, 0)
    const running = () => instancesOf(dir, 'dev')
    assert.ok(running().length >= 3, 'web of both releases, and old, stand by')
    await endUp()
    const down = await run('down', '--yes')
    assert.equal(down.code, 0, down.said)
    assert.deepEqual(running(), [])
    assert.deepEqual([await answer(web), await answer(old)], ['refused', 'refused'])
  })
})
