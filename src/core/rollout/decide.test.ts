/**
 * One rule per test, as history in and events out: it acts, it refuses, it stays quiet; every time limit at t and at t − 1 ms.
 * Whole rollouts are in `scenarios.test.ts`, random ones in `properties.test.ts`.
 */
import { english, listed, say, type Sentence } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { given } from '../../testing/given.ts'
import { planFor, requestFor, stableV1 } from '../../testing/plans.ts'
import { simulate } from '../../testing/world.ts'
import { after, instant } from '../time.ts'
import { decide } from './decide.ts'
import type { Recorded } from './events.ts'
import type { RolloutState } from './state.ts'

const T0 = instant(1_000_000)
const alex = { id: 'person:alex', roles: ['release-captain'] }
const mia = { id: 'person:mia', roles: ['maintainer'] }

/** The history of a good rollout up to the moment at which `until` holds. */
function historyUntil(
  until: (state: RolloutState) => boolean,
  plan = planFor(),
  builds = { v1: {}, v2: {} },
): readonly Recorded[] {
  const world = simulate({ builds }, T0)
  world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(plan))
  world.run(until)
  return world.log
}

const holdingAt = (weight: number) => (state: RolloutState) => {
  const step = state.steps[state.at]
  return step?.kind === 'hold' && step.weight === weight
}

describe('a request', () => {
  it('starts with the gates, tells people, and orders every gate once', () => {
    given([])
      .when(requestFor(planFor()), T0)
      .thenTypes('RolloutRequested', 'StepStarted', 'CommandIssued', 'CommandIssued')
  })

  it('names its token in every event that follows from it at once, and in none that time brings', () => {
    const { state, events } = decide(null, requestFor(planFor(), { by: { ...alex, token: 'tok_1' } }), T0)
    assert.deepEqual(
      events.map(({ token }) => token),
      events.map(() => 'tok_1'),
    )
    const [first] = events
    assert.ok(first?.type === 'RolloutRequested')
    assert.deepEqual(first.data.by, alex)
    const later = decide(state, { type: 'tick' }, after(T0, planFor().timings.queueLimitMs * 10))
    assert.ok(later.events.length > 0 && later.events.every((event) => !('token' in event)))
  })

  it('waits behind the rollout that holds the environment', () => {
    given([])
      .when(requestFor(planFor(), { behind: 'shop-prod-9' }), T0)
      .thenTypes('RolloutRequested', 'RolloutQueued')
  })

  it('is given up when the environment does not become free in time, not 1 ms earlier', () => {
    const world = simulate({ builds: {} }, T0)
    world.give(requestFor(planFor(), { behind: 'shop-prod-9' }))
    const limit = planFor().timings.queueLimitMs
    given(world.log)
      .when({ type: 'tick' }, after(T0, limit - 1))
      .thenNothing()
    given(world.log).when({ type: 'tick' }, after(T0, limit)).thenTypes('Aborted', 'CommandIssued')
  })

  it('takes what is stable when its turn comes, not when it was asked', () => {
    const world = simulate({ builds: {} }, T0)
    world.give(requestFor(planFor(), { behind: 'shop-prod-9' }))
    const stable = { ...stableV1, rollout: 'shop-prod-9', slot: 'green' as const }
    world.give({ type: 'admit', stable, quarantined: false })
    assert.equal(world.state()?.stable?.rollout, 'shop-prod-9')
    assert.equal(world.state()?.candidateSlot, 'blue')
    assert.equal(world.state()?.status, 'running')
  })

  it('of an artifact that was rolled back here never starts', () => {
    given([])
      .when(requestFor(planFor(), { quarantined: true }), T0)
      .thenTypes('RolloutRequested', 'Aborted', 'CommandIssued')
  })

  it('given twice is one request', () => {
    const world = simulate({ builds: {} }, T0)
    world.give(requestFor(planFor()))
    given(world.log).when(requestFor(planFor()), T0).thenNothing()
  })
})

describe('gates', () => {
  const gated = (outcome: 'pass' | 'fail' | 'no-evidence') => {
    const world = simulate({ builds: { v1: {}, v2: {} }, gateOutcome: () => outcome }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    return world
  }

  it('that are red end the release before anything is started', () => {
    const world = gated('fail')
    const end = world.run()
    assert.equal(end.status, 'aborted')
    assert.equal(end.ending?.cause, 'gate')
    assert.ok(!world.performed.some(({ command }) => command.type === 'EnsureSlot'))
  })

  it('that cannot find out are asked again until the deadline and never count as passed', () => {
    const world = gated('no-evidence')
    const end = world.run()
    assert.equal(end.status, 'aborted')
    assert.ok(world.performed.filter(({ command }) => command.type === 'CheckGate').length > 1)
    assert.equal((end.ending?.at ?? 0) - T0, planFor().timings.gatesLimitMs)
  })
})

describe('approvals', () => {
  const plan = planFor({
    timings: { ...planFor().timings, approvalsLimitMs: 1_800_000 },
    approvals: [{ id: 'maintainer', role: 'maintainer', at: 'start', people: [] }],
    steps: [{ kind: 'gates' }, { kind: 'approvals' }, ...planFor().steps.slice(1)],
  })
  const waiting = historyUntil((state) => state.steps[state.at]?.kind === 'approvals', plan)
  const now = after(waiting.at(-1)?.at ?? T0, 1000)
  const approve = { type: 'approve', approval: null, planHash: 'plan-hash-2', identity: 'identity-2' } as const

  it('let the release go on when the role approves exactly what waits', () => {
    given(waiting)
      .when({ ...approve, by: mia }, now)
      .thenTypes('Approved', 'StepFinished', 'StepStarted', 'CommandIssued')
  })

  it('refuse the requester, an author, a wrong role, and another plan or artifact', () => {
    const refused = (said: Sentence, by: typeof mia, change = {}) =>
      given(waiting)
        .when({ ...approve, ...change, by }, now)
        .then({
          events: [{ type: 'RequestRefused', data: { request: 'approve', by: by.id, reason: english(said), said } }],
          commands: [],
        })
    const both = ['maintainer', 'release-captain']
    refused(say`whoever requested a release does not approve it (four eyes)`, { id: 'person:alex', roles: both })
    refused(say`an author of the release does not approve it (four eyes)`, { id: 'person:ada', roles: both })
    refused(say`no open approval asks for a role that you hold`, { id: 'person:tim', roles: ['support'] })
    const other = (what: Sentence, shown: string) => {
      const differing = listed([say`the ${what} (shown ${'another'}, waiting ${shown})`])
      return say`what was shown is not what is waiting here: ${differing}; look again and approve that`
    }
    const { id } = requestFor(plan)
    refused(other(say`plan`, approve.planHash), mia, { planHash: 'another' })
    refused(other(say`artifact`, approve.identity), mia, { identity: 'another' })
    refused(other(say`rollout`, id), mia, { rollout: 'another' })
  })

  it('refuse the same people in another spelling', () => {
    for (const id of ['alex', 'Alex', 'person:ALEX', ' Ａlex ', 'ADA', 'Person:ada']) {
      given(waiting)
        .when({ ...approve, by: { id, roles: ['maintainer', 'release-captain'] } }, now)
        .thenTypes('RequestRefused')
    }
  })

  it('void the release when the policy it was planned under is no longer held', () => {
    given(waiting)
      .when({ ...approve, by: mia, policyStands: false }, now)
      .thenTypes('RequestRefused', 'RollbackTriggered', 'Aborted', 'CommandIssued')
    given(waiting)
      .when({ ...approve, by: mia, policyStands: true }, now)
      .thenTypes('Approved', 'StepFinished', 'StepStarted', 'CommandIssued')
  })

  it('that nobody gives abort the release at the deadline, not 1 ms earlier', () => {
    const since = waiting.findLast(({ type }) => type === 'StepStarted')?.at ?? T0
    const limit = plan.timings.approvalsLimitMs
    given(waiting)
      .when({ type: 'tick' }, after(since, limit - 1))
      .thenNothing()
    given(waiting)
      .when({ type: 'tick' }, after(since, limit))
      .thenTypes('RollbackTriggered', 'Aborted', 'CommandIssued')
  })

  it('that are rejected end the release', () => {
    given(waiting)
      .when({ type: 'reject', by: mia, reason: 'not tonight' }, now)
      .thenTypes('Rejected', 'RollbackTriggered', 'Aborted', 'CommandIssued')
  })
})

describe('[R-D13] a person', () => {
  const holding = historyUntil(holdingAt(10))
  const now = after(holding.at(-1)?.at ?? T0, 10)
  const reason = 'phone call'

  it('pauses, and nothing advances until somebody resumes', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(holdingAt(10))
    world.give({ type: 'pause', by: alex, reason })
    world.run((state) => state.lastAt > T0 + 60_000)
    assert.equal(world.weights().green, 10)
    world.give({ type: 'resume', by: alex })
    assert.equal(world.run().status, 'finalized')
  })

  it('pauses, and a trigger still takes the candidate back', () => {
    const bad = { v1: {}, v2: { errorRate: (_: number, servedMs: number) => (servedMs > 6000 ? 0.5 : 0) } }
    const world = simulate({ builds: bad }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(holdingAt(10))
    world.give({ type: 'pause', by: alex, reason })
    assert.equal(world.run().status, 'rolled-back')
  })

  it('who forgets a pause finds the candidate taken back at its deadline', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(holdingAt(10))
    world.give({ type: 'pause', by: alex, reason })
    const end = world.run(undefined, 100_000)
    assert.equal(end.status, 'rolled-back')
    assert.equal(end.rollback?.cause, 'undecided')
  })

  it('promotes: the rest of the hold is not waited for, evidence still is', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(holdingAt(10))
    world.give({ type: 'promote', by: alex })
    assert.equal(world.state()?.at, 4)
    world.run(holdingAt(50))
    const took = world.now() - T0
    assert.ok(took >= 5000 && took < 10_000, `evidence was there after ${took} ms`)
  })

  it('rolls back while users are on the candidate, traffic first', () => {
    given(holding)
      .when({ type: 'roll-back', by: alex, reason, cause: 'person', environmentFree: false }, now)
      .thenTypes(
        'RollbackTriggered',
        'CommandIssued',
        'CommandIssued',
        'StepStarted',
        'StepFinished',
        'StepStarted',
        'CommandIssued',
        'CommandIssued',
      )
  })

  it('aborts before any traffic: only the candidate goes', () => {
    const world = simulate({ builds: { v1: {}, v2: { readyAfterMs: 30_000 } } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run((state) => state.lastAt > T0 + 5000)
    world.give({ type: 'abort', by: alex, reason })
    const end = world.run()
    assert.equal(end.status, 'aborted')
    assert.equal(world.held.green, null)
    assert.deepEqual(world.weights(), { blue: 100, green: 0 })
    assert.equal(world.lost(), 0)
  })

  it('is refused with the reason where there is nothing to do', () => {
    const refused = (input: Parameters<ReturnType<typeof given>['when']>[0]) =>
      given(holding).when(input, now).thenTypes('RequestRefused')
    refused({ type: 'resume', by: alex })
    refused({ type: 'reject', by: alex, reason })
    refused({ type: 'resolve', by: alex, note: reason })
  })

  it('rolls back for an incident or a security finding as well', () => {
    for (const cause of ['incident', 'security-finding'] as const) {
      const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
      world.serving('blue', 'shop-prod-1', 'v1')
      world.give(requestFor(planFor()))
      world.run(holdingAt(50))
      world.give({ type: 'roll-back', by: mia, reason: 'CVE', cause, environmentFree: false })
      const end = world.run()
      assert.equal(end.status, 'rolled-back')
      assert.equal(end.rollback?.cause, cause)
    }
  })
})

describe('an order without an answer', () => {
  it('counts as unknown at its deadline and is given again', () => {
    const world = simulate({ builds: {} }, T0)
    world.give(requestFor(planFor()))
    const limit = planFor().timings.slowCommandLimitMs
    given(world.log)
      .when({ type: 'tick' }, after(T0, limit - 1))
      .thenNothing()
    given(world.log).when({ type: 'tick' }, after(T0, limit)).thenTypes('CommandFailed', 'CommandIssued')
  })

  it('that nobody waits for any more changes nothing', () => {
    const history = historyUntil(holdingAt(10))
    const result = { ok: true, answer: { type: 'done', detail: '' } } as const
    given(history)
      .when({ type: 'command-finished', key: '1', result }, history.at(-1)?.at ?? T0)
      .thenNothing()
  })
})

describe('time', () => {
  it('that goes backwards moves every wait with it', () => {
    const history = historyUntil(holdingAt(10))
    const at = history.at(-1)?.at ?? T0
    given(history).when({ type: 'tick' }, after(at, -3_600_000)).thenTypes('TimeShifted')
  })

  it('in which nobody drove the rollout is not counted as a hold, and rolls nothing back', () => {
    const world = simulate({ builds: { v1: {}, v2: {} } }, T0)
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run(holdingAt(10))
    const at = world.state()?.at
    world.jump(7_200_000)
    world.step()
    assert.equal(world.state()?.at, at)
    assert.equal(world.run().status, 'finalized')
  })
})
