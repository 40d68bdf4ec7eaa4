/** The truth of status: a share that is as ordered says nothing of whether anybody stands behind it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../src/core/plan.ts'
import type { ObservedRoute, ObservedSlot } from '../../src/core/observed.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { failure, ok } from '../../src/ports/result.ts'
import type { Instant } from '../../src/core/time.ts'
import { fakePlatform } from '../../src/testing/fake-platform.ts'
import { fakeRouter } from '../../src/testing/fake-router.ts'
import { planFor } from '../../src/testing/plans.ts'
import { engineWorld } from './world.ts'

type Shown = {
  slot?: (seen: ObservedSlot) => ObservedSlot
  route?: (seen: ObservedRoute) => ObservedRoute
  away?: boolean
}

/** What is in force after a release, with what looks show of it from then on. */
async function standing() {
  const shown: Shown = {}
  const wrap = (adapters: Adapters): Adapters => ({
    ...adapters,
    platform: (plan, part) => {
      const inner = adapters.platform(plan, part)
      const observe: typeof inner.observe = async (slot, signal) => {
        if (shown.away) return failure('transient', 'connection refused')
        const seen = await inner.observe(slot, signal)
        return seen.ok && seen.value.present && shown.slot ? ok(shown.slot(seen.value)) : seen
      }
      return { ...inner, observe }
    },
    router: (plan, part) => {
      const inner = adapters.router(plan, part)
      const observe: typeof inner.observe = async (signal) => {
        const seen = await inner.observe(signal)
        return seen.ok && shown.route ? ok(shown.route(seen.value)) : seen
      }
      return { ...inner, observe }
    },
  })
  const world = await engineWorld({ wrap })
  const id = await world.release('v1', { notify: [{ on: ['*'], to: { kind: 'fake' } }] })
  await world.end(id)
  const status = async () => (await world.controlPlane.status({}))[0]!
  const told = () =>
    world.outside.messages.filter(({ event }) => event === 'unwell').map(({ priority, text }) => ({ priority, text }))
  const incidents = async () => (await world.store.list({ kind: 'incident' })).length
  return { ...world, id, shown, status, told, incidents }
}

const CRASH = { at: 0 as never, code: 3, signal: null, tail: ['out of memory'] }

const differences: readonly (readonly [string, Shown, RegExp, 'P1' | 'P2'])[] = [
  [
    'nobody is ready',
    { slot: (seen) => ({ ...seen, ready: 0, upstreams: [], unready: 'GET /readiness: 503 "no database"' }) },
    /api 0 of 2 ready: GET \/readiness: 503 "no database"/,
    'P1',
  ],
  ['one of two is not ready', { slot: (seen) => ({ ...seen, ready: 1 }) }, /api 1 of 2 ready/, 'P2'],
  [
    'it crash-loops',
    { slot: (seen) => ({ ...seen, ready: 0, running: 0, restarts: 9, crashLooping: true, lastExit: CRASH }) },
    /api keeps exiting, 0 of 2 ready; last exit: exit code 3, last output: out of memory/,
    'P1',
  ],
  [
    'it crash-loops and is ready in between',
    { slot: (seen) => ({ ...seen, crashLooping: true, restarts: 9 }) },
    /api keeps exiting, 2 of 2 ready/,
    'P2',
  ],
  [
    'another release stands there',
    { slot: (seen) => ({ ...seen, release: 'shop-prod-0', version: 'v0' }) },
    /blue runs v0 of api, put there by shop-prod-0 and not by shop-prod-1/,
    'P2',
  ],
  [
    'another digest stands there',
    { slot: (seen) => ({ ...seen, digest: 'sha256:other' }) },
    /blue runs sha256:other of api, desired sha256:v1/,
    'P2',
  ],
  [
    'the maintenance page is on',
    { route: (seen) => ({ ...seen, maintenance: true }) },
    /the maintenance page is shown to everybody/,
    'P2',
  ],
  [
    'the router knows no instance',
    { route: (seen) => ({ ...seen, upstreams: { blue: [], green: [] } }) },
    /the route knows no instance of blue/,
    'P2',
  ],
]

describe('between releases, what serves is not as it should be', () => {
  for (const [name, how, text, priority] of differences)
    it(`is alarmed at once, told once and opens one incident, and is told again when it is well: ${name}`, async () => {
      const { clock, shown, status, told, incidents, failures } = await standing()
      assert.deepEqual([(await status()).serving[0]?.alarm, (await status()).alarms], [null, []])
      Object.assign(shown, how)
      assert.match((await status()).serving[0]?.alarm ?? '', text)
      await clock.advance(8000)
      assert.deepEqual(told(), [], 'a restart is not worth a word')
      await clock.advance(60_000)
      assert.equal(told().length, 1)
      assert.equal(told()[0]?.priority, priority)
      assert.match(told()[0]?.text ?? '', text)
      assert.equal(await incidents(), 1)
      const [alarm] = (await status()).alarms
      assert.equal(alarm?.kind, 'unwell')
      assert.ok(alarm && clock.now() - alarm.since > 60_000)
      for (const key of Object.keys(how)) delete shown[key as keyof Shown]
      await clock.advance(90_000)
      assert.deepEqual(
        told().map((message) => message.priority),
        [priority, 'info'],
      )
      assert.deepEqual([(await status()).serving[0]?.alarm, (await status()).alarms], [null, []])
      assert.equal(await incidents(), 1)
      assert.deepEqual(failures, [])
    })

  it('that comes and goes is one disturbance', async () => {
    const { clock, shown, told, incidents } = await standing()
    for (let times = 0; times < 6; times += 1) {
      shown.slot = (seen) => ({ ...seen, ready: 0, upstreams: [] })
      await clock.advance(20_000)
      delete shown.slot
      await clock.advance(20_000)
    }
    assert.equal(told().length, 1)
    assert.equal(await incidents(), 1)
    await clock.advance(60_000)
    assert.equal(told().length, 2)
  })

  it('is told also while another release waits for people', async () => {
    const { clock, shown, told, release, until } = await standing()
    const approvals = [{ id: 'start/maintainer', role: 'maintainer', at: 'start', people: [] }] as const
    const [gates, ...rest] = planFor().steps
    const waiting = await release('v2', { approvals, steps: [gates!, { kind: 'approvals' }, ...rest] })
    await until(waiting, (phase) => phase === 'approvals')
    shown.slot = (seen) => ({ ...seen, ready: 0, upstreams: [] })
    await clock.advance(40_000)
    assert.equal(told().length, 1)
  })

  it('writes nothing while all is well, and little while it is not', async () => {
    const { clock, shown, store, id } = await standing()
    const before = (await store.read(id)).length
    await clock.advance(120_000)
    assert.equal((await store.read(id)).length, before)
    shown.slot = (seen) => ({ ...seen, ready: 1 })
    await clock.advance(600_000)
    const after = (await store.read(id)).length
    assert.ok(after - before < 12, `${after - before} events in ten minutes`)
  })
})

describe('between releases, what the newest one took away', () => {
  const [api] = planFor().components
  const old = { ...api!, name: 'old' }
  const worker = { ...old, router: null }
  const steps = planFor().steps
  const withOld = (...more: Plan['components']): Partial<Plan> => ({
    components: [api!, ...more],
    steps: steps.flatMap((step) =>
      step.kind === 'deploy' && more[0] ? [step, { ...step, component: 'old' }] : [step],
    ),
  })
  /** The other one has a platform and a router of its own, so that it can go while the first stays. */
  const apart = (pause: () => Promise<void>) => (adapters: Adapters, now: () => Instant) => {
    const [platform, router] = [fakePlatform({ now }), fakeRouter()]
    return {
      ...adapters,
      platform: (plan, part) => (part.name === 'old' ? platform : adapters.platform(plan, part)),
      router: (plan, part) => (part.name === 'old' ? router : adapters.router(plan, part)),
      // A smoke test takes its time: what was seen before it is too old to shift by, and every route is ordered.
      smoke: (plan) => ({ run: (run) => pause().then(() => adapters.smoke(plan).run(run)) }),
    } satisfies Adapters
  }
  for (const [what, after] of [
    ['a component', []],
    ['a router', [worker]],
  ] as const)
    it(`is missed by nobody: ${what}`, async () => {
      const world = await engineWorld({
        wrap: apart(() => world.clock.sleepUntil((world.clock.now() + 300) as Instant)),
      })
      await world.end(await world.release('v1', withOld(old)))
      const notify = [{ on: ['*'], to: { kind: 'fake' } }]
      const id = await world.release('v2', { ...withOld(...after), notify })
      assert.equal((await world.end(id)).phase, 'finalized')
      await world.clock.advance(60_000)
      const [status] = await world.controlPlane.status({})
      assert.deepEqual(
        status?.serving.map(({ component, alarm }) => [component, alarm]),
        [['api', null]],
      )
      assert.deepEqual(status?.alarms, [])
      assert.deepEqual(
        world.outside.messages.filter(({ event }) => event === 'unwell'),
        [],
      )
      assert.equal((await world.store.list({ kind: 'incident' })).length, 0)
    })
})

describe('between releases, what serves cannot be seen', () => {
  it('is alarmed with since when, and takes nothing back and wakes nobody', async () => {
    const { clock, shown, status, id, outside, view } = await standing()
    shown.away = true
    const since = clock.now()
    await clock.advance(120_000)
    const alarm = (await status()).alarms.find(({ what }) => what === 'slot blue of api')
    assert.equal(alarm?.kind, 'no-data')
    assert.ok(alarm && Math.abs(alarm.since - since) < 130_000 && alarm.since <= since + 5000)
    assert.equal(alarm.until, null)
    assert.equal((await view(id)).phase, 'finalized')
    assert.deepEqual(
      outside.messages.filter(({ event }) => event === 'no-data' || event === 'unwell'),
      [],
    )
    shown.away = false
    await clock.advance(20_000)
    assert.deepEqual((await status()).alarms, [])
  })
})
