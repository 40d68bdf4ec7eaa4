/**
 * A pipeline on another machine: each run has a folder, a home and a data folder of its own that are gone afterwards, and
 * shares nothing with the control plane but its address. What it built is released all the same, and promoted later.
 */
import assert from 'node:assert/strict'
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { EnvironmentView } from '../../src/core/views.ts'
import type { ContentState } from '../../src/ports/contents.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { remove } from '../../src/adapters/artifact-store/homes.ts'
import { manifestText } from '../../src/adapters/artifact-store/manifest.ts'
import { readTree } from '../../src/adapters/artifact-store/tree.ts'
import type { PinnedArtifact } from '../../src/core/pinned.ts'
import { type CliRun, startCli } from '../../src/testing/cli-process.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { endProcessesOf } from './support/processes.ts'

const SPEC = `
service: hello
components:
  web:
    health: { live: /health, ready: /health }
    platform: { kind: process, command: "node server.cjs" }
    router: { kind: embedded, listen: "127.0.0.1:0" }
rollout: { steps: [100%], hold: 300ms, bake: 300ms, tick: 100ms, rollbackWindow: 10m, minRequests: 0 }
analysis:
  - { metric: memory, max: 2GB }
smoke:
  - { http: GET /, expect: { status: 200 } }
environments:
  dev: {}
  stage: { gates: [artifact-pinned] }
`

const server = (version: string) => `
const { createServer } = require('node:http')
createServer((request, response) => response.end('${version}')).listen(process.env.PORT, '127.0.0.1')
`

type Ended = Awaited<CliRun['ended']>

let house: string
let up: CliRun
let url: string
let token: string
let runs = 0

before(async () => {
  house = await temporaryFolder('travel')
  await mkdir(join(house, 'control'), { recursive: true })
  await start()
  await writeFile(join(house, 'control/stellwerk.yaml'), SPEC)
  for (const environment of ['dev', 'stage']) {
    const args = ['policy', 'set', '-e', environment, '--note', 'as agreed', '--yes']
    await ok(startCli(args, { cwd: join(house, 'control') }).ended)
  }
  token = await tokenOf('ci:pipeline', 'deploy')
})

async function start(): Promise<void> {
  const env = { CI: 'true', HOME: join(house, 'control') }
  const args = ['up', '--listen', '127.0.0.1:0', '--log-level', 'error', '--artifact-limit', '1MB']
  up = startCli(args, { cwd: join(house, 'control'), env })
  const said = () => /http:\S+/.exec(up.stdout())?.[0] ?? null
  url = (await until('"stellwerk up" says where it is', said, { timeoutMs: 120_000 })) ?? ''
}

after(async () => {
  up.child.kill('SIGTERM')
  await up.ended
  await endProcessesOf(house)
  await remove(join(house, 'control/.stellwerk/artifacts'))
  await rm(house, { recursive: true, force: true })
})

/** As somebody on the machine of the control plane, without starting a process for it. */
async function ask(path: string, body?: object): Promise<Response> {
  const answer = await (body === undefined ? send('GET', path) : post(path, body))
  assert.ok(answer.ok, `${path}: ${answer.status}`)
  return answer
}

function post(path: string, body: object | string): Promise<Response> {
  return send('POST', path, typeof body === 'string' ? body : JSON.stringify(body))
}

async function send(method: string, path: string, body?: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  const secret = (await readFile(join(house, 'control/.stellwerk/local-token'), 'utf8')).trim()
  const type = method === 'POST' ? 'application/json' : 'application/octet-stream'
  const headers = { authorization: `Bearer ${secret}`, 'content-type': type }
  return fetch(`${url}/api/v1${path}`, { method, headers, ...(body !== undefined && { body }) })
}

async function tokenOf(person: string, scope: string, services: readonly string[] | null = null): Promise<string> {
  const asked = { name: `for ${person}`, person, roles: [], scopes: [scope], expiresAt: null, services }
  return ((await (await ask('/tokens', asked)).json()) as { secret: string }).secret
}

type Runner = {
  run(args: readonly string[], as?: string): Promise<Ended>
  readonly folder: string
  gone(): Promise<void>
}

/** A machine with nothing on it but the checked-out spec, and what it builds. */
async function runner(build?: string): Promise<Runner> {
  const folder = join(house, `runner-${++runs}`)
  await mkdir(join(folder, 'dist'), { recursive: true })
  await writeFile(join(folder, 'stellwerk.yaml'), SPEC)
  if (build !== undefined) await writeFile(join(folder, 'dist/server.cjs'), server(build))
  return {
    folder,
    run: (args, as = token) => {
      const env = { CI: 'true', HOME: folder, STELLWERK_URL: url, STELLWERK_TOKEN: as }
      return startCli(args, { cwd: folder, env }).ended
    },
    gone: () => rm(folder, { recursive: true, force: true }),
  }
}

function pinArgs(version: string): readonly string[] {
  const build = ['--commit', 'ab'.repeat(20), '--build-url', `https://ci.example.org/${version}`]
  return ['artifact', 'pin', '--version', version, ...build, '--component', 'web=./dist']
}

function deployArgs(environment: string, version: string): readonly string[] {
  return ['deploy', '-e', environment, '--artifact', version, '--yes']
}

async function ok(ended: Promise<Ended>): Promise<Ended> {
  const all = await ended
  assert.equal(all.code, 0, all.stderr)
  return all
}

async function live(environment: string): Promise<string> {
  const [view] = (await (await ask(`/status?environment=${environment}`)).json()) as readonly EnvironmentView[]
  return JSON.stringify(view!.serving)
}

describe('a pipeline on another machine', () => {
  it('[R-A05] releases v1, then v2, and promotes v1 afterwards, though its runner is long gone', async () => {
    for (const version of ['v1', 'v2']) {
      const machine = await runner(version)
      const pinned = await ok(machine.run(pinArgs(version)))
      assert.match(pinned.stderr, /web: \d+ kB handed over/)
      await ok(machine.run(deployArgs('dev', version)))
      await machine.gone()
    }
    assert.match(await live('dev'), /"v2"/)
    const later = await runner()
    await ok(later.run(deployArgs('stage', 'v1')))
    assert.match(await live('stage'), /"v1"/)
    const shown = await ok(later.run(['artifact', 'show', 'v1']))
    assert.match(shown.stdout, /runner-1\/dist/)
    const homes = await readdir(join(house, 'control/.stellwerk/artifacts'))
    assert.equal(homes.filter((name) => name.startsWith('sha256-')).length, 2, homes.join(' '))
  })

  it('the log says who brought which content, and who pinned what', async () => {
    const events = (await (await ask('/audit/export')).text())
      .split('\n')
      .flatMap((line) => (line.includes('"type":"') ? [JSON.parse(line) as { event?: StoredEvent } & StoredEvent] : []))
      .map((line) => line.event ?? line)
    const of = (type: string) => events.filter((event) => event.type === type)
    assert.deepEqual(
      of('ArtifactPinned').map(({ actor, data }) => [
        actor,
        (data as { artifact: { version: string } }).artifact.version,
      ]),
      [
        ['ci:pipeline', 'v1'],
        ['ci:pipeline', 'v2'],
      ],
    )
    assert.deepEqual(
      of('ContentReceived').map(({ actor, token: id }) => [actor, typeof id]),
      [
        ['ci:pipeline', 'string'],
        ['ci:pipeline', 'string'],
      ],
    )
  })

  it('[R-A04] is refused, with the exit code that says why', async () => {
    const again = await runner('another v1')
    const twice = await again.run(pinArgs('v1'))
    assert.equal(twice.code, 1, twice.stderr)
    assert.match(twice.stderr, /v1 is pinned already, as something else, by ci:pipeline/)

    const reading = await again.run(pinArgs('v3'), await tokenOf('person:reader', 'read'))
    assert.equal(reading.code, 9, reading.stderr)
    const other = await again.run(pinArgs('v3'), await tokenOf('ci:other', 'deploy', ['other']))
    assert.equal(other.code, 9, other.stderr)
    assert.match(other.stderr, /token does not count for hello/)

    const large = await runner('large')
    await writeFile(join(large.folder, 'dist/large'), Buffer.alloc(1_100_000))
    const tooLarge = await large.run(pinArgs('v3'))
    assert.equal(tooLarge.code, 2, tooLarge.stderr)
    assert.match(tooLarge.stderr, /takes at most 1000000.*--artifact-limit/s)

    const unknown = await again.run(deployArgs('dev', 'v9'))
    assert.equal(unknown.code, 2, unknown.stderr)
    assert.match(unknown.stderr, /no such version is pinned here, nor at a control plane/)

    // Pinned on the runner's own disk, and never handed over.
    const alone = await runner('alone')
    const env = { CI: 'true', HOME: alone.folder }
    await ok(startCli(pinArgs('v4'), { cwd: alone.folder, env }).ended)
    await cp(join(alone.folder, '.stellwerk/artifacts/v4.json'), join(again.folder, 'v4.json'))
    await remove(join(alone.folder, '.stellwerk/artifacts'))
    await alone.gone()
    const notThere = await again.run(deployArgs('dev', './v4.json'))
    assert.equal(notThere.code, 1, notThere.stderr)
    assert.match(notThere.stderr, /is not kept by the control plane.*pin it with --server/s)
  })

  it('pinned by eight at once, each with something else, a version is one of them', async () => {
    const machine = await runner('at once')
    await ok(machine.run(pinArgs('v5')))
    const { artifact } = (await (await ask('/artifacts/hello/v5')).json()) as PinnedArtifact
    const pinned = Array.from({ length: 8 }, (_, index) =>
      post('/artifacts', {
        service: 'hello',
        artifact: { ...artifact, version: 'v6', buildUrl: `https://ci.example.org/${index}` },
      }),
    )
    const statuses = (await Promise.all(pinned)).map(({ status }) => status)
    assert.deepEqual(statuses.toSorted(), [201, 409, 409, 409, 409, 409, 409, 409])
  })

  it('a version whose components nobody could release is not taken', async () => {
    const { artifact } = (await (await ask('/artifacts/hello/v5')).json()) as PinnedArtifact
    const [part] = Object.values(artifact.components)
    for (const [components, why] of [
      ['{}', /has at least one component, and v7 has none/],
      [`{"__proto__":${JSON.stringify(part)}}`, /has at least one component/],
      [`{"web ":${JSON.stringify(part)}}`, /\\"web \\" is no name of a component/],
    ] as const) {
      const body = JSON.stringify({ service: 'hello', artifact: { ...artifact, version: 'v7', components: 0 } })
      const answer = await post('/artifacts', body.replace('"components":0', `"components":${components}`))
      assert.equal(answer.status, 422, components)
      assert.match(await answer.text(), why)
    }
  })

  it('a control plane that is killed in the middle of a content goes on where it was', async () => {
    const machine = await runner('killed')
    await writeFile(join(machine.folder, 'dist/large'), Buffer.alloc(900_000, 'large'))
    const read = await readTree(join(machine.folder, 'dist'))
    assert.ok(read.ok)
    const { digest } = read.value
    const path = `/contents/hello/${digest}`
    assert.equal((await send('PUT', path, manifestText(read.value))).status, 200)
    const sent = await send('PATCH', path, Buffer.alloc(900_000, 'large').subarray(0, 400_000))
    assert.equal(sent.status, 200, await sent.text())
    up.child.kill('SIGKILL')
    await up.ended
    await start()
    const state = (await (await ask(path)).json()) as ContentState
    assert.deepEqual([state.state, state.receivedBytes], ['partial', 400_000])
    await ok(machine.run(pinArgs('v8')))
    assert.equal(((await (await ask(path)).json()) as ContentState).state, 'kept')
    await ok(machine.run(deployArgs('dev', 'v8')))
  })
})
