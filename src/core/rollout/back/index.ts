/** The way back: traffic first, then everything else. It never waits for a person (law L6). */
import type { Judgement } from '../../analysis/judge.ts'
import { after, formatDuration } from '../../time.ts'
import { done, fail, lastFailure, type Move, order, type StepKind, TAKE_OVER_MS, wait, wasRefused } from '../move.ts'
import { switchedComponents } from '../../plan.ts'
import { neverRouted, orderRoutes, routeBack, setRoutes } from '../routes.ts'
import { liveSlot, routed, type RolloutState, slotOf } from '../state.ts'
import { commandIdentity } from '../issue.ts'
import { once, runSmoke } from '../steps/smoke.ts'

export { stopCandidate } from './stop-candidate.ts'

/** Declared commands that take load or damage off (R-F02). One that fails does not keep traffic from going back. */
export const damp: StepKind<{ kind: 'damp' }> = {
  limitMs: (_, state) => state.plan.timings.slowCommandLimitMs * 2,
  run: (_, state) => {
    const open = state.plan.damp
      .map((_, index) => once(state, { type: 'Damp', index }, 'health'))
      .filter(({ move }) => move === 'issue')
    const commands = open.flatMap((move) => (move.move === 'issue' ? move.commands : []))
    return commands.length === 0 ? done : order(...commands)
  },
  expire: () => done,
}

/** Starts N-1 again where it is gone (R-F04); nothing to do while it serves or stands by. */
export const restorePrevious: StepKind<{ kind: 'restore-previous' }> = {
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (_, state) => {
    if (!state.stable) return done
    if (stillServing(state)) return done
    const switched = switchedComponents(state.plan)
    const missing = state.plan.components.filter((each) => !switched.includes(each) && !liveUsable(state, each.name))
    if (missing.length === 0) return done
    const gone = missing.filter(({ name }) => slotOf(state, name, liveSlot(state))?.value.running === 0)
    return order(...startsOf(state).filter(({ component }) => gone.some(({ name }) => name === component)))
  },
  expire: (_, state) =>
    fail('deadline', `the previous version did not become ready in time${lastFailure(state, 'EnsureSlot')}`),
}

/** Live serves its share right now, so giving it the rest cannot be worse than what is; unless it was seen to be gone. */
function stillServing(state: RolloutState): boolean {
  return routed(state).every(({ name }) => {
    const live = liveSlot(state)
    const seen = slotOf(state, name, live)?.value
    const gone = seen?.running === 0 || (seen?.ready === 0 && startedAgain(state, name))
    return (state.routes[name]?.value.weights[live] ?? 0) > 0 && !gone
  })
}

/** Its instances were gone and are new: they serve nobody before they are ready, whatever the route still says. */
function startedAgain(state: RolloutState, component: string): boolean {
  return startsOf(state).some(
    (command) => command.component === component && state.done.includes(commandIdentity(command)),
  )
}

/** The orders that start N-1 again. */
function startsOf(state: RolloutState) {
  const { stable, plan } = state
  if (!stable) return []
  return plan.components.map(
    ({ name, instances }) =>
      ({
        type: 'EnsureSlot',
        component: name,
        slot: liveSlot(state),
        release: stable.rollout,
        instances,
      }) as const,
  )
}

/** What may take all traffic back: it was last seen ready. */
function liveUsable(state: RolloutState, component: string): boolean {
  const seen = slotOf(state, component, liveSlot(state))?.value
  return seen !== undefined && seen.present && seen.release === state.stable?.rollout && seen.ready > 0
}

export const trafficBack: StepKind<{ kind: 'traffic-back' }> = {
  limitMs: (_, state) => state.plan.timings.rollbackLimitMs,
  run: (_, state) => {
    const missing = setRoutes(state, (name) => routeBack(state, name))
    // Where nothing was ever routed, the maintenance page cannot be either, and there is nobody to show it to.
    const pointless = neverRouted(state) && wasRefused(state, 'SetRoute')
    return missing.length === 0 || pointless ? done : orderRoutes(state, missing)
  },
  expire: (_, state) => fail('deadline', `traffic could not be returned in time${lastFailure(state, 'SetRoute')}`),
}

/**
 * Starts the previous release's instances of what no router leads to, once the candidate's were seen gone (R-D16): jobs are
 * taken by one generation at any time, on the way back as on the way there.
 */
export const reactivate: StepKind<{ kind: 'reactivate' }> = {
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (_, state) => {
    if (!state.stable) return done
    const switched = switchedComponents(state.plan).filter(({ name }) => !runsAgain(state, name))
    if (switched.length === 0) return done
    return order(...startsOf(state).filter(({ component }) => switched.some(({ name }) => name === component)))
  },
  expire: (_, state) =>
    fail('deadline', `the previous version's workers did not become ready in time${lastFailure(state, 'EnsureSlot')}`),
}

/** All its instances, found ready by a look since this step began. */
function runsAgain(state: RolloutState, component: string): boolean {
  const seen = slotOf(state, component, liveSlot(state))
  if (!seen || seen.answer || seen.doubted || seen.at < (state.step?.since ?? seen.at)) return false
  const { present, release, desired, ready } = seen.value
  return present && release === state.stable?.rollout && desired > 0 && ready >= desired
}

export const schema: StepKind<{ kind: 'schema' }> = {
  limitMs: (_, state) => state.plan.timings.migrateLimitMs,
  run: (_, state) => once(state, { type: 'Migrate', direction: 'down' }, 'migration'),
  expire: (_, state) => fail('migration', `the down migration did not end in time${lastFailure(state, 'Migrate')}`),
}

export const smokeLive: StepKind<{ kind: 'smoke-live' }> = {
  limitMs: (_, state) => state.plan.timings.smokeLimitMs,
  run: (_, state) => runSmoke(state, 'live', 'smoke'),
  expire: (_, state) =>
    fail('smoke', `the smoke tests after the rollback did not end in time${lastFailure(state, 'RunSmoke')}`),
}

/**
 * Keeps looking at what users are back on (R-F06). A breached limit escalates (R-F09). Too few requests to judge are no
 * reason to wake somebody: the smoke tests have passed. A source that shows nothing at all is.
 */
export const watch: StepKind<{ kind: 'watch'; holdMs: number }> = {
  limitMs: ({ holdMs }, state) => holdMs * 2 + state.plan.timings.tickMs * 6 + TAKE_OVER_MS,
  run: ({ holdMs }, state, now, judge) => {
    const end = watched(judge(state, holdMs), ['pass'])
    return end.move === 'done' && now < after(state.step?.since ?? now, holdMs) ? wait : end
  },
  expire: ({ holdMs }, state, _, judge) => {
    const judgement = judge(state, 0)
    const end = watched(judgement, ['pass', 'inconclusive'])
    if (end.move !== 'wait') return end
    const { outcome, verdicts } = judgement
    const open = verdicts.find((verdict) => verdict.outcome === outcome) ?? null
    if (outcome === 'fail') return fail('limit', `still not good after the rollback: ${open?.text}`, open)
    const why = open ? `: ${open.text}` : ''
    return fail('deadline', `nothing could be observed after the rollback in ${formatDuration(holdMs * 2)}${why}`)
  },
}

function watched({ outcome, verdicts, triggered }: Judgement, enough: readonly string[]): Move {
  const red = triggered[0]
  if (red) return fail('limit', `still red after the rollback: ${red.text}`, red)
  return enough.includes(outcome) ? { move: 'done', verdicts } : wait
}
