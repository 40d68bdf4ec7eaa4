/** A share of the users stays on live while the candidate bakes; it comes over last, and what was seen then is final. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { controlShare, type Plan, stepsThatRun } from '../plan.ts'
import { planFor, requestFor, stableV1 } from '../../testing/plans.ts'
import { type Build, simulate, type WorldOptions } from '../../testing/world.ts'
import type { Slot } from '../observed.ts'
import { instant } from '../time.ts'
import { viewOf } from './view.ts'

const STEPS: Plan['steps'] = [
  { kind: 'gates' },
  { kind: 'deploy', component: 'api', instances: 2 },
  { kind: 'smoke' },
  { kind: 'shift', weight: 50 },
  { kind: 'hold', weight: 50, holdMs: 10_000 },
  { kind: 'shift', weight: 95 },
  { kind: 'bake', weight: 95, holdMs: 20_000 },
  { kind: 'shift', weight: 100 },
  { kind: 'verify-live' },
  { kind: 'hold', weight: 100, holdMs: 5000, withinMs: 60_000 },
  { kind: 'finalize' },
]

type World = ReturnType<typeof simulate>

function begun(v2: Build, options: Partial<WorldOptions> = {}, stable: typeof stableV1 | null = stableV1): World {
  const world = simulate({ builds: { v1: {}, v2 }, ...options })
  if (stable) world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor({ steps: STEPS }), { stable }))
  return world
}

const shares = (world: World, candidate: Slot = 'green') =>
  world.performed.flatMap(({ command }) => (command.type === 'SetRoute' ? [command.route.weights[candidate]] : []))

describe('a control share', () => {
  it('[R-D11] stays on live until the bake has ended, and no user is lost when it comes over', () => {
    const world = begun({})
    const baking = world.run((state) => viewOf(state, state.lastAt).phase === 'baking')
    assert.deepEqual(world.weights(), { blue: 5, green: 95 })
    assert.match(viewOf(baking, baking.lastAt).waiting?.for ?? '', /^the 20s bake at 95 %/)
    const end = world.run(undefined, 20_000)
    assert.equal(end.status, 'finalized')
    assert.deepEqual(shares(world), [50, 95, 100])
    assert.equal(world.lost(), 0)
    assert.equal(world.held.blue?.version, 'v1', 'live stays warm for the way back')
  })

  it('[R-D11] comes over before live is smoke-tested, and the whole is held before it is final', () => {
    const world = begun({})
    world.run(undefined, 20_000)
    const ended = world.log.flatMap((event) =>
      event.type === 'StepFinished'
        ? [`${event.data.kind} ${event.data.verdicts.length > 0 ? 'judged' : ''}`.trim()]
        : [],
    )
    assert.deepEqual(ended.slice(-5), ['bake judged', 'shift', 'verify-live', 'hold judged', 'finalize'])
  })

  it('[R-D11] comes over where nobody of live is ready any more: no user stays on it to be compared with', () => {
    const world = begun({})
    world.run((state) => viewOf(state, state.lastAt).phase === 'baking')
    world.held.blue!.startedAt = instant(Number.MAX_SAFE_INTEGER)
    const asked = world.run((state) => state.paused !== null, 20_000)
    assert.deepEqual(world.weights(), { blue: 0, green: 100 })
    assert.deepEqual(shares(world), [50, 95, 100])
    assert.match(asked.paused?.reason ?? '', /not enough evidence/)
  })

  it('is told of once where it comes over early: who compares with it, and who could go back to it, has to know', () => {
    const world = begun({})
    world.run((state) => viewOf(state, state.lastAt).phase === 'baking')
    world.held.blue!.startedAt = instant(Number.MAX_SAFE_INTEGER)
    const lost = world.run(() => world.log.some(({ type }) => type === 'ControlLost'), 20_000)
    assert.match(viewOf(lost, lost.lastAt).waiting?.for ?? '', /^the 20s bake, without the 5 % on live, which is down/)
    world.run((state) => state.paused !== null, 20_000)
    const facts = world.log.filter(({ type }) => type === 'ControlLost').map(({ data }) => data)
    assert.deepEqual(facts, [{ component: 'api', share: 5 }])
    const told = world.performed.flatMap(({ command }) =>
      command.type === 'Notify' && command.message.event === 'control-lost' ? [command.message] : [],
    )
    assert.deepEqual(
      told.map(({ priority, title }) => `${priority} ${title}`),
      ['P2 shop v2 in prod: has lost its control share, live is down'],
    )
  })

  it('is not told of where it comes over as planned', () => {
    const world = begun({})
    world.run(undefined, 20_000)
    assert.ok(!world.log.some(({ type }) => type === 'ControlLost'))
  })

  it('[R-F01] lets go of a candidate that fails in the bake, from 95 % and with nobody lost', () => {
    const world = begun({ errorRate: (weight) => (weight === 95 ? 0.5 : 0) })
    const end = world.run(undefined, 20_000)
    assert.equal(end.status, 'rolled-back')
    assert.deepEqual(shares(world), [50, 95, 0])
    assert.deepEqual(world.weights(), { blue: 100, green: 0 })
    assert.equal(world.lost(), 0)
  })

  it('[R-F01] does the same where only the last users bring it to fall', () => {
    const world = begun({ errorRate: (weight) => (weight === 100 ? 0.5 : 0) })
    const end = world.run(undefined, 20_000)
    assert.equal(end.status, 'rolled-back')
    assert.deepEqual(shares(world), [50, 95, 100, 0])
    assert.equal(world.lost(), 0)
  })

  it('[R-D11] is nobody to compare with in a first release: it bakes at 100 %', () => {
    assert.deepEqual(
      stepsThatRun({ steps: STEPS }, true).map(({ kind, weight }) => `${kind} ${weight ?? ''}`.trim()),
      ['gates', 'deploy', 'smoke', 'shift 100', 'bake', 'verify-live', 'finalize'],
    )
    const world = begun({}, {}, null)
    assert.equal(world.run(undefined, 20_000).status, 'finalized')
    assert.deepEqual(shares(world, 'blue'), [100])
  })

  it('is told from the steps of a plan; plans that say nothing of it have none', () => {
    assert.deepEqual([controlShare(STEPS), controlShare(planFor().steps)], [5, 0])
    assert.equal(stepsThatRun({ steps: STEPS }, false), STEPS)
  })
})
