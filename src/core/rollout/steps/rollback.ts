/** The way back: traffic first, then everything else. It never waits for a person (law L6). */
import { say } from '../../say.ts'
import type { Judgement } from '../../analysis/judge.ts'
import type { RoutePart } from '../../parts.ts'
import type { PlannedComponent } from '../../plan.ts'
import { after, formatDuration } from '../../time.ts'
import { type Command, commandIdentity } from '../commands.ts'
import {
  done,
  fail,
  lastFailure,
  type Move,
  saidBy,
  order,
  type RollbackKind,
  TAKE_OVER_MS,
  wait,
  wasRefused,
} from '../step-kind.ts'
import { missing, neverRouted, orderPreviousRoutes, desiredAfterRollback } from '../routes.ts'
import { liveComponents, liveSlot, liveWorkers, type RolloutState, slotOf } from '../state.ts'
import { once, runSmoke } from './smoke.ts'

/** Declared commands that take load or damage off (R-F02). One that fails does not keep traffic from going back. */
export const mitigate = {
  phase: 'rolling-back: mitigating',
  waitsFor: () => say`the mitigation`,
  looks: 'quickly',
  limitMs: (_, state) => state.plan.timings.slowCommandLimitMs * 2,
  run: (_, state) => {
    const open = state.plan.mitigate
      .map((_, index) => once(state, { type: 'Mitigate', index }, 'health'))
      .filter(({ move }) => move === 'issue')
    const commands = open.flatMap((move) => (move.move === 'issue' ? move.commands : []))
    return commands.length === 0 ? done : order(...commands)
  },
  expire: () => done,
} as const satisfies RollbackKind<{ kind: 'mitigate' }>

/**
 * Starts N-1 again where it is gone (R-F04); nothing to do while it serves or stands by. Nobody waits for anybody else:
 * users go back at once wherever somebody is there for them, and what gets no users is not waited for (`smokeLive`).
 */
export const restorePrevious = {
  phase: 'rolling-back: restoring-previous',
  waitsFor: () => say`the previous version to be ready`,
  looks: 'quickly',
  ends: () => ({ previous: 'ready' }),
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (_, state) => {
    const waiting = state.parts.routes.filter((part) => !canReturn(state, part))
    if (!state.stable || waiting.length === 0) return done
    const back = missing(state, desiredAfterRollback(state)).filter(
      ({ component }) => !waiting.some(({ id }) => id === component),
    )
    return order(...startsOf(state, ({ name }) => waiting.some(({ live }) => live === name)), ...back)
  },
  expire: (_, state) =>
    fail('deadline', say`the previous version did not become ready in time${lastFailure(state, 'EnsureSlot')}`),
} as const satisfies RollbackKind<{ kind: 'restore-previous' }>

/** Nobody to return to, or somebody who serves some of it right now (the rest cannot be worse), or is seen to be ready. */
function canReturn(state: RolloutState, { id, live }: RoutePart): boolean {
  if (live === null) return true
  const slot = liveSlot(state)
  const seen = slotOf(state, live, slot)?.value
  const gone = seen?.running === 0 || (seen?.ready === 0 && startedAgain(state, live))
  const serves = (state.routes[id]?.value.weights[slot] ?? 0) > 0 && !gone
  return serves || isUsable(state, live)
}

/** Its instances were gone and are new: they serve nobody before they are ready, whatever the route still says. */
function startedAgain(state: RolloutState, component: string): boolean {
  const start = startOf(state, component)
  return start !== null && state.done.includes(commandIdentity(start))
}

/** The orders that start again what was seen to be gone of N-1, as many instances as it had. */
function startsOf(state: RolloutState, which: (component: PlannedComponent) => boolean): readonly Command[] {
  return liveComponents(state)
    .filter((each) => which(each) && slotOf(state, each.name, liveSlot(state))?.value.running === 0)
    .flatMap(({ name }) => startOf(state, name) ?? [])
}

function startOf(state: RolloutState, component: string): Command | null {
  const { stable } = state
  const found = liveComponents(state).find(({ name }) => name === component)
  if (!stable || !found) return null
  const { instances } = found
  return { type: 'EnsureSlot', component, slot: liveSlot(state), release: stable.rollout, instances }
}

/** What may take all traffic back: it was last seen ready. */
function isUsable(state: RolloutState, component: string): boolean {
  const seen = slotOf(state, component, liveSlot(state))?.value
  return seen !== undefined && seen.present && seen.release === state.stable?.rollout && seen.ready > 0
}

export const trafficBack = {
  phase: 'rolling-back: traffic-back',
  waitsFor: () => say`all traffic to be back`,
  looks: 'quickly',
  withoutPrevious: true,
  ends: () => ({ share: 0 }),
  ended: ({ rollback }, at) => ({ rollback: rollback && { ...rollback, trafficBackAt: at } }),
  limitMs: (_, state) => state.plan.timings.rollbackLimitMs,
  run: (_, state) => {
    const open = missing(state, desiredAfterRollback(state))
    // Where nothing was ever routed, the maintenance page cannot be either, and there is nobody to show it to.
    const pointless = neverRouted(state) && wasRefused(state, 'SetRoute')
    return open.length === 0 || pointless ? done : orderPreviousRoutes(state, open)
  },
  expire: (_, state) => fail('deadline', say`traffic could not be returned in time${lastFailure(state, 'SetRoute')}`),
} as const satisfies RollbackKind<{ kind: 'traffic-back' }>

/**
 * Starts the previous release's instances of what no router leads to, once the candidate's were seen gone, in the order of
 * its plan (R-D16): jobs are taken by one generation at any time, on the way back as on the way there.
 */
export const reactivate = {
  phase: 'rolling-back: reactivating',
  waitsFor: () => say`the workers of the previous version`,
  looks: 'quickly',
  beforeUsers: true,
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (_, state) => {
    const next = liveWorkers(state).find((each) => !runsAgain(state, each))
    if (!next) return done
    // One that runs and is not ready yet is asked for once: an order a moment would be answered as fast as it is given.
    const start = isRunning(state, next) ? null : startOf(state, next.name)
    return start ? order(start) : wait
  },
  expire: (_, state) => {
    const late = liveWorkers(state).find((each) => !runsAgain(state, each))
    return fail(
      'deadline',
      say`${late?.name ?? '-'} of the previous release was not ready in time${lastFailure(state, 'EnsureSlot')}`,
    )
  },
} as const satisfies RollbackKind<{ kind: 'reactivate' }>

function isRunning(state: RolloutState, { name }: PlannedComponent): boolean {
  const seen = slotOf(state, name, liveSlot(state))?.value
  return seen?.release === state.stable?.rollout && (seen?.running ?? 0) > 0
}

/** All its instances, found ready by a look since this step began. */
function runsAgain(state: RolloutState, { name, instances }: PlannedComponent): boolean {
  const seen = slotOf(state, name, liveSlot(state))
  if (!seen || seen.answer || seen.doubted || seen.at < (state.step?.since ?? seen.at)) return false
  return seen.value.release === state.stable?.rollout && seen.value.ready >= instances
}

export const schema = {
  phase: 'rolling-back: schema',
  waitsFor: () => say`the schema to be migrated back`,
  looks: 'quickly',
  beforeUsers: true,
  limitMs: (_, state) => state.plan.timings.migrateLimitMs,
  run: (_, state) => once(state, { type: 'Migrate', direction: 'down' }, 'migration'),
  expire: (_, state) => fail('migration', say`the down migration did not end in time${lastFailure(state, 'Migrate')}`),
} as const satisfies RollbackKind<{ kind: 'schema' }>

/**
 * What of N-1 gets no users from a router is made sure of here: nobody waited for it, and yet it is part of what is back. What
 * users are back on is tested by its own checks: those of the candidate ask for what it may never have had.
 */
export const smokeLive = {
  phase: 'rolling-back: smoking',
  waitsFor: () => say`the smoke tests of live`,
  looks: 'quickly',
  ends: () => ({ smoke: 'live' }),
  limitMs: (_, state) =>
    state.plan.timings.smokeLimitMs + (unrouted(state).length > 0 ? state.plan.timings.startLimitMs : 0),
  run: (_, state) => {
    const away = unrouted(state).filter((name) => !isBack(state, name))
    if (away.length > 0) return order(...startsOf(state, ({ name }) => away.includes(name)))
    return runSmoke(state, { target: 'live', of: state.stable }, 'smoke')
  },
  expire: (_, state) => {
    const away = unrouted(state).filter((name) => !isBack(state, name))
    const what =
      away.length > 0
        ? say`${away.join(', ')} of the previous release did not come back in time${lastFailure(state, 'EnsureSlot')}`
        : say`the smoke tests after the rollback did not end in time${lastFailure(state, 'RunSmoke')}`
    return fail('smoke', what)
  },
} as const satisfies RollbackKind<{ kind: 'smoke-live' }>

function unrouted({ parts }: RolloutState): readonly string[] {
  return parts.live.filter((name) => !parts.routes.some(({ live }) => live === name))
}

/** It runs; and what had to be started again is ready too. */
function isBack(state: RolloutState, component: string): boolean {
  const seen = slotOf(state, component, liveSlot(state))?.value
  if (!seen || seen.release !== state.stable?.rollout) return false
  return seen.running > 0 && (seen.ready > 0 || !startedAgain(state, component))
}

/**
 * Keeps looking at what users are back on (R-F06). A breached limit escalates (R-F09). Too few requests to judge are no
 * reason to wake somebody: the smoke tests have passed. A source that shows nothing at all is.
 */
export const watch = {
  phase: 'rolling-back: watching',
  waitsFor: ({ holdMs }) => say`the ${formatDuration(holdMs)} watch`,
  looks: 'at ticks',
  judges: 'live',
  planned: ({ timings }) => ({ holdMs: timings.watchMs }),
  limitMs: ({ holdMs }, state) => holdMs * 2 + state.plan.timings.tickMs * 6 + TAKE_OVER_MS,
  run: ({ holdMs }, state, now, judge) => {
    const isOver = now >= after(state.step?.since ?? now, holdMs)
    return watched(judge(state, holdMs), isOver ? ['pass'] : [])
  },
  expire: ({ holdMs }, state, _, judge) => {
    const judgement = judge(state, 0)
    const end = watched(judgement, ['pass', 'inconclusive'])
    if (end.move !== 'wait') return end
    const { outcome } = judgement
    const open = judgement.verdicts.find((verdict) => verdict.outcome === outcome) ?? null
    if (outcome === 'fail') return fail('limit', say`still not good after the rollback: ${saidBy(open)}`, open)
    const why = open ? say`: ${saidBy(open)}` : ''
    return fail('deadline', say`nothing could be observed after the rollback in ${formatDuration(holdMs * 2)}${why}`)
  },
} as const satisfies RollbackKind<{ readonly kind: 'watch'; readonly holdMs: number }>

/** Verdicts are told only when something ends with them: a watch is judged at every tick. */
function watched(judgement: Judgement, enough: readonly string[]): Move {
  const red = judgement.triggered[0]
  if (red) return fail('limit', say`still red after the rollback: ${saidBy(red)}`, red)
  return enough.includes(judgement.outcome) ? { move: 'done', verdicts: judgement.verdicts } : wait
}
