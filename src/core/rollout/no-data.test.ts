/** What nobody can see is neither waited for for ever nor believed: law L3 from the other side. */
import { english, listed, say } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor, requestFor } from '../../testing/plans.ts'
import { type Hidden, simulate, type WorldOptions } from '../../testing/world.ts'
import type { Plan } from '../plan.ts'
import { after, type Instant, instant } from '../time.ts'
import { aftermathOf } from './aftermath.ts'
import {
  noDataAlarms,
  noDataForMs,
  withoutDataTooLong,
  isCandidateUnseen,
  lookLimitFor,
  lookedAround,
  lookLimitMs,
  unseen,
} from './no-data.ts'
import { evolve } from './evolve.ts'
import type { EventData, Recorded } from './events.ts'
import { currentStep, isFinal, type RolloutState } from './state.ts'
import { viewOf } from './view.ts'

const LIMIT_MS = lookLimitMs(planFor())
const NO_DATA_FOR_MS = noDataForMs(planFor())
const TICK_MS = planFor().timings.tickMs
const kim = { id: 'person:kim', roles: ['release-captain'] }

type Span = { readonly of: string; readonly after?: number; readonly forMs?: number }
type Fault = WorldOptions['fault']

/** A release beside v1 in which something cannot be seen from a moment of a step on. */
function released(span: Span, what: Hidden | 'refused' | 'lost', changes: Partial<Plan> = {}, isFirst = false) {
  const { of, after: later = 0, forMs = Number.POSITIVE_INFINITY } = span
  let begun: Instant | null = null
  const now = () => (begun === null ? false : world.now() >= begun + later && world.now() < begun + later + forMs)
  const fault: Fault = (command) => {
    if (command.type !== 'Observe' || typeof what !== 'string' || !now()) return null
    return what === 'lost' ? 'lost' : 'transient'
  }
  const hidden = () => (typeof what === 'string' || !now() ? null : what)
  const world = simulate({ builds: { v1: {}, v2: {} }, fault, hidden })
  if (!isFirst) world.serving('blue', 'shop-prod-1', 'v1')
  world.give(requestFor(planFor(changes), isFirst ? { stable: null } : {}))
  const start = (state: RolloutState) => {
    const step = currentStep(state)
    if (step?.kind === of && (of !== 'hold' || !('weight' in step) || step.weight === 10)) begun ??= world.now()
    return begun !== null
  }
  world.run(start)
  return { world, noDataSince: () => after(begun!, later) }
}

const find = <T extends Recorded['type']>(log: readonly Recorded[], type: T) =>
  log.find((event) => event.type === type) as Extract<Recorded, { type: T }> | undefined

const told = (log: readonly Recorded[], event: string) =>
  log.flatMap(({ type, data }) =>
    type === 'CommandIssued' && data.command.type === 'Notify' && data.command.message.event === event
      ? [data.command.message]
      : [],
  )

describe('while users are on the candidate, platform or router cannot be looked at', () => {
  const hidden: readonly (readonly [string, Hidden | 'refused' | 'lost', RegExp])[] = [
    ['its slot', { slots: ['green'] }, /^slot green of api could not be seen for 2\ds, \d+ looks .*connection refused/],
    ['the whole platform', { slots: ['blue', 'green'] }, /^slot green of api could not be seen/],
    ['the route', { route: true }, /^route of api could not be seen/],
    ['everything', { slots: ['blue', 'green'], route: true, metrics: 'silent' }, /slot green of api.*; route of api/],
    ['looks are refused', 'refused', /slot green of api.*injected transient/],
    ['looks are never answered', 'lost', /slot green of api.*Observe had no answer within 5000 ms/],
  ]
  for (const [name, what, text] of hidden)
    for (const step of ['hold', 'bake'])
      it(`takes it back after ${LIMIT_MS} ms and no sooner: ${name}, in ${step}`, () => {
        const { world, noDataSince } = released({ of: step, after: 2000 }, what)
        world.run(({ status }) => status !== 'running')
        const trigger = find(world.log, 'RollbackTriggered')
        assert.equal(trigger?.data.cause, 'no-data')
        assert.match(trigger.data.text, text)
        const lasted = trigger.at - noDataSince()
        assert.ok(lasted > LIMIT_MS - 2 * TICK_MS && lasted <= LIMIT_MS + 7 * TICK_MS, `${lasted} ms`)
      })

  it('takes it back in every state in which users are on it', () => {
    for (const step of ['shift', 'hold', 'bake']) {
      const { world } = released({ of: step, after: 100 }, { slots: ['green'] })
      const end = world.run()
      assert.equal(end.status === 'finalized', false, step)
      assert.ok(['rolled-back', 'needs-human'].includes(end.status), `${step}: ${end.status}`)
    }
  })

  it('is patient for as long as a restart of the router or the platform takes', () => {
    for (const what of [{ slots: ['green'] }, { route: true }, 'refused'] as const) {
      const { world } = released({ of: 'bake', after: 2000, forMs: LIMIT_MS - 4 * TICK_MS }, what)
      assert.equal(world.run().status, 'finalized', JSON.stringify(what))
    }
  })

  it('waits with every advance until it is seen again', () => {
    const { world, noDataSince } = released({ of: 'hold', after: 9500, forMs: 8000 }, { slots: ['green'] })
    assert.equal(world.run().status, 'finalized')
    const held = find(world.log, 'StepFinished')
    assert.ok(held)
    const end = world.log.find(({ type, data }) => type === 'StepFinished' && data.kind === 'hold')
    assert.ok(end && end.at >= after(noDataSince(), 8000), 'the hold ended without data')
  })

  it('a pause does not stop it', () => {
    const { world } = released({ of: 'hold', after: 1000 }, { route: true })
    world.give({ type: 'pause', by: kim, reason: 'lunch' })
    world.run(({ status }) => status !== 'running')
    assert.equal(find(world.log, 'RollbackTriggered')?.data.cause, 'no-data')
  })

  it('no artifact is barred for it', () => {
    const { world } = released({ of: 'hold', after: 1000, forMs: 25_000 }, { route: true })
    const end = world.run()
    assert.equal(end.status, 'rolled-back')
    const before = { ...end, status: 'rolling-back' } as const
    assert.equal(aftermathOf(before, end).quarantine, null)
  })

  it('a rollback that cannot see either calls a person in its time', () => {
    const { world } = released({ of: 'bake', after: 1000 }, { slots: ['blue', 'green'], route: true })
    const end = world.run()
    assert.equal(end.status, 'needs-human')
    assert.match(end.ending?.reason ?? '', /traffic could not be returned in time|could not be stopped in time/)
  })

  it('that what stands by cannot be seen is alarmed, and takes nothing back', () => {
    const { world, noDataSince } = released({ of: 'hold', after: 1000 }, { slots: ['blue'] })
    world.run(({ unseen }) => (unseen['slot blue of api']?.looks ?? 0) > 2)
    const [alarm] = viewOf(world.state()!, world.now()).alarms
    assert.deepEqual(alarm && [alarm.kind, alarm.what, alarm.until], ['no-data', 'slot blue of api', null])
    assert.ok(alarm && alarm.since <= noDataSince() + TICK_MS)
    assert.equal(world.run().status, 'finalized')
  })

  it('a look that succeeds once in a while is enough, once in a long while is not', () => {
    const every = (ticks: number) => {
      const world = simulate({
        builds: { v1: {}, v2: {} },
        hidden: (now) =>
          world.weights().green === 0 || Math.round(now / TICK_MS) % ticks === 0 ? null : { slots: ['green'] },
      })
      world.serving('blue', 'shop-prod-1', 'v1')
      world.give(requestFor(planFor()))
      return world.run()
    }
    assert.equal(every(5).status, 'finalized')
    assert.equal(every(60).rollback?.cause, 'no-data')
  })

  it('what could not be seen before users met it counts from then on only', () => {
    const { world, noDataSince } = released({ of: 'smoke', forMs: 15_000 }, 'refused')
    assert.equal(world.run().status, 'finalized')
    assert.ok(world.log.some(({ type, at }) => type === 'CommandFailed' && at > noDataSince()))
  })

  it('time in which nobody looked does not count', () => {
    const { world } = released({ of: 'hold', after: 1000, forMs: 4000 }, { slots: ['green'] })
    world.run(({ unseen }) => (unseen['slot green of api']?.looks ?? 0) >= 3)
    world.jump(600_000)
    assert.equal(world.run().status, 'finalized')
    assert.ok(find(world.log, 'TimeShifted'))
  })

  it('a clock that goes back prolongs nothing and hastens nothing', () => {
    let isHidden = false
    const hidden = (): Hidden | null => (isHidden ? { slots: ['green'] } : null)
    const world = simulate({ builds: { v1: {}, v2: {} }, hidden })
    world.serving('blue', 'shop-prod-1', 'v1')
    world.give(requestFor(planFor()))
    world.run((state) => currentStep(state)?.kind === 'hold')
    isHidden = true
    const part = () => unseen(world.state()!).find(({ name }) => name === 'slot green of api')
    world.run(() => (part()?.looks ?? 0) >= 3)
    const before = part()!
    const passed = world.now() - before.from
    world.jump(-3_600_000)
    world.give({ type: 'tick' })
    assert.equal(part()!.from, before.from - 3_600_000)
    assert.equal(part()!.since, before.since - 3_600_000)
    world.run(({ status }) => status !== 'running')
    const lasted = find(world.log, 'RollbackTriggered')!.at - part()!.from
    assert.ok(passed < LIMIT_MS && lasted >= LIMIT_MS && lasted < LIMIT_MS + 7 * TICK_MS, `${passed}, ${lasted} ms`)
  })
})

describe('while users are on the candidate, metrics tell nothing', () => {
  const silences = ['silent', 'missing', 'stale', 'impossible'] as const

  for (const metrics of silences)
    it(`holds, calls people, and takes it back after ${NO_DATA_FOR_MS} ms: ${metrics}`, () => {
      const { world, noDataSince } = released({ of: 'hold', after: 2000 }, { metrics })
      world.run(({ status }) => status !== 'running', 20_000)
      const found = find(world.log, 'NoDataFound')
      assert.ok(found)
      assert.ok(
        found.at - noDataSince() >= LIMIT_MS - 2 * TICK_MS && found.at - noDataSince() <= LIMIT_MS + 3 * TICK_MS,
      )
      assert.deepEqual(
        found.data.parts.map(({ what }) => what),
        ['metrics of api'],
      )
      const [message] = told(world.log, 'no-data')
      assert.equal(message?.priority, 'P2')
      assert.match(
        message.text,
        /metrics of api: not seen since .* it is rolled back at .*`stellwerk resume shop-prod-2`/,
      )
      const trigger = find(world.log, 'RollbackTriggered')
      assert.equal(trigger?.data.cause, 'no-data')
      assert.match(trigger.data.text, /^metrics of api could not be seen for 5m.*nobody let it wait/)
      const lasted = trigger.at - noDataSince()
      assert.ok(lasted > NO_DATA_FOR_MS - 2 * TICK_MS && lasted < NO_DATA_FOR_MS + 3 * TICK_MS, `${lasted} ms`)
      assert.equal(told(world.log, 'no-data').length, 1, 'people are told once')
      const kinds = world.log.filter(
        ({ type, at, data }) => type === 'StepFinished' && data.track === 'forward' && at > found.at,
      )
      assert.deepEqual(kinds, [], 'nothing advances without data')
    })

  it('goes on when they tell again, and says so once', () => {
    const { world } = released({ of: 'hold', after: 2000, forMs: 120_000 }, { metrics: 'silent' })
    // The hold asked a person meanwhile, for its own reason.
    world.run(({ paused, unseen }) => paused !== null && !('metrics of api' in unseen), 20_000)
    world.give({ type: 'resume', by: kim })
    assert.equal(world.run(isFinal, 20_000).status, 'finalized')
    assert.deepEqual(
      told(world.log, 'no-data').map(({ priority }) => priority),
      ['P2', 'info'],
    )
    assert.equal(world.log.filter(({ type }) => type === 'NoDataEnded').length, 1)
  })

  it('waits for them when a person says so by name, and advances on no evidence all the same', () => {
    const { world, noDataSince } = released({ of: 'hold', after: 2000, forMs: 900_000 }, { metrics: 'silent' })
    world.run(({ noData }) => noData !== null)
    const view = viewOf(world.state()!, world.now())
    assert.equal(view.waiting?.command, 'stellwerk resume shop-prod-2')
    assert.match(view.waiting?.for ?? '', /^metrics of api: not seen since/)
    assert.equal(view.waiting?.until, view.alarms[0]?.until)
    world.give({ type: 'resume', by: kim })
    const answered = find(world.log, 'NoDataAnswered')
    const said = listed([say`metrics of ${'api'}`], ', ')
    assert.deepEqual(answered?.data, { by: 'person:kim', parts: ['metrics of api'], said })
    world.run(({ unseen, paused }) => paused !== null && !('metrics of api' in unseen), 50_000)
    assert.ok(world.now() - noDataSince() >= 900_000)
    assert.equal(world.log.filter(({ type, data }) => type === 'StepFinished' && data.kind === 'hold').length, 0)
    world.give({ type: 'resume', by: kim })
    assert.equal(world.run(isFinal, 20_000).status, 'finalized')
  })

  it('whoever answered once did not answer for what is missed later', () => {
    const { world } = released({ of: 'hold', after: 2000 }, { metrics: 'silent' })
    world.run(({ noData }) => noData !== null)
    world.give({ type: 'resume', by: kim })
    const state = world.state()!
    const later = state.lastAt
    const parts: EventData<'NoDataFound'>['parts'] = ['metrics of api', 'metrics of web'].map((what) => ({
      what,
      since: later,
      why: 'connection refused',
    }))
    const event = { type: 'NoDataFound', data: { parts, until: later }, version: 1, at: later, actor: 'system' }
    assert.equal(evolve(state, event as Recorded).noData?.answeredBy, null)
  })

  it('nothing can be answered for before anybody was asked', () => {
    const { world } = released({ of: 'hold', after: 500 }, { metrics: 'silent' })
    world.give({ type: 'resume', by: kim })
    assert.match(find(world.log, 'RequestRefused')?.data.reason ?? '', /not paused/)
  })

  it('the limit is the one of the plan', () => {
    const timings = { ...planFor().timings, noDataForMs: 60_000, lookLimitMs: 5000 }
    const { world, noDataSince } = released({ of: 'hold', after: 2000 }, { metrics: 'silent' }, { timings })
    world.run(({ status }) => status !== 'running')
    const lasted = find(world.log, 'RollbackTriggered')!.at - noDataSince()
    assert.ok(lasted >= 60_000 - 2 * TICK_MS && lasted <= 60_000 + 3 * TICK_MS, `${lasted} ms`)
  })
})

describe('a first release, which has nothing to go back to but the maintenance page', () => {
  it('is held for as long as people have to answer, whatever cannot be seen', () => {
    const { world, noDataSince } = released({ of: 'bake', after: 2000 }, { slots: ['green', 'blue'] }, {}, true)
    world.run(({ noData }) => noData !== null)
    assert.match(told(world.log, 'no-data')[0]?.text ?? '', /slot blue of api/)
    world.run(({ status }) => status !== 'running', 20_000)
    const trigger = find(world.log, 'RollbackTriggered')
    assert.equal(trigger?.data.cause, 'no-data')
    assert.ok(trigger.at - noDataSince() >= NO_DATA_FOR_MS - 2 * TICK_MS)
  })

  it('waits when a person says so', () => {
    const { world } = released({ of: 'bake', after: 2000, forMs: 400_000 }, { route: true }, {}, true)
    world.run(({ noData }) => noData !== null)
    world.give({ type: 'resume', by: kim })
    world.run(
      ({ unseen, paused }) => !('route of api' in unseen) && (paused !== null || unseen['x'] === undefined),
      20_000,
    )
    if (world.state()!.paused) world.give({ type: 'resume', by: kim })
    assert.equal(world.run(isFinal, 20_000).status, 'finalized')
  })
})

describe('a release of several components', () => {
  const api = planFor().components[0]!
  const plan = planFor({
    components: [api, { ...api, name: 'web' }, { ...api, name: 'worker', router: null }],
  })
  const start = instant(1_000_000)

  function exposed(): RolloutState {
    const request = requestFor(plan)
    const { type: _, behind: __, ...facts } = request
    const event = (data: unknown, type: string, at: Instant, version: number) =>
      ({ type, data, at, version, actor: 'system' }) as unknown as Recorded
    const asked = evolve(null, event({ ...facts, candidateSlot: 'green' }, 'RolloutRequested', start, 1))
    return { ...asked, status: 'running', at: 4, exposed: true, lastAt: start }
  }

  function look(state: RolloutState, at: Instant, hidden: readonly string[]): RolloutState {
    const shown = (name: string) => !hidden.includes(name)
    const slot = (value: string, name: string) => (shown(`slot ${value} of ${name}`) ? { [value]: EMPTY } : {})
    const slots = plan.components.map(({ name }) => [name, { ...slot('green', name), ...slot('blue', name) }])
    const routes = ['api', 'web'].filter((name) => shown(`route of ${name}`)).map((name) => [name, { weights: {} }])
    const data = { key: null, slots: Object.fromEntries(slots), routes: Object.fromEntries(routes), failures: [] }
    return evolve(state, { type: 'WorldObserved', data, at, version: 2, actor: 'system' } as never)
  }
  const EMPTY = { present: false, ready: 0 }

  for (const part of ['slot green of worker', 'slot green of web', 'route of web'])
    it(`one part of one of them is enough: ${part}`, () => {
      let state = exposed()
      for (let ticks = 0; ticks <= 30; ticks += 1) state = look(state, after(start, ticks * TICK_MS), [part])
      assert.equal(isCandidateUnseen(state), true)
      assert.match(
        english(withoutDataTooLong(state, after(start, 30 * TICK_MS))?.said ?? ''),
        new RegExp(`^${part} could not be seen`),
      )
      assert.deepEqual(
        noDataAlarms(state).map(({ what }) => what),
        [part],
      )
    })

  it('none of them is missed after one good look', () => {
    let state = exposed()
    for (let ticks = 0; ticks < 15; ticks += 1) state = look(state, after(start, ticks * TICK_MS), ['route of web'])
    state = look(state, after(start, 15 * TICK_MS), [])
    assert.equal(withoutDataTooLong(state, after(start, 16 * TICK_MS)), null)
    assert.deepEqual(state.unseen, {})
  })
})

it('the counts of a route that the router does not have yet are not missed', () => {
  const { world } = released({ of: 'hold' }, { route: true })
  const state = world.state()!
  const { slots } = state
  const seen = (generation: number) => {
    const routes = { api: { ...state.routes['api']!.value, generation } }
    const shown = Object.fromEntries(
      Object.entries(slots).map(([name, { blue, green }]) => [name, { blue: blue!.value, green: green!.value }]),
    )
    return lookedAround(state, { slots: shown, routes, failures: [] }, { at: world.now(), metrics: true })
  }
  assert.deepEqual(Object.keys(seen(0).unseen), [])
  assert.deepEqual(Object.keys(seen(1).unseen), ['metrics of api'])
})

describe('how long platform and router may not be seen', () => {
  const table = [
    [1000, 20_000],
    [5000, 20_000],
    [60_000, 240_000],
  ] as const
  for (const [tickMs, limitMs] of table)
    it(`${limitMs} ms at a tick of ${tickMs} ms`, () => assert.equal(lookLimitFor(tickMs), limitMs))
})
