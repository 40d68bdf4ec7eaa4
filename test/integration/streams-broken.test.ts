/**
 * Goal: a stream that fails stops alone and loudly. Method: a thousand due streams on a real PostgreSQL, among them one that
 * cannot be folded, one that an interlock stops, one whose effect fails and one that the database refuses. The others go on
 * as if these were not there; the broken ones are named, and go on when they are mended.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { begin } from '../../src/engine/drive.ts'
import { createEngine } from '../../src/engine/engine.ts'
import type { Log } from '../../src/ports/log.ts'
import type { StoreTransaction } from '../../src/ports/store.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor, requestFor } from '../../src/testing/plans.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'

const STREAMS = 1000
const WAIT_MS = 120_000
const { timings } = planFor()
const idOf = (place: string) => `shop-${place}-1`
const placeOf = (index: number) => `place${index}`

/** A database full of releases that wait in a queue and are due: with a tick each gives up, which frees its environment. */
async function thousandDue() {
  const database = await testDatabase()
  const { connectionString } = database
  const store = await openPostgresStore({ connectionString })
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  const loud: { readonly message: string; readonly stream: unknown; readonly error: unknown }[] = []
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message, { stream, error } = {}) => void loud.push({ message, stream, error }),
  }
  const { adapters } = fakeOutside({ now: () => systemClock.now() })
  const shared = { store, queue, clock: systemClock, adapters, log, sweepMs: 600_000, reconcileMs: 600_000 }
  const engine = createEngine(shared)
  const unused = async () => assert.fail('not under test')
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: unused,
    audit: { verify: unused, checkpoint: unused, export: () => assert.fail('not under test') },
    health: async () => ({ ok: true, checks: [] }),
  })
  await queue.start()
  for (let from = 0; from < STREAMS; from += 100)
    await store.transact(async (tx) => {
      for (let index = from; index < from + 100; index++) await waiting(tx, placeOf(index))
    })
  const stop = async () => {
    await engine.stop(1000)
    await store.close()
    await database.drop()
  }
  return { store, engine, controlPlane, loud, stop }
}

async function waiting(tx: StoreTransaction, environment: string): Promise<void> {
  const plan = planFor({ environment, timings: { ...timings, queueLimitMs: 1 } })
  await begin(tx, rollouts, idOf(environment), requestFor(plan, { id: idOf(environment), behind: 'another' }))
  const row = await tx.lockEnvironment('shop', environment)
  await tx.saveEnvironment({ ...row, holder: 'another' })
}

type World = Awaited<ReturnType<typeof thousandDue>>

/** How long it takes until this many have given up, and which. */
async function ended({ store }: World, count: number) {
  const began = performance.now()
  const found = async () => {
    const { rows } = await store.sql("select stream, at from stellwerk.events where type = 'Aborted' order by position")
    return rows.length >= count ? rows : null
  }
  const rows = await until(`${count} streams have gone on`, found, { timeoutMs: WAIT_MS })
  return { ms: performance.now() - began, streams: (rows ?? []).map(({ stream }) => stream as string) }
}

/** One way to break a stream, how what is said of it reads, and how it is mended. */
type Damage = {
  readonly place: string
  readonly doIt: (world: World, stream: string) => Promise<unknown>
  readonly said: RegExp
  readonly mend: (world: World, stream: string) => Promise<unknown>
}

const refuse = (table: string, when: string) => ({
  doIt: async ({ store }: World) => {
    await store.sql(`create function ${table}_refused() returns trigger language plpgsql as
      $$ begin raise exception 'disk sector of this row is unreadable'; end $$`)
    await store.sql(`create trigger refused before insert on stellwerk.${table} for each row when (${when})
      execute function ${table}_refused()`)
  },
  mend: ({ store }: World) => store.sql(`drop trigger refused on stellwerk.${table}`),
})

const ofFold = placeOf(217)
const ofInterlock = placeOf(388)
const ofEffect = placeOf(519)
const ofDatabase = placeOf(760)
const environments = refuse('environments', `new.environment = '${ofEffect}'`)
const events = refuse('events', `new.stream = '${idOf(ofDatabase)}'`)

const DAMAGES: Readonly<Record<string, Damage>> = {
  'its log cannot be folded': {
    place: ofFold,
    doIt: ({ store }, stream) =>
      store.transact((tx) => tx.append(stream, 2, [{ type: 'Nonsense', data: {}, actor: 'system' }])),
    said: /the log of shop-place217-1 cannot be folded/,
    mend: async ({ store }, stream) => {
      await store.sql(
        'set session_replication_role = replica; ' +
          `delete from stellwerk.events where stream = '${stream}' and version = 3; ` +
          'reset session_replication_role',
      )
      await store.sql('update stellwerk.streams set version = 2 where stream = $1', [stream])
    },
  },
  'an interlock stops it': {
    place: ofInterlock,
    // As if it had begun, and nothing that it orders had any time: each order would wait for ever.
    doIt: async ({ store }, stream) => {
      const began = `jsonb_set(jsonb_set(state::jsonb, '{state,admitted}', 'true'), '{state,plan,timings,gatesLimitMs}', '-1')`
      await store.sql(`update stellwerk.streams set state = (${began})::json where stream = $1`, [stream])
    },
    said: /interlock "every wait has a deadline" \(L6\) refuses StepStarted/,
    mend: ({ store }, stream) => store.sql('update stellwerk.streams set state = null where stream = $1', [stream]),
  },
  'what follows from it fails': {
    place: ofEffect,
    doIt: async (world) => {
      await environments.doIt(world)
      await world.store.sql('delete from stellwerk.environments where environment = $1', [ofEffect])
    },
    said: /what follows from it failed \(environment\): disk sector of this row is unreadable/,
    mend: environments.mend,
  },
  'the database refuses what it writes': {
    place: ofDatabase,
    doIt: events.doIt,
    said: /^disk sector of this row is unreadable/,
    mend: events.mend,
  },
}

describe('one broken stream among a thousand', () => {
  let calm: number
  before(async () => {
    const world = await thousandDue()
    await world.engine.start()
    calm = await ended(world, STREAMS)
      .then(({ ms }) => ms)
      .finally(world.stop)
  })

  describe('in every way at once', () => {
    let world: World
    const broken = Object.values(DAMAGES).map(({ place }) => idOf(place))
    before(async () => {
      world = await thousandDue()
      for (const { place, doIt } of Object.values(DAMAGES)) await doIt(world, idOf(place))
      await world.engine.start()
    })
    after(() => world.stop())

    it('lets the others go on in the same time', async (t) => {
      const { ms, streams } = await ended(world, STREAMS - broken.length)
      t.diagnostic(`${STREAMS} streams in ${Math.round(calm)} ms; with four broken, the others in ${Math.round(ms)} ms`)
      assert.ok(ms < 2 * calm + 500, `${ms} ms instead of ${calm} ms`)
      assert.deepEqual(
        broken.filter((stream) => streams.includes(stream)),
        [],
      )
      assert.equal(new Set(streams).size, STREAMS - broken.length)
    })

    it('leaves nothing half done of the broken ones', async () => {
      const { rows } = await world.store.sql(
        'select stream, max(version) as version from stellwerk.events where stream = any($1) group by stream order by stream',
        [broken],
      )
      const versions = new Map(rows.map(({ stream, version }) => [stream, Number(version)]))
      assert.deepEqual(
        broken.map((stream) => versions.get(stream)),
        [3, 2, 2, 2],
      )
      const row = await world.store.environment('shop', ofDatabase)
      assert.deepEqual([row?.holder, row?.queue], ['another', [idOf(ofDatabase)]])
    })

    for (const [way, { place, said }] of Object.entries(DAMAGES))
      it(`names it in log, readiness and status: ${way}`, async () => {
        const { controlPlane, loud, engine } = world
        const stream = idOf(place)
        await until('it was tried again', async () => (engine.troubles.of(stream)?.times ?? 0) >= 2, {
          timeoutMs: WAIT_MS,
        })
        const entry = loud.find((each) => each.stream === stream)
        assert.match(String(entry?.error), said)
        assert.equal(entry?.message.startsWith('an interlock stopped'), way.startsWith('an interlock'))
        const alarm = (await controlPlane.health()).alarms.find(({ what }) => what === stream)
        assert.deepEqual([alarm?.kind, alarm?.service, alarm?.environment], ['not-driven', 'shop', place])
        const [seen] = await controlPlane.status({ environment: place })
        if (way.startsWith('what follows')) assert.equal(seen, undefined, 'its environment has no row')
        else assert.ok(seen?.alarms.some(({ kind, what }) => kind === 'not-driven' && what === stream))
      })

    for (const [way, { place, mend }] of Object.entries(DAMAGES))
      it(`goes on when it is mended: ${way}`, async () => {
        const stream = idOf(place)
        await mend(world, stream)
        const isOver = async () => (await world.store.read(stream)).some(({ type }) => type === 'Aborted')
        await until('it has gone on', isOver, { timeoutMs: WAIT_MS })
        await until('it is no trouble any more', async () => world.engine.troubles.of(stream) === null, {
          timeoutMs: WAIT_MS,
        })
        const { alarms } = await world.controlPlane.health()
        assert.equal(
          alarms.some(({ what }) => what === stream),
          false,
        )
      })
  })
})
