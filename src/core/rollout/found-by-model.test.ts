/** Counterexamples that the model checker found in the decider, each as the shortest history that showed it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { EMPTY_SLOT, type ObservedSlot } from '../observed.ts'
import { after, instant, type Instant } from '../time.ts'
import { decide, type Decision } from './decide.ts'
import type { Command } from './commands.ts'
import type { CommandAnswer, World } from './inputs.ts'
import { currentStep, type RolloutState } from './state.ts'

const T0 = instant(1_000_000)

function runUntil(kind: string, until: (state: RolloutState) => boolean = () => true) {
  const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  const state = world.run((each) => currentStep(each)?.kind === kind && until(each))
  return { state, now: world.now() }
}

/** The answer to the pending command of that type. */
function answer(state: RolloutState, type: Command['type'], given: CommandAnswer, now: Instant): Decision {
  const found = state.pending.find(({ command }) => command.type === type)
  assert.ok(found, `${type} is not pending`)
  return decide(state, { type: 'command-finished', key: found.key, result: { ok: true, answer: given } }, now)
}

type Looked = { ready?: number; routes?: boolean; candidate?: Partial<ObservedSlot> }

function look(state: RolloutState, now: Instant, changes: Looked = {}): Decision {
  const { ready = 2, routes = true } = changes
  const slots = Object.fromEntries(
    Object.entries(state.slots['api'] ?? {}).map(([slot, seen]) => {
      const upstreams = seen.value.upstreams.slice(0, slot === state.candidateSlot ? ready : undefined)
      const candidate = { ...seen.value, ready, upstreams, ...changes.candidate }
      return [slot, slot === state.candidateSlot ? candidate : seen.value]
    }),
  )
  const world: World = {
    at: now,
    slots: { api: slots },
    routes: routes && state.routes['api'] ? { api: state.routes['api'].value } : {},
    metrics: {},
    failures: [],
  }
  return answer(state, 'Observe', { type: 'world', world }, now)
}

const passed = { passed: true, checks: [] }
const types = ({ events }: Decision) => events.map(({ type }) => type)

describe('given an abort while the candidate is being started', () => {
  const { state, now } = runUntil('deploy', (each) => each.pending.some(({ command }) => command.type === 'EnsureSlot'))
  const abort = { type: 'abort', by: { id: 'person:alex', roles: [] }, reason: 'changed my mind' } as const
  const aborting = decide(state, abort, now)
  const empty = { present: false, release: null, ready: 0, running: 0, upstreams: [] }

  it('when the slot is seen empty then it is not over: what is under way may still come', () => {
    const seen = look(aborting.state, after(now, 1000), { candidate: empty })
    assert.equal(seen.state.status, 'aborting')
  })

  it('when the start fails then it is not over before the next look: it may have been done all the same', () => {
    const seen = look(aborting.state, after(now, 1000), { candidate: empty })
    const start = seen.state.pending.find(({ command }) => command.type === 'EnsureSlot')!
    const unknown = { ok: false, kind: 'unknown', message: 'the connection broke' } as const
    const late = decide(seen.state, { type: 'command-finished', key: start.key, result: unknown }, after(now, 1500))
    assert.equal(late.state.status, 'aborting')
    const gone = look(late.state, after(now, 2000), { candidate: empty })
    assert.equal(gone.state.status, 'aborted')
    const there = look(late.state, after(now, 2000), { candidate: { present: true, release: state.id } })
    assert.deepEqual(
      there.commands.map(({ command }) => command.type).filter((type) => type !== 'Observe'),
      ['StopSlot'],
    )
  })

  it('when the start is answered then what came of it is stopped', () => {
    const started = { present: true, release: state.id, desired: 2, running: 2, upstreams: [] }
    const observed = { ...EMPTY_SLOT, ...started }
    const slot = { type: 'slot', component: 'api', slot: state.candidateSlot, observed } as const
    const seen = look(aborting.state, after(now, 1000), { candidate: empty })
    const late = answer(seen.state, 'EnsureSlot', slot, after(now, 1500))
    const later = look(late.state, after(now, 20_000), { candidate: started })
    assert.ok([...late.commands, ...later.commands].some(({ command }) => command.type === 'StopSlot'))
  })
})

describe('given a candidate that is briefly not ready at the end', () => {
  it('when the router cannot be seen then nothing is ordered and nothing breaks', () => {
    const { state, now } = runUntil('verify-live')
    const unready = look(state, after(now, 1000), { ready: 0 })
    const smoke = { type: 'smoke', report: passed } as const
    const final = answer(unready.state, 'RunSmoke', smoke, after(now, 1001))
    assert.equal(currentStep(final.state)?.kind, 'finalize')
    const unseen = look(final.state, after(now, 2001), { ready: 0, routes: false })
    assert.ok(!unseen.commands.some(({ command }) => command.type === 'SetRoute'))
    assert.equal(unseen.state.status, 'running')
  })
})

describe('given a clock that went back while live was tested', () => {
  it('when the test passes then the end still waits for a look of its own', () => {
    const { state, now } = runUntil('verify-live')
    const jumped = decide(state, { type: 'tick' }, after(now, -10_000))
    assert.deepEqual(types(jumped), ['TimeShifted'])
    const smoke = { type: 'smoke', report: passed } as const
    const final = answer(jumped.state, 'RunSmoke', smoke, after(now, -9_999))
    assert.equal(final.state.status, 'running')
    assert.equal(currentStep(final.state)?.kind, 'finalize')
  })
})

describe('given an approval that expires before users meet the candidate', () => {
  it('when the smoke test passes then the release is taken away with the reason, and the stream goes on', () => {
    const plan = planFor({ approvals: [{ id: 'maintainer', role: 'maintainer', at: 'start', people: [] }] })
    const { state, now } = runUntil('smoke')
    const late = { ...state, plan, approvals: { maintainer: { by: 'person:mia', expiresAt: now } } }
    const decision = answer(late, 'RunSmoke', { type: 'smoke', report: passed }, after(now, 1))
    assert.equal(decision.state.status, 'aborting')
    assert.match(
      decision.state.rollback?.text ?? '',
      /approval as maintainer expired before users reached the candidate/,
    )
  })
})

describe('given a finalized release that saw users on the spare slot again', () => {
  it('when its window ends then it stops nothing there, and breaks nothing', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    const state = world.run()
    const seen = state.routes['api']!
    const taken = { ...seen, at: state.retireAt!, value: { ...seen.value, weights: { blue: 50, green: 50 } } }
    const decision = decide({ ...state, pending: [], routes: { api: taken } }, { type: 'tick' }, state.retireAt!)
    assert.deepEqual(
      decision.events.map(({ type, data }) => [type, data]),
      [['WindowClosed', { reason: 'superseded' }]],
    )
  })

  it('when its window ends then it looks at the routes before it stops anything', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    const state = world.run()
    const decision = decide({ ...state, pending: [] }, { type: 'tick' }, state.retireAt!)
    assert.deepEqual(
      decision.commands.map(({ command }) => command),
      [{ type: 'Observe', metrics: false }],
    )
  })
})

describe('given a candidate that took long to become ready', () => {
  it('when its start and smoke test are answered between two looks then users are not taken off it at once', () => {
    const { state, now } = runUntil('smoke')
    const slow = { ...state, unreadyLooks: 5 }
    const smoke = { type: 'smoke', report: passed } as const
    const decision = answer(slow, 'RunSmoke', smoke, after(now, 1))
    assert.equal(currentStep(decision.state)?.kind, 'shift')
    assert.equal(decision.state.status, 'running')
  })
})

describe('given both releases gone while users are on both', () => {
  const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor()))
  world.run((state) => currentStep(state)?.kind === 'hold')
  Object.assign(world.held, { blue: null, green: null })
  const starting = world.run(({ pending }) =>
    Object.values(pending).some(({ command }) => command.type === 'EnsureSlot'),
  )
  // A router keeps the addresses that it was told, whether somebody answers there or not.
  const kept = { blue: ['blue:1', 'blue:2'], green: ['green:1', 'green:2'] }
  const route = starting.routes['api']!
  const state = { ...starting, routes: { api: { ...route, value: { ...route.value, upstreams: kept } } } }
  const started = { ...EMPTY_SLOT, present: true, release: 'shop-prod-1', desired: 2, running: 2 }
  const slot = { type: 'slot', component: 'api', slot: 'blue' } as const

  it('when the previous one is started again but not ready then no traffic is ordered to it', () => {
    const decision = answer(state, 'EnsureSlot', { ...slot, observed: started }, after(world.now(), 1))
    assert.deepEqual(types(decision), ['SlotObserved'])
  })

  it('when it is ready then traffic goes back', () => {
    const ready = { ...started, ready: 2, upstreams: kept.blue }
    const decision = answer(state, 'EnsureSlot', { ...slot, observed: ready }, after(world.now(), 1))
    assert.ok(decision.commands.some(({ command }) => command.type === 'SetRoute'))
  })
})
