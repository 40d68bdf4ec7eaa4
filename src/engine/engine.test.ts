/** The shell on a virtual clock: real store semantics, real queue semantics, the real core, and a world that can fail. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeOutside, type OutsideOptions } from '../testing/fake-outside.ts'
import { memoryQueue } from '../testing/memory-queue.ts'
import { memoryStore } from '../testing/memory-store.ts'
import { planFor } from '../testing/plans.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import type { Plan } from '../core/plan.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { createControlPlane } from './create-control-plane.ts'
import { createEngine } from './engine.ts'
import { silent } from '../ports/log.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { fold, stateOf } from './streams.ts'

const alex: Actor = { id: 'person:alex', roles: ['release-captain'] }

/** No error at all: with few requests a single one is above any small limit. */
const FAULTLESS = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }

async function started(options: Omit<OutsideOptions, 'now'> = {}) {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const failures: unknown[] = []
  const queue = memoryQueue({ clock, store, failed: (_, error) => failures.push(error) })
  const traffic = { blue: FAULTLESS, green: FAULTLESS }
  const outside = fakeOutside({ now: () => clock.now(), traffic, ...options })
  const shared = { store, queue, clock, adapters: outside.adapters, log: silent }
  const engine = createEngine(shared)
  await engine.start()
  let next: Plan = planFor()
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => ({
      ok: true,
      value: {
        plan: next,
        planHash: `hash of ${next.artifact.version}`,
        identity: `identity of ${next.artifact.version}`,
      },
    }),
    audit: {
      verify: () => Promise.reject(new Error('not under test')),
      checkpoint: () => Promise.reject(new Error('not under test')),
      export: () => {
        throw new Error('not under test')
      },
    },
    health: async () => ({ ok: true, checks: [] }),
  })
  const release = async (version: string, changes: Partial<Plan> = {}, by: Actor = alex) => {
    const plan = planFor(changes)
    next = {
      ...plan,
      artifact: { ...plan.artifact, version },
      components: plan.components.map((each) => ({
        ...each,
        artifact: { ref: `/builds/${version}`, digest: `sha256:${version}` },
      })),
    }
    const answer = await controlPlane.request({} as never, by, null)
    assert.ok(answer.ok)
    return answer.value.id
  }
  const until = async (id: string, wanted: (phase: string) => boolean, limitMs = 600_000) => {
    for (let waited = 0; waited <= limitMs; waited += 250) {
      const view = await controlPlane.rollout(id)
      assert.ok(view.ok)
      if (wanted(view.value.phase)) return view.value
      await clock.advance(250)
    }
    const view = await controlPlane.rollout(id)
    throw new Error(`${id} is still ${view.ok ? view.value.phase : '?'} after ${limitMs} ms`)
  }
  const end = (id: string) =>
    until(id, (phase) => ['finalized', 'aborted', 'rolled-back', 'needs-human'].includes(phase))
  return { clock, store, engine, controlPlane, outside, release, until, end, failures }
}

describe('the engine', () => {
  it('carries a first release and then a second one to the end', async () => {
    const { release, end, outside, store, failures } = await started()
    assert.equal((await end(await release('v1'))).phase, 'finalized')
    const second = await end(await release('v2'))
    assert.equal(second.phase, 'finalized')
    assert.equal(second.exitCode, 0)
    assert.deepEqual(
      outside.router.history.map(({ green }) => green),
      [0, 10, 50, 100],
    )
    assert.equal((await store.environment('shop', 'prod'))?.holder, null)
    assert.deepEqual(failures, [])
  })

  it('takes a bad release back by itself, quarantines it, and opens an incident', async () => {
    const { release, end, outside, store } = await started()
    await end(await release('v1'))
    outside.metrics.change({ green: { errorRate: 0.5, medianMs: 20, sigma: 0.3, frozen: false } })
    const bad = await end(await release('v2'))
    assert.equal(bad.phase, 'rolled-back')
    assert.deepEqual(outside.router.weights(), { blue: 100, green: 0 })
    assert.equal((await store.list({ kind: 'incident' })).length, 1)
    const again = await end(await release('v2'))
    assert.equal(again.phase, 'aborted')
    assert.equal(again.exitCode, 3)
    assert.match(again.reason ?? '', /quarantined/)
  })

  it('lets a second request wait for its turn, and gives it the environment when that is free', async () => {
    const { release, end, controlPlane, clock } = await started()
    await end(await release('v1'))
    const second = await release('v2')
    const third = await release('v3')
    await clock.advance(1000)
    const waiting = await controlPlane.rollout(third)
    assert.ok(waiting.ok)
    assert.equal(waiting.value.phase, 'queued')
    assert.equal((await end(second)).phase, 'finalized')
    const last = await end(third)
    assert.equal(last.phase, 'finalized')
    assert.equal(last.stable?.version, 'v2')
  })

  it('[R-E03] foretells a plan by the traffic that the router counted since the last release, once it is enough', async () => {
    const errors = { errorRate: 0.01, medianMs: 20, sigma: 0.3, frozen: false }
    const { release, end, controlPlane, clock, outside } = await started()
    const known = async () => {
      const answer = await controlPlane.plan({} as never)
      assert.ok(answer.ok)
      return answer.value.forecast.components[0]?.traffic
    }
    assert.equal(await known(), null, 'nothing serves')
    await end(await release('v1'))
    outside.metrics.change({ blue: errors, green: errors })
    assert.equal(await known(), null, 'nothing was counted for ten minutes yet')
    await clock.advance(11 * 60_000)
    const traffic = await known()
    assert.ok(traffic && Math.abs(traffic.requestsPerSecond - 50) <= 2, JSON.stringify(traffic))
    assert.ok(traffic.errorRate > 0.008 && traffic.errorRate < 0.012, JSON.stringify(traffic))
    assert.match(traffic.source, /^measured since /)
  })

  it('supersedes what no user has met yet, where the spec says so', async () => {
    const approvals = [{ id: 'm', role: 'maintainer', at: 'start', people: [] }] as const
    const steps = [{ kind: 'gates' }, { kind: 'approvals' }, ...planFor().steps.slice(1)] as const
    const { release, end, until } = await started()
    await end(await release('v1'))
    const waiting = await release('v2', { approvals, steps })
    await until(waiting, (phase) => phase === 'approvals')
    const newer = await release('v3', { concurrency: 'supersede' })
    assert.equal((await end(waiting)).phase, 'aborted')
    assert.equal((await end(newer)).phase, 'finalized')
  })

  it('repeats a message with growing pauses and goes on without it', async () => {
    let attempts = 0
    const plan = { notify: [{ on: ['*'], to: { kind: 'fake' } }] }
    const { release, end, outside, clock } = await started({
      deliver: () => {
        attempts += 1
        return attempts < 4
          ? { ok: false, kind: 'transient', message: 'no network' }
          : { ok: true, value: { receipt: 'sent' } }
      },
    })
    const view = await end(await release('v1', plan))
    assert.equal(view.phase, 'finalized')
    await clock.advance(600_000)
    assert.ok(outside.messages.some(({ event }) => event === 'finalized'))
    assert.ok(outside.messages.some(({ event }) => event === 'started'))
  })

  it('[R-D12] rolls a finalized release back at once while the window is open, and refuses afterwards', async () => {
    const { release, end, until, controlPlane, outside, clock } = await started()
    await end(await release('v1'))
    const second = await release('v2')
    await end(second)
    const back = await controlPlane.intend(second, { type: 'roll-back', reason: 'late finding', cause: 'person' }, alex)
    assert.ok(back.ok)
    assert.equal((await until(second, (phase) => phase === 'rolled-back')).exitCode, 5)
    assert.deepEqual(outside.router.weights(), { blue: 100, green: 0 })
    const { timings } = planFor()
    const third = await release('v3', planFor({ timings: { ...timings, rollbackWindowMs: 300_000 } }))
    await end(third)
    await clock.advance(360_000)
    const late = await controlPlane.intend(third, { type: 'roll-back', reason: 'too late', cause: 'person' }, alex)
    assert.ok(!late.ok)
    assert.match(late.message, /window is closed/)
    assert.equal(outside.platform.peek('blue').present, false)
  })

  it('puts back what should serve when a look finds it gone', async () => {
    const { release, end, outside, clock, store } = await started()
    await end(await release('v1'))
    const { release: occupant } = outside.platform.peek('blue')
    await outside.platform.stop('blue', occupant ?? '', {
      key: 'x',
      fence: (await store.readAll(0, 10_000)).length,
      signal: AbortSignal.timeout(1000),
    })
    assert.equal(outside.platform.peek('blue').present, false)
    await clock.advance(20_000)
    assert.equal(outside.platform.peek('blue').present, true)
    assert.ok(outside.platform.peek('blue').ready > 0)
  })

  for (const [title, stream, owed] of [
    ['that it can no longer be returned to', 'shop-prod-2', 'WindowClosed'],
    ['that its turn has come', 'shop-prod-3', 'RolloutAdmitted'],
  ] as const) {
    it(`tells a release once ${title}, where a crash came before that was told`, async () => {
      const { release, until, end, store, clock } = await started()
      await end(await release('v1'))
      const second = await release('v2')
      if (owed === 'WindowClosed') await end(second)
      const { transact } = store
      let isDead = true
      const told = async () => (await store.read(stream)).filter(({ type }) => type === owed).length
      store.transact = (work) =>
        transact.call(store, (tx) => {
          const lock: typeof tx.lock = (wanted) => {
            if (isDead && wanted === stream) throw new Error('killed')
            return tx.lock(wanted)
          }
          return work(new Proxy(tx, { get: (of, name) => (name === 'lock' ? lock : Reflect.get(of, name).bind?.(of)) }))
        }) as never
      await release('v3').catch(() => null)
      if (owed === 'RolloutAdmitted') await end(second)
      else await until('shop-prod-3', (phase) => phase === 'holding')
      await clock.advance(10_000)
      assert.equal(await told(), 0)
      isDead = false
      await clock.advance(10_000)
      assert.equal(await told(), 1)
      await end('shop-prod-3')
      await clock.advance(10_000)
      assert.equal(await told(), 1)
    })
  }

  it('goes on with a rollout that an earlier version of this program kept in another form', async () => {
    const { release, end, store } = await started()
    await end(await release('v1'))
    const second = await release('v2')
    const third = await release('v3')
    const { row } = store
    store.row = async (stream) => {
      const kept = await row.call(store, stream)
      return kept && (stream === third ? { ...kept, state: { format: 0, state: {} } } : kept)
    }
    assert.equal((await end(second)).phase, 'finalized')
    assert.equal((await end(third)).phase, 'finalized')
  })

  it('keeps states that the log alone gives back', async () => {
    const { release, end, store } = await started()
    await end(await release('v1'))
    const id = await release('v2')
    await end(id)
    const row = await store.row(id)
    assert.ok(row)
    assert.deepEqual(structuredClone(fold(rollouts, await store.read(id))), stateOf(rollouts, row))
  })
})
