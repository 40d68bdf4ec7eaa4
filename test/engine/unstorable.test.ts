/** What the log cannot keep hides nothing: it is mended, or becomes a failure that says so, and no neighbour notices. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Json } from '../../src/core/json.ts'
import type { ObservedRoute, ObservedSlot } from '../../src/core/observed.ts'
import type { Recorded } from '../../src/core/rollout/events.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { ok } from '../../src/ports/result.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Instant } from '../../src/core/time.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { engineWorld } from './world.ts'
import { rollouts } from '../../src/core/rollout/aggregate.ts'
import { stateOf } from '../../src/engine/streams.ts'

type Tamper = {
  readonly slot?: (seen: ObservedSlot) => ObservedSlot
  readonly route?: (seen: ObservedRoute) => ObservedRoute
  readonly report?: (durationMs: number) => number
}

/** Adapters that change what they saw once they are told to. */
function tampering(adapters: Adapters): { readonly adapters: Adapters; with(tamper: Tamper): void } {
  let tamper: Tamper = {}
  const platform: Adapters['platform'] = (plan, component) => {
    const inner = adapters.platform(plan, component)
    const observe: typeof inner.observe = async (slot, signal) => {
      const seen = await inner.observe(slot, signal)
      return seen.ok && seen.value.version === 'v2' && tamper.slot ? ok(tamper.slot(seen.value)) : seen
    }
    return { ...inner, observe }
  }
  const router: Adapters['router'] = (plan, component) => {
    const inner = adapters.router(plan, component)
    const observe: typeof inner.observe = async (signal) => {
      const seen = await inner.observe(signal)
      return seen.ok && tamper.route ? ok(tamper.route(seen.value)) : seen
    }
    return { ...inner, observe }
  }
  const smoke: Adapters['smoke'] = (...args) => ({
    run: async (...asked) => {
      const ran = await adapters.smoke(...args).run(...asked)
      if (!ran.ok || !tamper.report) return ran
      const checks = ran.value.checks.map((check) => ({ ...check, durationMs: tamper.report!(check.durationMs) }))
      return ok({ ...ran.value, checks })
    },
  })
  return { adapters: { ...adapters, platform, router, smoke }, with: (next) => void (tamper = next) }
}

async function released() {
  let control: ReturnType<typeof tampering> | undefined
  const world = await engineWorld({
    wrap: (adapters, now) => (control = tampering(besides(adapters, now))).adapters,
  })
  await world.end(await world.release('v1'))
  const id = await world.release('v2')
  return { ...world, id, tamper: (how: Tamper) => control?.with(how) }
}

/** The stage has a platform and a router of its own. */
function besides(prod: Adapters, now: () => Instant): Adapters {
  const calm = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }
  const stage = fakeOutside({ now, traffic: { blue: calm, green: calm } }).adapters
  const of = ({ environment }: Pick<Plan, 'environment'>) => (environment === 'stage' ? stage : prod)
  return {
    ...prod,
    platform: (plan, part) => of(plan).platform(plan, part),
    router: (plan, part) => of(plan).router(plan, part),
    metrics: (plan, part) => of(plan).metrics(plan, part),
    smoke: (...asked) => ({
      run: async (check) => {
        const found = await prod.smoke(...asked).run(check)
        return found.ok && found.value.passed ? found : stage.smoke(...asked).run(check)
      },
    }),
  }
}

const exited = (tail: readonly string[]) => (seen: ObservedSlot) => ({
  ...seen,
  restarts: seen.restarts + 1,
  lastExit: { at: 0 as never, code: 1, signal: null, tail },
})

describe('a candidate that dies with words no database can store is taken back at once', () => {
  const words: readonly (readonly [string, string, RegExp])[] = [
    ['NUL', 'boom\0', /last output: boom␀/],
    ['half a surrogate pair', 'boom\ud800', /last output: boom\ufffd/],
    ['megabytes in a line', 'x'.repeat(3_000_000), /last output: x{159}…$/],
  ]
  for (const [name, line, told] of words)
    it(name, async () => {
      const { id, until, tamper, clock, view, outside } = await released()
      await until(id, (phase) => phase === 'holding')
      tamper({ slot: exited([line]) })
      await clock.advance(2500)
      assert.deepEqual(outside.router.weights(), { blue: 100, green: 0 })
      assert.match((await view(id)).reason ?? '', told)
    })
})

describe('a part of a look that makes no sense hides no other part', () => {
  const odd: readonly (readonly [string, Tamper, RegExp])[] = [
    ['NaN', { slot: (seen) => ({ ...seen, restarts: Number.NaN }) }, /slot green of api: .*restarts is NaN/],
    ['less than nothing', { slot: (seen) => ({ ...seen, ready: -1 }) }, /slot green of api: .*ready is -1/],
    ['half an instance', { slot: (seen) => ({ ...seen, running: 1.5 }) }, /slot green of api: .*running is 1\.5/],
    [
      'no list',
      { slot: (seen) => ({ ...seen, upstreams: null as never }) },
      /slot green of api: .*no list of upstreams/,
    ],
    [
      'a weight without end',
      { route: (seen) => ({ ...seen, weights: { blue: Infinity, green: 10 } }) },
      /route of api: .*weights\.blue is Infinity/,
    ],
    [
      'a weight above all',
      { route: (seen) => ({ ...seen, weights: { blue: 90, green: 110 } }) },
      /route of api: .*weight of green is 110/,
    ],
  ]
  for (const [name, tamper, told] of odd)
    it(name, async () => {
      const world = await released()
      await world.until(world.id, (phase) => phase === 'holding')
      world.tamper(tamper)
      await world.clock.advance(1500)
      const log = (await world.store.read(world.id)) as unknown as readonly Recorded[]
      const look = log.findLast((event) => event.type === 'WorldObserved')
      assert.ok(look?.type === 'WorldObserved')
      assert.match(look.data.failures.map(({ what, message }) => `${what}: ${message}`).join(), told)
      const seen = [look.data.slots['api']?.blue, look.data.slots['api']?.green, look.data.routes['api']]
      assert.equal(seen.filter((each) => each !== undefined).length, 2, 'the other parts were seen')
    })
})

describe('an answer that cannot be recorded', () => {
  it('is recorded as a failure that says why, and asked for again', async () => {
    const { id, until, tamper, store, end } = await released()
    tamper({ report: () => Number.NaN })
    await until(id, (phase) => phase === 'smoking')
    await until(id, (phase) => phase === 'smoking' || phase === 'aborting')
    const failed = async () => {
      const log = (await store.read(id)) as unknown as readonly Recorded[]
      return log.find((event) => event.type === 'CommandFailed')
    }
    for (let tries = 0; (await failed()) === undefined && tries < 40; tries++) await until(id, () => true, 250)
    tamper({})
    assert.equal((await end(id)).phase, 'finalized')
    const found = await failed()
    assert.ok(found?.type === 'CommandFailed')
    assert.match(found.data.message, /could not be recorded: result\.answer\.report\.checks\.0\.durationMs is NaN/)
  })
})

describe('a rollout that cannot be driven', () => {
  it('is known as such, tried again with pauses, and holds up nobody', async () => {
    const world = await released()
    const { store, id, clock, engine, release, end } = world
    await world.until(id, (phase) => phase === 'holding')
    const kept = (await store.row(id))!
    await store.transact(async (tx) => {
      const row = (await tx.lock(id))!
      const state = { ...(row.state as { readonly [key: string]: Json }), state: { id, pending: [] } }
      const facts = { service: 'shop', environment: 'prod', version: 'v2', phase: 'holding', final: false } as const
      await tx.saveStream({ ...row, state, nextDue: clock.now() }, { kind: 'rollout', ...facts })
    })
    assert.ok(stateOf(rollouts, (await store.row(id))!))
    await clock.advance(5000)
    const trouble = engine.troubles.of(id)
    assert.ok(trouble && trouble.times >= 2 && trouble.times <= 6, `${trouble?.times} tries in five seconds`)
    const neighbour = await end(await release('v1', { environment: 'stage' }))
    assert.equal(neighbour.phase, 'finalized')
    await store.transact(async (tx) => {
      const facts = { service: 'shop', environment: 'prod', version: 'v2', phase: 'holding', final: false } as const
      await tx.lock(id)
      await tx.saveStream(kept, { kind: 'rollout', ...facts })
    })
    assert.equal((await end(id)).phase, 'finalized')
    assert.equal(engine.troubles.of(id), null)
  })
})
