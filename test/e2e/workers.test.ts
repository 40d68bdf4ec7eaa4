/**
 * Goal: jobs are taken by one generation of a worker at any time (R-D16), and by none of the candidate's before the switch.
 * Method: real processes; every worker writes its version into one journal as often as it can take a job, so that the
 * journal itself says who worked when, whatever the control plane believes.
 */
import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { RolloutView } from '../../src/core/views.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { type CliRun, startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { endProcessesOf, runningVersions } from './support/processes.ts'

const SERVER = `
const { createServer } = require('node:http')
const { existsSync } = require('node:fs')
createServer((request, response) => {
  const bad = request.url === '/' && existsSync('bad')
  response.writeHead(bad ? 500 : 200).end(process.env.STELLWERK_VERSION)
}).listen(Number(process.env.PORT), '127.0.0.1')
`
const WORKER = `
const { appendFileSync } = require('node:fs')
setInterval(() => appendFileSync(process.env.JOURNAL, process.env.STELLWERK_VERSION + '\\n'), 50)
${SERVER}`

const specFor = (journal: string) => `service: shop
components:
  web:
    health: { live: /health, ready: /health }
    platform: { kind: process, command: "node server.cjs" }
    router: { kind: embedded, listen: "127.0.0.1:0" }
  jobs:
    after: [web]
    health: { live: /health, ready: /health }
    platform: { kind: process, command: "node worker.cjs" }
    variables: { JOURNAL: ${JSON.stringify(journal)} }
rollout: { steps: [50%, 100%], hold: 2s, bake: { for: 2s, control: 10% }, tick: 1s, rollbackWindow: 10m, minRequests: 0 }
analysis:
  - { metric: readiness-flapping, max: 1%, trigger: { above: 5%, for: 3s } }
smoke:
  - { http: GET /, component: web, expect: { status: 200 } }
rollback: { watch: 1s }
environments:
  dev: {}
`

describe('[R-D16] workers', { timeout: 240_000 }, () => {
  let folder: string
  let up: CliRun
  const journal = () => readFile(join(folder, 'journal.log'), 'utf8').then((text) => text.trimEnd().split('\n'))
  const run = (...args: readonly string[]) => startCli(args, { cwd: folder, env: { CI: 'true' } }).ended
  const deploy = (version: string) => run('deploy', '-e', 'dev', '--artifact', version, '--yes')

  /** Versions in the order in which they took jobs, a run of one as one. */
  async function generations(): Promise<readonly string[]> {
    const lines = await journal()
    return lines.filter((version, index) => version !== lines[index - 1])
  }

  async function get<T>(path: string): Promise<T> {
    const data = join(folder, '.stellwerk')
    const { url } = JSON.parse(await readFile(join(data, 'control-plane.json'), 'utf8')) as { url: string }
    const token = (await readFile(join(data, 'local-token'), 'utf8')).trim()
    const answer = await fetch(`${url}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } })
    assert.equal(answer.status, 200)
    return (await answer.json()) as T
  }

  async function pin(version: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
    await mkdir(join(folder, version))
    const all = { 'server.cjs': SERVER, 'worker.cjs': WORKER, 'build-id': version, ...files }
    for (const [name, text] of Object.entries(all)) await writeFile(join(folder, version, name), text)
    const components = ['--component', `web=./${version}`, '--component', `jobs=./${version}`]
    const from = ['--version', version, '--commit', 'a'.repeat(40), '--build-url', 'https://ci.example.com/1']
    const pinned = await run('artifact', 'pin', ...from, ...components)
    assert.equal(pinned.code, 0, pinned.stderr)
  }

  before(async () => {
    folder = await temporaryFolder('workers')
    await writeFile(join(folder, 'stellwerk.yaml'), specFor(join(folder, 'journal.log')))
    up = startCli(['up', '--listen', '127.0.0.1:0', '--log-level', 'error'], { cwd: folder, env: { CI: 'true' } })
    await until('"stellwerk up" says where it is', () => /^control plane at http/m.test(up.stdout()), {
      timeoutMs: 60_000,
    })
    await pin('v1')
    await pin('v2')
    await pin('v3', { 'worker.cjs': 'process.exit(3)' })
    await pin('v4', { 'server.cjs': `${SERVER}\nprocess.exit(5)` })
  })
  after(async () => {
    up.child.kill('SIGTERM')
    await up.ended
    await endProcessesOf(folder)
    await rm(folder, { recursive: true, force: true })
  })

  it('a good release: the old generation takes its last job before the new one takes its first', async () => {
    assert.equal((await deploy('v1')).code, 0)
    assert.deepEqual(await generations(), ['v1'])
    const planned = await run('plan', '-e', 'dev', '--artifact', 'v2')
    assert.match(planned.stdout, /stop live's workers, then start the candidate's/)
    assert.match(planned.stdout, /stop the candidate.*start the previous version's workers/)
    const deployed = await deploy('v2')
    assert.equal(deployed.code, 0, deployed.stderr)
    await until('v2 takes jobs', async () => (await journal()).at(-1) === 'v2')
    assert.deepEqual(await generations(), ['v1', 'v2'])
    assert.deepEqual(runningVersions(folder, 'dev'), ['v1', 'v2', 'v2'], 'web v1 stands by warm, jobs v1 does not')
  })

  it('[R-D11] a control share stays on live while the new generation bakes, and comes over last', async () => {
    const [latest] = await get<readonly RolloutView[]>('/rollouts?limit=1')
    const events = await get<readonly StoredEvent[]>(`/rollouts/${latest!.id}/events?limit=1000`)
    const course = events.flatMap(({ type, data }) => {
      const { kind, command } = data as { kind?: string; command?: { route?: { weights: Record<string, number> } } }
      if (type === 'CommandIssued' && command?.route) return [Object.values(command.route.weights).toSorted().join('/')]
      return type === 'StepFinished' && kind !== 'shift' ? [kind] : []
    })
    const from = course.indexOf('activate')
    assert.deepEqual(course.slice(from), ['activate', '10/90', 'bake', '0/100', 'verify-live', 'hold', 'finalize'])
  })

  it('no job of the candidate’s before smoke and the first share have passed', async () => {
    const [latest] = await get<readonly RolloutView[]>('/rollouts?limit=1')
    const events = await get<readonly StoredEvent[]>(`/rollouts/${latest!.id}/events?limit=1000`)
    const done = (kind: string) =>
      events.findIndex((event) => event.type === 'StepFinished' && (event.data as { kind: string }).kind === kind)
    const started = events.findIndex((event) => {
      const { command } = event.data as { command?: { type: string; component?: string } }
      return event.type === 'CommandIssued' && command?.type === 'EnsureSlot' && command.component === 'jobs'
    })
    assert.ok(done('smoke') !== -1 && done('smoke') < started)
    assert.ok(done('hold') !== -1 && done('hold') < started)
    assert.ok(started < done('bake'))
  })

  it('the rollback of a finalized release: the other way round, and never both', async () => {
    const [latest] = await get<readonly RolloutView[]>('/rollouts?limit=1')
    const back = await run('rollback', latest!.id, '--reason', 'late finding')
    assert.equal(back.code, 0, back.stderr)
    await until('v1 takes jobs again', async () => (await journal()).at(-1) === 'v1')
    assert.deepEqual(await generations(), ['v1', 'v2', 'v1'])
    assert.deepEqual(runningVersions(folder, 'dev'), ['v1', 'v1'])
  })

  it('a candidate whose worker exits at once: the previous one takes jobs again, users never lost anything', async () => {
    const failed = await deploy('v3')
    assert.equal(failed.code, 5, failed.stderr)
    const before = (await journal()).length
    await until('jobs are taken', async () => (await journal()).length > before)
    assert.deepEqual(await generations(), ['v1', 'v2', 'v1'])
    assert.deepEqual(runningVersions(folder, 'dev'), ['v1', 'v1'])
  })

  it('a candidate that fails before the switch leaves the workers alone', async () => {
    const failed = await deploy('v4')
    assert.notEqual(failed.code, 0)
    assert.deepEqual(await generations(), ['v1', 'v2', 'v1'])
    assert.deepEqual(runningVersions(folder, 'dev'), ['v1', 'v1'])
  })
})
