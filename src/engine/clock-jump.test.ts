/** A clock that is set by an hour in the middle of a hold: no reason to advance, none to go back, and none to stand still. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Recorded } from '../core/rollout/events.ts'
import { instant } from '../core/time.ts'
import { fakeOutside } from '../testing/fake-outside.ts'
import { memoryQueue } from '../testing/memory-queue.ts'
import { memoryStore } from '../testing/memory-store.ts'
import { planFor } from '../testing/plans.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import { createControlPlane } from './create-control-plane.ts'
import { createEngine } from './engine.ts'
import { silent } from '../ports/log.ts'

const HOUR_MS = 3_600_000
const REST_OF_HOLD_MS = 7000
/** A gap in the measurements counts as watched up to three ticks. */
const LENT_MS = 3000
const alex: Actor = { id: 'person:alex', roles: ['release-captain'] }
const FAULTLESS = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }

async function started() {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const failures: unknown[] = []
  const queue = memoryQueue({ clock, store, failed: (_, error) => failures.push(error) })
  let setByMs = 0
  // Processes and their users do not notice that a clock was set.
  const steady = () => instant(clock.now() - setByMs)
  const dated = () => clock.now()
  const outside = fakeOutside({ now: steady, dated, traffic: { blue: FAULTLESS, green: FAULTLESS } })
  const shared = { store, queue, clock, adapters: outside.adapters, log: silent }
  const engine = createEngine(shared)
  await engine.start()
  let version = 'v1'
  const unused = () => Promise.reject(new Error('not under test'))
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => {
      const plan = planFor()
      const artifact = { ref: `/builds/${version}`, digest: `sha256:${version}` }
      const components = plan.components.map((each) => ({ ...each, artifact }))
      const value = { ...plan, artifact: { ...plan.artifact, version }, components }
      return { ok: true, value: { plan: value, planHash: `hash of ${version}`, identity: `identity of ${version}` } }
    },
    audit: { verify: unused, checkpoint: unused, export: () => assert.fail('not under test') },
    health: unused,
  })
  const view = async (id: string) => {
    const seen = await controlPlane.rollout(id)
    assert.ok(seen.ok)
    return seen.value
  }
  const until = async (id: string, phase: string, limitMs = 600_000) => {
    for (let waited = 0; waited <= limitMs; waited += 250) {
      if ((await view(id)).phase === phase) return
      await clock.advance(250)
    }
    assert.fail(`${id} is ${(await view(id)).phase} and not ${phase} after ${limitMs} ms`)
  }
  const release = async (name: string) => {
    version = name
    const asked = await controlPlane.request({} as never, alex, null)
    assert.ok(asked.ok)
    return asked.value.id
  }
  const events = async (id: string) => (await store.read(id)) as unknown as readonly Recorded[]
  const jump = (ms: number) => {
    setByMs += ms
    return clock.jump(ms)
  }
  return { clock, jump, outside, release, until, view, events, failures, engine }
}

async function jumpedInHold(byMs: number) {
  const world = await started()
  await world.until(await world.release('v1'), 'finalized')
  const id = await world.release('v2')
  await world.until(id, 'holding')
  await world.clock.advance(10_000 - REST_OF_HOLD_MS)
  const before = (await world.events(id)).length
  await world.jump(byMs)
  return { ...world, id, before }
}

for (const [name, byMs] of [
  ['forwards', HOUR_MS],
  ['backwards', -HOUR_MS],
] as const) {
  describe(`a clock set ${name} by an hour in a hold`, () => {
    it('[R-D09] [R-E07] is no evidence: the hold goes on, is seen to go on, and lasts as long as it has to', async () => {
      const { clock, id, view, until, events, before } = await jumpedInHold(byMs)
      const jumpedAt = clock.now()
      await clock.advance(2000)
      assert.equal((await view(id)).phase, 'holding')
      assert.equal((await view(id)).candidate.weight, 10)
      await clock.advance(13_000)
      const since = (await events(id)).slice(before).map(({ type }) => type)
      assert.ok(since.includes('TimeShifted'), 'the jump stands in the log')
      assert.ok(since.includes('MetricsObserved'), 'the candidate is looked at again within seconds')
      await until(id, 'finalized', 120_000)
      const holds = REST_OF_HOLD_MS - LENT_MS + 10_000 + 20_000
      assert.ok(clock.now() - jumpedAt >= holds, `${clock.now() - jumpedAt} ms: every hold and the bake lasted`)
      assert.ok(!(await events(id)).some(({ type }) => type === 'RollbackTriggered'))
    })

    it('takes nothing back, and does not hide that a candidate goes bad afterwards', async () => {
      const { id, until, outside, events, failures, engine } = await jumpedInHold(byMs)
      outside.metrics.change({ green: { errorRate: 0.5, medianMs: 20, sigma: 0.3, frozen: false } })
      await until(id, 'rolled-back', 120_000)
      const trigger = (await events(id)).find(({ type }) => type === 'RollbackTriggered')
      assert.ok(trigger?.type === 'RollbackTriggered')
      assert.equal(trigger.data.cause, 'limit')
      assert.deepEqual(outside.router.weights(), { blue: 100, green: 0 })
      assert.deepEqual(failures, [])
      void engine.stop(0)
    })
  })
}
