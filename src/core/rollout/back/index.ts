/** The way back: traffic first, then everything else. It never waits for a person (law L6). */
import { after, formatDuration } from '../../time.ts'
import { judgeCandidate } from '../judging.ts'
import { done, fail, lastFailure, type Move, order, type StepKind, TAKE_OVER_MS, wait, wasRefused } from '../move.ts'
import { maintenanceRoute, neverRouted, orderRoutes, setRoutes, wishedRoute } from '../routes.ts'
import { isPending, liveSlot, routed, type RolloutState, slotOf } from '../state.ts'
import { once, runSmoke } from '../steps/smoke.ts'

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
    const missing = state.plan.components.filter(({ name }) => !liveUsable(state, name))
    if (missing.length === 0) return done
    const { rollout } = state.stable
    const gone = missing.filter(({ name }) => slotOf(state, name, liveSlot(state))?.value.running === 0)
    return order(
      ...gone.map(
        ({ name, instances }) =>
          ({ type: 'EnsureSlot', component: name, slot: liveSlot(state), release: rollout, instances }) as const,
      ),
    )
  },
  expire: (_, state) =>
    fail('deadline', `the previous version did not become ready in time${lastFailure(state, 'EnsureSlot')}`),
}

/** Live serves its share right now, so giving it the rest cannot be worse than what is; unless it was seen to be gone. */
function stillServing(state: RolloutState): boolean {
  return routed(state).every(({ name }) => {
    const live = liveSlot(state)
    const gone = slotOf(state, name, live)?.value.running === 0
    return (state.routes[name]?.value.weights[live] ?? 0) > 0 && !gone
  })
}

/** What may take all traffic back: it was last seen ready. */
function liveUsable(state: RolloutState, component: string): boolean {
  const seen = slotOf(state, component, liveSlot(state))?.value
  return seen !== undefined && seen.present && seen.release === state.stable?.rollout && seen.ready > 0
}

export const trafficBack: StepKind<{ kind: 'traffic-back' }> = {
  limitMs: (_, state) => state.plan.timings.rollbackLimitMs,
  run: (_, state) => {
    const { stable } = state
    const missing = setRoutes(state, (name) => (stable ? wishedRoute(state, name, 0) : maintenanceRoute()))
    // Where nothing was ever routed, the maintenance page cannot be either, and there is nobody to show it to.
    const pointless = neverRouted(state) && wasRefused(state, 'SetRoute')
    return missing.length === 0 || pointless ? done : orderRoutes(state, missing)
  },
  expire: (_, state) => fail('deadline', `traffic could not be returned in time${lastFailure(state, 'SetRoute')}`),
}

/** Lets the candidate's last requests end, then stops it, and ends when it was observed gone. */
export const stopCandidate: StepKind<{ kind: 'stop-candidate' }> = {
  limitMs: (_, state) => {
    const { drainLimitMs, rollbackLimitMs, slowCommandLimitMs } = state.plan.timings
    return drainLimitMs + rollbackLimitMs + (isPending(state, 'EnsureSlot') ? slowCommandLimitMs : 0)
  },
  run: (_, state, now) => {
    const left = state.plan.components.filter(({ name }) => !candidateGone(state, name))
    if (left.length === 0) return done
    if (!drained(state) && now < after(state.step?.since ?? now, state.plan.timings.drainLimitMs)) return wait
    return order(
      ...left
        .filter(({ name }) => slotOf(state, name, state.candidateSlot)?.value.release === state.id)
        .map(
          ({ name }) => ({ type: 'StopSlot', component: name, slot: state.candidateSlot, release: state.id }) as const,
        ),
    )
  },
  expire: (_, state) => fail('deadline', `the candidate could not be stopped in time${lastFailure(state, 'StopSlot')}`),
}

/** Seen since this step began to hold nothing of this release, and nothing of it is being started any more. */
function candidateGone(state: RolloutState, component: string): boolean {
  if (isStarting(state, component)) return false
  const seen = slotOf(state, component, state.candidateSlot)
  if (!seen || seen.at < (state.step?.since ?? seen.at)) return false
  return !seen.value.present || seen.value.release !== state.id
}

function isStarting(state: RolloutState, component: string): boolean {
  return Object.values(state.pending).some(
    ({ command }) =>
      command.type === 'EnsureSlot' && command.component === component && command.slot === state.candidateSlot,
  )
}

function drained(state: RolloutState): boolean {
  return routed(state).every(({ name }) => {
    const seen = state.routes[name]
    return (
      seen !== undefined && seen.at >= (state.step?.since ?? seen.at) && seen.value.inFlight[state.candidateSlot] === 0
    )
  })
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
  run: ({ holdMs }, state, now) => watched(state, now, holdMs, ['pass']),
  expire: ({ holdMs }, state, now) => {
    const end = watched(state, now, 0, ['pass', 'inconclusive'])
    if (end.move !== 'wait') return end
    const { outcome, verdicts } = judgeCandidate(state, now, 0)
    const open = verdicts.find((verdict) => verdict.outcome === outcome) ?? null
    if (outcome === 'fail') return fail('limit', `still not good after the rollback: ${open?.text}`, open)
    const why = open ? `: ${open.text}` : ''
    return fail('deadline', `nothing could be observed after the rollback in ${formatDuration(holdMs * 2)}${why}`)
  },
}

function watched(
  state: RolloutState,
  now: Parameters<typeof judgeCandidate>[1],
  holdMs: number,
  enough: readonly string[],
): Move {
  const { outcome, verdicts, triggered } = judgeCandidate(state, now, holdMs)
  const red = triggered[0]
  if (red) return fail('limit', `still red after the rollback: ${red.text}`, red)
  if (now < after(state.step?.since ?? now, holdMs)) return wait
  return enough.includes(outcome) ? { move: 'done', verdicts } : wait
}
