/**
 * Random worlds against the decider. The oracle reads outputs only: the events and commands that came out, and what users got.
 * It never asks the state, which could share a mistake with the code that made it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { planFor, requestFor } from '../../testing/plans.ts'
import { type Build, simulate, type WorldOptions } from '../../testing/world.ts'
import type { Slot } from '../observed.ts'
import type { Recorded } from './events.ts'
import { evolve } from './evolve.ts'
import type { Input } from './inputs.ts'
import type { RolloutState } from './state.ts'

const RUNS = 150
const by = { id: 'person:kim', roles: ['maintainer'] }

const builds: fc.Arbitrary<Build> = fc.oneof(
  fc.constant<Build>({}),
  fc
    .record({ errorAt: fc.constantFrom(10, 50, 100), rate: fc.constantFrom(0.05, 0.5, 1) })
    .map(({ errorAt, rate }): Build => ({ errorRate: (weight) => (weight >= errorAt ? rate : 0) })),
  fc.record({ readyAfterMs: fc.constantFrom(0, 500, 20_000) }),
  fc.record({ exitsAfterMs: fc.integer({ min: 1000, max: 60_000 }) }),
  fc.constant<Build>({ smokePasses: false }),
  fc.constant<Build>({ readyAfterMs: null }),
)

const intents: fc.Arbitrary<Input> = fc.constantFrom<Input>(
  { type: 'pause', by, reason: 'look' },
  { type: 'resume', by },
  { type: 'promote', by },
  { type: 'abort', by, reason: 'no' },
  { type: 'roll-back', by, reason: 'no', cause: 'person', environmentFree: true },
  { type: 'reject', by, reason: 'no' },
  { type: 'superseded', by: 'shop-prod-3' },
  { type: 'tick' },
)

const worlds = fc.record({
  v2: builds,
  first: fc.boolean(),
  requestsPerSecond: fc.constantFrom(0, 4, 40, 400),
  /** One fault in this many commands; drawn from the list in order, then none any more. */
  faults: fc.array(fc.constantFrom('transient', 'unknown', 'lost', 'unknown-done', null, null, null, null), {
    maxLength: 60,
  }),
  gates: fc.array(fc.constantFrom('pass', 'pass', 'no-evidence', 'fail'), { maxLength: 3 }),
  acts: fc.array(fc.record({ afterSteps: fc.integer({ min: 0, max: 120 }), input: intents }), { maxLength: 6 }),
  jumps: fc.array(
    fc.record({ afterSteps: fc.integer({ min: 0, max: 120 }), ms: fc.constantFrom(-7_200_000, 40_000, 7_200_000) }),
    { maxLength: 2 },
  ),
})

type Drawn = typeof worlds extends fc.Arbitrary<infer T> ? T : never

/** More steps than the longest of these rollouts takes: every loop is bounded. */
const STEPS_MAX = 12_000

function play(drawn: Drawn) {
  const faults = [...drawn.faults]
  const gates = [...drawn.gates]
  const options: WorldOptions = {
    builds: { v1: {}, v2: drawn.v2 },
    requestsPerSecond: drawn.requestsPerSecond,
    fault: () => faults.shift() ?? null,
    gateOutcome: () => gates.shift() ?? 'pass',
  }
  const world = simulate(options)
  if (!drawn.first) {
    world.serving('blue', 'shop-prod-1', 'v1')
    world.standing('green', 'shop-prod-0', 'v0')
  }
  world.give(requestFor(planFor(), drawn.first ? { stable: null } : {}))
  const isOver = whetherEnded(world.log)
  let steps = 0
  for (; steps < STEPS_MAX; steps += 1) {
    for (const { afterSteps, input } of drawn.acts) if (afterSteps === steps) world.give(input)
    for (const { afterSteps, ms } of drawn.jumps) if (afterSteps === steps) world.jump(ms)
    if (steps > 120 && isOver()) break
    if (!world.step()) break
  }
  return { world, steps }
}

/** Every property draws the same worlds from the same seed: each is played once. */
const played = new Map<string, ReturnType<typeof play>>()

function playOnce(drawn: Drawn): ReturnType<typeof play> {
  const key = fc.stringify(drawn)
  const known = played.get(key) ?? play(drawn)
  played.set(key, known)
  return known
}

const ENDS = ['Finalized', 'Aborted', 'RolledBack', 'NeedsHuman']

/** Asked at every step, of a log that only grows: each event is read once. */
function whetherEnded(log: readonly Recorded[]): () => boolean {
  let [read, isOver] = [0, false]
  return () => {
    for (; read < log.length; read += 1) {
      const { type } = log[read]!
      if (ENDS.includes(type)) isOver = true
      else if (type === 'RollbackTriggered') isOver = false
    }
    return isOver
  }
}

type Route = { at: number; weights: Readonly<Record<Slot, number>> }

function routesOf(log: readonly Recorded[]): readonly Route[] {
  return log.flatMap((event, at) =>
    event.type === 'CommandIssued' && event.data.command.type === 'SetRoute'
      ? [{ at, weights: event.data.command.route.weights }]
      : [],
  )
}

function check(name: string, holds: (played: ReturnType<typeof play>, drawn: Drawn) => void): void {
  it(name, () => {
    fc.assert(
      fc.property(worlds, (drawn) => holds(playOnce(drawn), drawn)),
      { numRuns: RUNS, seed: 20_261_121 },
    )
  })
}

const candidateSlot = (drawn: Drawn): Slot => (drawn.first ? 'blue' : 'green')

describe('whatever happens', () => {
  check('no traffic goes to the candidate after a rollback was triggered', ({ world }, drawn) => {
    const back = world.log.findIndex(({ type }) => type === 'RollbackTriggered')
    if (back < 0) return
    const later = routesOf(world.log).filter(({ at, weights }) => at > back && weights[candidateSlot(drawn)] > 0)
    assert.deepEqual(later, [])
  })

  check('the share of the candidate never falls on the way forward', ({ world }, drawn) => {
    const back = world.log.findIndex(({ type }) => type === 'RollbackTriggered')
    const forward = routesOf(world.log).filter(({ at }) => back < 0 || at < back)
    const shares = forward.map(({ weights }) => weights[candidateSlot(drawn)])
    assert.deepEqual(
      shares,
      shares.toSorted((left, right) => left - right),
    )
  })

  check('users meet the candidate only after a passed smoke test and passed gates', ({ world }, drawn) => {
    const first = routesOf(world.log).find(({ weights }) => weights[candidateSlot(drawn)] > 0)
    if (!first) return
    const before = world.log.slice(0, first.at)
    assert.ok(before.some((event) => event.type === 'SmokeFinished' && event.data.report.passed))
    const gate = before.findLast((event) => event.type === 'GateChecked')
    assert.ok(gate?.type === 'GateChecked' && gate.data.verdict.outcome === 'pass')
  })

  check('nothing advances or is finalized without a pass in every hold', ({ world }) => {
    const holds = world.log.filter(
      (event) =>
        event.type === 'StepFinished' && event.data.track === 'forward' && ['hold', 'bake'].includes(event.data.kind),
    )
    for (const event of holds) {
      if (event.type !== 'StepFinished') continue
      assert.ok(event.data.verdicts.length > 0)
      assert.ok(event.data.verdicts.every(({ outcome }) => outcome === 'pass'))
    }
    if (!world.log.some(({ type }) => type === 'Finalized')) return
    assert.ok(holds.some((event) => event.type === 'StepFinished' && event.data.kind === 'bake'))
  })

  check('no user is lost to a stopped or unready slot, but to an instance that died on its own', ({ world }, drawn) => {
    if (drawn.v2.exitsAfterMs !== undefined) return
    assert.equal(world.lost(), 0)
  })

  check('the previous release is not stopped before its window closes', ({ world }) => {
    const finalized = world.log.findLast((event) => event.type === 'Finalized')
    const retireAt = finalized?.type === 'Finalized' ? finalized.data.retireAt : Number.POSITIVE_INFINITY
    for (const event of world.log) {
      if (event.type !== 'CommandIssued' || event.data.command.type !== 'StopSlot') continue
      if (event.data.command.release === 'shop-prod-1') assert.ok(event.at >= retireAt)
    }
  })

  check('every rollback opens an incident and every end is told', ({ world }) => {
    world.log.forEach((event, at) => {
      const following = world.log.slice(at, at + 4)
      const orders = following.flatMap((each) => (each.type === 'CommandIssued' ? [each.data.command.type] : []))
      if (event.type === 'RollbackTriggered' && event.data.mode === 'rollback')
        assert.ok(orders.includes('OpenIncident'))
      if (ENDS.includes(event.type)) assert.ok(orders.includes('Notify'))
    })
  })

  check('it ends, and what it says at the end is what users get', ({ world, steps }, drawn) => {
    assert.ok(whetherEnded(world.log)(), `no end after ${steps} steps; last event ${world.log.at(-1)?.type}`)
    const end = world.log.findLast(({ type }) => ENDS.includes(type))
    const weights = world.weights()
    if (end?.type === 'Finalized') assert.equal(weights[candidateSlot(drawn)], 100)
    if (end?.type === 'RolledBack') assert.deepEqual(weights, { blue: 100, green: 0 })
    if (end?.type === 'Aborted') assert.equal(weights[candidateSlot(drawn)], 0)
    if (end?.type === 'Aborted' || end?.type === 'RolledBack')
      assert.notEqual(world.held[candidateSlot(drawn)]?.release, 'shop-prod-2')
  })

  check('the log alone gives the state back', ({ world }) => {
    const replayed = world.log.reduce<RolloutState | null>(
      (state, event) => evolve(state, structuredClone(event)),
      null,
    )
    assert.deepEqual(replayed, world.state())
  })
})
