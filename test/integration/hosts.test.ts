/** What is bound to a host, seen and ordered from another one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { createHosts, fromHere, ownHost } from '../../src/composition/hosts.ts'
import { EMPTY_SLOT } from '../../src/core/observed.ts'
import type { Plan, PlannedComponent } from '../../src/core/plan.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { Platform } from '../../src/ports/platform.ts'
import { failure, ok } from '../../src/ports/result.ts'
import { giveUpHost, orphanedHosts, takeOverHost } from '../../src/store/postgres/hosts.ts'
import { hostQueue } from '../../src/ports/job.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'

const signal = new AbortController().signal
const order = { key: 'k', fence: 1, signal }

function planOf(kind: string): { plan: Plan; component: PlannedComponent } {
  const component = { name: 'api', platform: { kind }, router: null } as unknown as PlannedComponent
  return { plan: { service: 'shop', environment: 'prod', components: [component] } as unknown as Plan, component }
}

/** A machine with its own instances: what another one has started is not here. */
function machine() {
  const acts: string[] = []
  let present = false
  const platform: Platform = {
    capabilities: { slots: 2, logs: false },
    observe: async () => ok({ ...EMPTY_SLOT, present }),
    ensure: async () => {
      acts.push('ensure')
      present = true
      return ok({ ...EMPTY_SLOT, present })
    },
    stop: async () => {
      acts.push('stop')
      present = false
      return ok(EMPTY_SLOT) as never
    },
    logs: async () => failure('permanent', 'no logs'),
  }
  const adapters = { platform: () => platform } as unknown as Adapters
  return { adapters, acts }
}

async function twoHosts() {
  const { connectionString } = await testDatabase()
  const store = await openPostgresStore({ connectionString })
  const make = async () => {
    const own = ownHost(await temporaryFolder('host'))
    const { adapters, acts } = machine()
    const hosts = createHosts(store.sql, own)
    const restarted = () => fromHere(adapters, createHosts(store.sql, own))
    return { own, acts, hosts, restarted, adapters: fromHere(adapters, hosts) }
  }
  return { store, connectionString, here: await make(), there: await make() }
}

test('a slot of another host is never seen empty, filled or stopped; what is bound to none is', async (t) => {
  const { store, here, there } = await twoHosts()
  t.after(() => store.close())
  const { plan, component } = planOf('process')
  const platform = here.adapters.platform(plan, component)
  assert.ok((await platform.ensure('blue', {} as never, order)).ok)
  const other = there.adapters.platform(plan, component)
  for (const answer of [
    await other.observe('blue', signal),
    await other.ensure('blue', {} as never, order),
    await other.stop('blue', 'r', order),
    await other.logs('blue', {} as never, signal),
  ]) {
    assert.ok(!answer.ok)
    assert.match(answer.message, /^not from here: shop\/prod runs on host /)
  }
  assert.deepEqual([here.acts, there.acts], [['ensure'], []])
  const free = planOf('fly')
  assert.ok((await there.adapters.platform(free.plan, free.component).observe('blue', signal)).ok)
})

test('what was started before hosts were written down belongs to the host that sees it', async (t) => {
  const { store, here, there } = await twoHosts()
  t.after(() => store.close())
  const { plan, component } = planOf('process')
  await here.adapters.platform(plan, component).ensure('blue', {} as never, order)
  await store.sql('delete from stellwerk.hosts')
  assert.ok((await here.restarted().platform(plan, component).observe('blue', signal)).ok)
  assert.notEqual(await there.hosts.elsewhere(plan), null)
})

test('of two that act at once one has it; it is given up by "down", and taken over only by name', async (t) => {
  const { store, here, there } = await twoHosts()
  t.after(() => store.close())
  const { plan } = planOf('process')
  const claims = await Promise.all([here.hosts.claim(plan), there.hosts.claim(plan)])
  assert.equal(claims.filter((host) => host === null).length, 1)
  const [winner, loser] = claims[0] === null ? [here, there] : [there, here]
  assert.deepEqual(await takeOverHost(store.sql, loser.own, 'another-host'), { environments: [], hosts: [] })
  assert.deepEqual(await takeOverHost(store.sql, loser.own, winner.own.id), {
    environments: [{ service: 'shop', environment: 'prod' }],
    hosts: [winner.own.id],
  })
  assert.equal(await loser.hosts.claim(plan), null)
  await giveUpHost(store.sql, loser.own)
  assert.equal(await createHosts(store.sql, winner.own).claim(plan), null)
})

test('a data folder keeps its id, also when several ask first at once', async () => {
  const folder = await temporaryFolder('host')
  const ids = await Promise.all([1, 2, 3].map(async () => ownHost(folder).id))
  assert.equal(new Set(ids).size, 1)
  assert.equal(ownHost(folder).id, ids[0])
})

test('what waits for a host that was taken over is worked by the next start, not only by the one that took over', async (t) => {
  const { store, connectionString, here, there } = await twoHosts()
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  t.after(() => queue.stop(1000).then(() => store.close()))
  await queue.start()
  const { plan } = planOf('process')
  assert.equal(await there.hosts.claim(plan), null)
  await queue.insert([{ queue: hostQueue(there.own.id), data: { key: '7' } }])
  assert.deepEqual(await orphanedHosts(store.sql), [], 'it has an environment, so its queue is its own')
  await takeOverHost(store.sql, here.own, there.own.id)
  const [orphan, ...more] = await orphanedHosts(store.sql)
  assert.deepEqual([orphan, more], [there.own.id, []])
  const done: unknown[] = []
  await queue.work(hostQueue(orphan!), 1, async ({ data }) => void done.push(data))
  await until('its command is performed', () => done.length > 0, { timeoutMs: 20_000 })
  assert.deepEqual(done, [{ key: '7' }])
})
