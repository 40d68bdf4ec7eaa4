/**
 * Goal: law L2. Whatever the public API answers follows from the log alone. Method: a history with everything that may happen, on
 * a real PostgreSQL and by its two roles; every table beside the log is dropped, the job queue with them; after `rebuild` the
 * same questions have the same answers, and what was under way goes on to its end.
 */
import { english } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { claimDatabase } from '../../src/composition/alone.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { rebuildTables } from '../../src/composition/rebuild.ts'
import type { Plan } from '../../src/core/plan.ts'
import { exampleArtifact } from '../../src/testing/example-rollout.ts'
import type { RehearsalRecord } from '../../src/core/rollback-path.ts'
import { instant } from '../../src/core/time.ts'
import type { Intent } from '../../src/core/rollout/inputs.ts'
import type { ControlPlane, PlanRequest } from '../../src/engine/control-plane.ts'
import { setPolicy } from '../../src/engine/policies.ts'
import { StellwerkError } from '../../src/errors.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { failure, ok } from '../../src/ports/result.ts'
import { JOBS_SCHEMA } from '../../src/ports/sql.ts'
import type { OnceKey } from '../../src/ports/identity.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor } from '../../src/testing/plans.ts'
import { type TestDatabase, testDatabase, type TestRoles } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { ALEX, appending, type House, LIVE, MIA, openHouse, WAITING, writeAs } from './trust-world.ts'

const BESIDE = ['streams', 'environments', 'quarantine', 'tokens', 'requests', 'hosts', 'deliveries', 'channels']
const CI = { id: 'ci:github', roles: [] }
const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** One simulated outside per environment; what fails there is switched on and off by the test. */
function outsides() {
  const worlds = new Map<string, ReturnType<typeof fakeOutside>>()
  const broken = { router: new Set<string>(), notifier: new Set<string>() }
  const fault = (environment: string) => () =>
    broken.router.has(environment) ? ({ kind: 'permanent', performed: false } as const) : null
  const of = ({ environment }: Pick<Plan, 'environment'>) => {
    const deliver = () =>
      broken.notifier.has(environment) ? failure('transient', 'the channel is down') : ok({ receipt: 'told' })
    const known = worlds.get(environment)
    const world = known ?? fakeOutside({ now: () => systemClock.now(), deliver, router: { fault: fault(environment) } })
    worlds.set(environment, world)
    return world
  }
  const adapters: Adapters = {
    ...of(LIVE).adapters,
    platform: (plan, part) => of(plan).adapters.platform(plan, part),
    router: (plan, part) => of(plan).adapters.router(plan, part),
    metrics: (plan, part) => of(plan).adapters.metrics(plan, part),
    smoke: (plan) => of(plan).adapters.smoke(plan),
    notifier: (plan, to) => of(plan).adapters.notifier(plan, to),
  }
  const messages = (environment: string) => of({ environment }).messages
  return { adapters, broken, messages }
}

const QUICK: Plan['timings'] = {
  ...LIVE.timings,
  rollbackLimitMs: 6000,
  commandLimitMs: 500,
  drainLimitMs: 500,
  watchMs: 500,
}

/** Enough to say after a rollback that the previous release is well. */
const ANALYSIS: Plan['analysis'] = {
  rules: [{ kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.5, trigger: { above: 0.6, forMs: 5000 } }],
  minRequests: 5,
}

const WAITS: Plan = {
  ...LIVE,
  approvals: WAITING.approvals,
  steps: [{ kind: 'gates' }, { kind: 'approvals' }, ...LIVE.steps.slice(1)],
}

/** `v2-waits` waits for an approval; everything else goes live by itself. */
function planned({ environment, artifact }: PlanRequest): Plan {
  const plan = artifact.version.endsWith('waits') ? WAITS : LIVE
  const concurrency = environment === 'dev' ? 'supersede' : 'queue'
  const notify: Plan['notify'] = [{ on: ['*'], to: { kind: 'fake' } }]
  return { ...plan, environment, artifact, concurrency, notify, timings: QUICK, analysis: ANALYSIS }
}

const record = (environment: string, seed: number): RehearsalRecord => ({
  format: 1,
  service: 'shop',
  environment,
  path: 'a'.repeat(64),
  at: instant(1),
  scenario: 'bad',
  seed,
  result: 'rolled-back',
  trafficBackMs: 100,
})

describe('what stands beside the log', () => {
  let folder = ''
  let database: TestDatabase
  let roles: TestRoles
  let house: House
  let outside = outsides()

  beforeEach(async () => {
    folder = await temporaryFolder('rebuild')
    database = await testDatabase()
    roles = await database.roles()
    outside = outsides()
    house = await open()
  })
  afterEach(async () => {
    await house.stop()
    await database.drop()
    await rm(folder, { recursive: true, force: true })
  })

  const open = (asleepAt?: ReturnType<typeof instant>) =>
    openHouse({
      ...roles,
      dataFolder: folder,
      adapters: outside.adapters,
      planned,
      ...(asleepAt === undefined ? {} : { asleepAt }),
    })

  const rebuild = () =>
    rebuildTables({
      dataFolder: folder,
      databaseUrl: roles.connectionString,
      migrationUrl: roles.migrationUrl,
      logLevel: 'silent',
      progress: () => undefined,
    })

  async function request(environment: string, version: string, once: OnceKey | null = null): Promise<string> {
    const artifact = { ...planFor().artifact, version }
    const spec = { text: '', file: '', folder: '' }
    const asked = await house.controlPlane.request({ spec, environment, artifact, flags: {} }, ALEX, once)
    assert(asked.ok, JSON.stringify(asked))
    return asked.value.id
  }

  async function reaches(id: string, phase: string): Promise<string> {
    await until(`${id} is ${phase}`, async () => (await phaseOf(house.controlPlane, id)) === phase, {
      timeoutMs: 30_000,
    })
    return id
  }

  const live = async (environment: string, version: string) => reaches(await request(environment, version), 'finalized')
  const rollBack = (id: string) =>
    house.controlPlane.intend(id, { type: 'roll-back', reason: 'people complain', cause: 'person' }, ALEX)

  /** Good, rolled back and barred, waiting, queued, superseded, in need of a human, and all that people left beside. */
  async function history() {
    await live('prod', 'v1')
    const bad = await live('prod', 'v2')
    await rollBack(bad)
    await reaches(bad, 'rolled-back')
    const barred = await request('prod', 'v2')
    await reaches(barred, 'aborted')
    const waits = await reaches(await request('prod', 'v3-waits', KEY), 'approvals')
    const queued = await request('prod', 'v4')
    await live('dev', 'v1')
    const given = await reaches(await request('dev', 'v2-waits'), 'approvals')
    await request('dev', 'v3')
    await reaches(given, 'aborted')
    await live('stage', 'v1')
    const stuck = await live('stage', 'v2')
    outside.broken.router.add('stage')
    outside.broken.notifier.add('stage')
    await rollBack(stuck)
    await reaches(stuck, 'needs-human')
    return { bad, waits, queued, stuck, ...(await beside()) }
  }

  async function beside() {
    const [known, revoked] = [await token('person:kim'), await token('person:lee')]
    await house.tokens.revoke(revoked.token.id, { actor: 'person:root', token: null })
    for (const seed of [1, 2]) await house.controlPlane.recordRehearsal(record('prod', seed), CI, null)
    const pinned = await house.controlPlane.pin({ service: 'shop', artifact: exampleArtifact() }, CI)
    assert.ok(pinned.ok, pinned.ok ? '' : pinned.message)
    for (const bytes of [1, 2])
      await house.controlPlane.recordContent(
        { service: 'shop', digest: `sha256:${'0'.repeat(64)}`, bytes, files: 1 },
        CI,
      )
    const source = { text: '', file: '', folder: '/' }
    const policy = {
      format: 1,
      people: {},
      accounts: {},
      approvals: [],
      gates: [],
      weaken: {},
      calendar: null,
    } as const
    const analysis = { rules: [], minRequests: 20, holdMs: null, bakeMs: 1000 }
    const propose = async () => ({ ok: true, value: { service: 'shop', policy: { ...policy, analysis } } }) as const
    const request = { source, environment: 'prod', expected: null, note: 'as agreed' }
    const set = await setPolicy({ strengths: {}, propose }, house.store, {
      request,
      by: { id: 'person:root', roles: [] },
    })
    assert(set.ok)
    return { known, revoked }
  }

  async function token(person: string) {
    const request = {
      name: `token of ${person}`,
      person,
      roles: ['maintainer'],
      scopes: ['read'] as const,
      expiresAt: null,
    }
    const issued = await house.tokens.issue(request, { actor: 'person:root', token: null })
    assert(issued.ok)
    return issued.value
  }

  /** The log, its head and checkpoints are left; nothing else, not even the jobs. */
  async function dropAll(): Promise<void> {
    const tables = BESIDE.map((table) => `stellwerk.${table}`).join(', ')
    await writeAs(database.connectionString, [`drop table ${tables} cascade`, `drop schema ${JOBS_SCHEMA} cascade`])
  }

  /** Asked of a control plane that drives nothing, at this moment. */
  async function answersAt(now: ReturnType<typeof instant>) {
    house = await open(now)
    const answers = await answersOf(house)
    await house.stop()
    return answers
  }

  it('is made again from the log alone: the same answers, and what was under way goes on to its end', async () => {
    const { bad, waits, queued, stuck, known, revoked } = await history()
    await house.stop()
    const [now, shape] = [systemClock.now(), await shapeOf(database)]
    const before = await answersAt(now)
    await dropAll()
    await assert.rejects(
      open(now),
      (error) => error instanceof StellwerkError && english(error.text.fix ?? '') === 'stellwerk rebuild',
    )
    const rebuilt = await rebuild()
    assert.deepEqual(rebuilt.unreadable, [])
    assert.equal(rebuilt.tokens, 2)
    assert.deepEqual(await shapeOf(database), shape)
    assert.deepEqual(await answersAt(now), before)
    const again = await rebuild()
    assert.deepEqual({ ...again, jobs: 0 }, { ...rebuilt, jobs: 0 })
    assert.equal(again.jobs, 0, 'orders that have a job get no second one')
    assert.deepEqual(await answersAt(now), before)

    outside.broken.router.clear()
    outside.broken.notifier.clear()
    house = await open()
    assert.notEqual(await house.tokens.authenticate(known.secret), null)
    assert.equal(await house.tokens.authenticate(revoked.secret), null)
    assert.equal(await request('prod', 'v3-waits', KEY), waits, 'a repetition is told what the first one was told')
    const approve: Intent = {
      type: 'approve',
      approval: 'maintainer',
      seen: { rollout: waits, planHash: 'hash of v3-waits', identity: 'v3-waits' },
    }
    const approved = await house.controlPlane.intend(waits, approve, MIA)
    assert(approved.ok, JSON.stringify(approved))
    await reaches(waits, 'finalized')
    await reaches(queued, 'finalized')
    await until('people of stage hear what nobody could be told before', () =>
      outside.messages('stage').some(({ event }) => event === 'needs-human'),
    )
    const barred = await request('prod', 'v2')
    await reaches(barred, 'aborted')
    assert.equal(await phaseOf(house.controlPlane, bad), 'rolled-back')
    assert.equal(await phaseOf(house.controlPlane, stuck), 'needs-human')
  })

  it('is not made again below a control plane that runs, nor out of a log that cannot be trusted', async () => {
    const id = await live('prod', 'v1')
    const claim = {
      connectionString: roles.connectionString,
      clock: systemClock,
      log: silentLog,
      onLost: () => undefined,
    }
    const claimed = await claimDatabase({ ...claim, isReplica: true })
    await assert.rejects(rebuild(), (error) => {
      assert(error instanceof StellwerkError)
      assert.match(
        english(error.text.what),
        /^nothing was rebuilt: another control plane works on this database \(stellwerk \d+@/,
      )
      assert.match(english(error.text.fix ?? ''), /end every control plane .* \(stellwerk \d+@.*stellwerk rebuild/)
      return true
    })
    await claimed.stop()
    assert.notEqual(await house.trust.sign(), null)
    const { version } = (await house.store.row(id))!
    await house.stop()
    await writeAs(database.connectionString, [appending(id, version + 1, 'Aborted', { reason: 'forged' })])
    await assert.rejects(rebuild(), /the log cannot be trusted.*was not written by the control plane/)
    house = await open()
  })

  it('cannot be made again where the log itself is gone', async () => {
    await house.stop()
    await writeAs(database.connectionString, ['drop table stellwerk.log_head'])
    await assert.rejects(rebuild(), /lacks stellwerk.log_head.*part of the log/)
    house = { ...house, stop: async () => undefined }
  })
})

const KEY: OnceKey = { owner: 'person:alex', key: 'build 42', fingerprint: 'f'.repeat(64) }

async function phaseOf(controlPlane: ControlPlane, id: string): Promise<string> {
  const seen = await controlPlane.rollout(id)
  return seen.ok ? seen.value.phase : 'unknown'
}

/** Everything that may be asked of what was, in the words of the API. */
async function answersOf({ controlPlane, tokens, store }: House) {
  const rollouts = await controlPlane.rollouts({ limit: 100 })
  const one = async (id: string) => [await controlPlane.rollout(id), await controlPlane.rolloutPlan(id)]
  // The name of a token is no fact of the log, nor when it was last used.
  const issued = (await tokens.list()).map(({ name: _name, lastUsedAt: _lastUsedAt, ...facts }) => facts)
  return {
    rollouts,
    each: await Promise.all(rollouts.map(({ id }) => one(id))),
    status: untimed(await controlPlane.status({})),
    policies: await controlPlane.policies(),
    history: await controlPlane.policyHistory('shop', 'prod'),
    pinned: await controlPlane.pinned('shop', exampleArtifact().version),
    rehearsals: await controlPlane.rehearsals('shop', 'prod'),
    readiness: untimed(await controlPlane.health()),
    streams: await store.list({ limit: 1000 }),
    environments: await store.environments(),
    issued,
  }
}

/** Without the moment at which the answer itself looked. */
function untimed(answer: unknown): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value) => (key === 'observedAt' ? undefined : value)))
}

/** Columns, indexes, rules, comments and rights of every table. */
async function shapeOf({ connectionString }: TestDatabase): Promise<unknown> {
  const { Client } = await import('pg')
  const client = new Client({ connectionString })
  await client.connect()
  const ask = async (text: string) => (await client.query(text)).rows
  try {
    return {
      columns:
        await ask(`select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
        where table_schema = 'stellwerk' order by table_name, column_name`),
      indexes: await ask(`select indexdef from pg_indexes where schemaname = 'stellwerk' order by indexdef`),
      rules: await ask(`select conrelid::regclass::text, pg_get_constraintdef(oid) as rule from pg_constraint
        where connamespace = 'stellwerk'::regnamespace order by 1, 2`),
      tables:
        await ask(`select relname, pg_get_userbyid(relowner) as owner, reloptions, relacl::text, obj_description(oid)
        from pg_class where relnamespace = 'stellwerk'::regnamespace and relkind = 'r' order by relname`),
      comments: await ask(`select objoid::regclass::text, objsubid, description from pg_description
        where objoid in (select oid from pg_class where relnamespace = 'stellwerk'::regnamespace) order by 1, 3`),
    }
  } finally {
    await client.end()
  }
}
