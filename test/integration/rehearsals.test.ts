/**
 * What was rehearsed where CI runs is known to every control plane of the database, none of which has the runner's disk: two
 * real ones with a folder each, the real command line, real PostgreSQL.
 */
import assert from 'node:assert/strict'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createArtifactStore } from '../../src/adapters/artifact-store/store.ts'
import { type RunningControlPlane, startControlPlane } from '../../src/composition/start.ts'
import { type KeptRehearsal, type RehearsalRecord, rehearsalStream } from '../../src/core/rollback-path.ts'
import type { Verdict } from '../../src/core/verdict.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { keepRehearsal, keptRehearsals } from '../../src/engine/rehearsals.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { startCli } from '../../src/testing/cli-process.ts'
import { rehearsal } from '../../src/testing/http-routes.ts'
import { ENGINE_PROJECTORS } from '../../src/engine/projection.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const CI = { id: 'ci:github', roles: [], token: 'tok_ci' }
const SPEC = `
service: shop
people: { maintainer: [kim] }
components:
  api:
    platform: { kind: process, command: "node server.js" }
    router: { kind: embedded, listen: "127.0.0.1:18080" }
smoke: [{ http: GET /readiness }]
analysis: [{ metric: error-rate, max: 1%, trigger: { above: 2%, for: 1m } }]
environments:
  prod:
    approvals: [{ role: maintainer }]
    gates: [{ kind: rollback-rehearsed, accept: [rehearsal] }]
`

describe('records of rehearsals', () => {
  let database: TestDatabase
  let folder = ''
  let ends: (() => Promise<unknown>)[] = []

  beforeEach(async () => {
    ends = []
    folder = await temporaryFolder('rehearsals')
    database = await testDatabase()
  })
  afterEach(async () => {
    for (const end of ends.toReversed()) await end()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const store = async () => {
    const opened = await openPostgresStore({ connectionString: database.connectionString })
    ends.push(() => opened.close())
    return opened
  }
  const of = (change: Partial<RehearsalRecord>) => ({ ...rehearsal, ...change })

  it('are events that every store of the database reads; of each way back the newest, the newest last', async () => {
    const [here, there] = [await store(), await store()]
    const [a, b] = ['a'.repeat(64), 'b'.repeat(64)]
    for (const [path, seed] of [
      [a, 1],
      [b, 2],
      [a, 3],
    ] as const)
      await keepRehearsal(here, { record: of({ path, seed }), by: CI, once: null })
    await keepRehearsal(here, { record: of({ environment: 'stage' }), by: CI, once: null })
    const found = await keptRehearsals(there, 'shop', 'prod')
    assert.deepEqual(
      found.map(({ record, by }) => [record.path, record.seed, by]),
      [
        [b, 2, 'ci:github'],
        [a, 3, 'ci:github'],
      ],
    )
    const [event] = await there.read(rehearsalStream(rehearsal))
    assert.deepEqual([event!.type, event!.actor, event!.token], ['RollbackRehearsed', 'ci:github', 'tok_ci'])
    assert.deepEqual(await keptRehearsals(there, 'shop', 'dev'), [])
  })

  it('stand beside a table that can be made again from the log', async () => {
    const one = await store()
    for (const seed of [1, 2]) await keepRehearsal(one, { record: of({ seed }), by: CI, once: null })
    const table = async () => (await one.sql('select * from stellwerk.streams order by stream')).rows
    const live = await table()
    await one.sql('truncate stellwerk.streams')
    await one.rebuild({ projectors: ENGINE_PROJECTORS, missing: async () => [] })
    assert.deepEqual(await table(), live)
  })

  it('are kept once for one key, and handed over at the same time without losing one', async () => {
    const [here, there] = [await store(), await store()]
    const once = { owner: CI.id, key: 'k', fingerprint: 'f' }
    const answers = await Promise.all(
      [here, there, here].map((each) => keepRehearsal(each, { record: of({}), by: CI, once })),
    )
    assert.equal(new Set(answers.map((answer) => JSON.stringify(answer))).size, 1)
    const paths = [...'abcdef'].map((letter) => letter.repeat(64))
    await Promise.all(
      paths.map((path, index) =>
        keepRehearsal(index % 2 === 0 ? here : there, { record: of({ path }), by: CI, once: null }),
      ),
    )
    assert.equal((await here.read(rehearsalStream(rehearsal))).length, 1 + paths.length)
    assert.equal((await keptRehearsals(here, 'shop', 'prod')).length, paths.length)
  })

  it('handed to one control plane by a runner, open the gate of another one', async () => {
    const here = await started('here')
    await cp(join(folder, 'here/keys'), join(folder, 'there/keys'), { recursive: true })
    const there = await started('there')
    const api = apiOf(there)
    const runner = join(folder, 'runner')
    await mkdir(runner)
    await writeFile(join(runner, 'stellwerk.yaml'), SPEC)
    const { secret } = await apiOf(here)<{ secret: string }>('POST /tokens', {
      name: 'CI',
      person: 'ci:github',
      roles: [],
      scopes: ['deploy'],
      expiresAt: null,
    })
    const rehearse = (...args: readonly string[]) =>
      startCli(['rehearse', '-e', 'prod', ...args], { cwd: runner, env: { STELLWERK_TOKEN: secret } }).ended

    const asked = await wanted(join(folder, 'there'))
    /** The verdict of the gate in a new release, and where that came to stand. */
    const release = async () => {
      const { id } = await api<RolloutView>('POST /rollouts', asked)
      const view = () => api<RolloutView>(`GET /rollouts/${id}`)
      const isSettled = async () => ['aborted', 'approvals'].includes((await view()).phase)
      await until('the gate has been asked', isSettled, { timeoutMs: 30_000, everyMs: 100 })
      const events = await api<readonly StoredEvent[]>(`GET /rollouts/${id}/events?limit=1000`)
      const found = events.find(({ type }) => type === 'GateChecked')
      assert.ok(found)
      const { verdict } = found.data as unknown as { verdict: Verdict }
      return { id, verdict, phase: (await view()).phase }
    }
    const red = await release()
    assert.deepEqual([red.phase, red.verdict.outcome], ['aborted', 'fail'])
    assert.match(red.verdict.text, /Run "stellwerk rehearse -e prod --record"/)

    const offline = await rehearse()
    assert.equal(offline.code, 0, offline.stderr)
    assert.match(offline.stderr, /hand it over with --record/)
    assert.deepEqual(await api('GET /rehearsals/shop/prod'), [])
    const away = await rehearse('--record', '--server', 'http://127.0.0.1:1')
    assert.equal(away.code, 8, away.stderr)
    const good = await rehearse('--record', '--scenario', 'good', '--server', here.url)
    assert.equal(good.code, 1, good.stderr)
    assert.match(good.stderr, /Nothing was handed over: no release was rolled back/)

    const handed = await rehearse('--record', '--server', here.url)
    assert.equal(handed.code, 0, handed.stderr)
    assert.match(handed.stderr, /rollback of shop prod was rehearsed, by ci:github/)
    const [kept, ...more] = await api<readonly KeptRehearsal[]>('GET /rehearsals/shop/prod')
    assert.equal(kept?.by, 'ci:github')
    assert.deepEqual(more, [])
    const green = await release()
    assert.deepEqual([green.phase, green.verdict.outcome], ['approvals', 'pass'])
    assert.match(green.verdict.text, /rehearsed .* ago \("[^"]+", ci:github\)/)
    await api(`POST /rollouts/${green.id}/abort`, { reason: 'seen enough' })
  })

  /** A control plane with a folder of its own, as on a host of its own. */
  async function started(name: string): Promise<RunningControlPlane> {
    const running = await startControlPlane({
      dataFolder: join(folder, name),
      host: '127.0.0.1',
      port: 0,
      databaseUrl: database.connectionString,
      logLevel: 'error',
      replica: true,
      progress: () => undefined,
    })
    ends.push(() => running.tearDown())
    return running
  }

  async function wanted(dataFolder: string): Promise<object> {
    const built = join(folder, 'built')
    await mkdir(built)
    await writeFile(join(built, 'server.js'), '')
    const digest = await createArtifactStore(join(dataFolder, 'artifacts')).takeOver(
      built,
      new AbortController().signal,
    )
    assert.ok(digest.ok)
    return {
      spec: { text: SPEC, file: 'stellwerk.yaml', folder },
      environment: 'prod',
      artifact: {
        version: 'v1',
        commit: 'a'.repeat(40),
        buildUrl: 'https://ci.example.com/1',
        authors: [],
        components: { api: { ref: built, digest: digest.value } },
      },
      flags: {},
    }
  }
})

function apiOf({ url, localToken }: RunningControlPlane) {
  return async <T>(what: string, body?: object): Promise<T> => {
    const [method, path] = what.split(' ')
    const headers = { authorization: `Bearer ${localToken}`, 'content-type': 'application/json' }
    const request = { method: method!, headers, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${url}/api/v1${path}`, request)
    const text = await response.text()
    assert.ok(response.ok, `${what}: ${response.status} ${text}`)
    return JSON.parse(text) as T
  }
}
