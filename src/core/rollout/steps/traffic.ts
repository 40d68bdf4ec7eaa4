import { quote, say, type Sentence } from '../../say.ts'
import { type Instant, after, formatDuration } from '../../time.ts'
import {
  type ForwardKind,
  type Judge,
  type Move,
  TAKE_OVER_MS,
  done,
  fail,
  lastFailure,
  saidBy,
  wait,
} from '../step-kind.ts'
import { isShared, type RoutePart } from '../../parts.ts'
import { missing, orderRoutes, desiredAt, wrong } from '../routes.ts'
import { isCandidateUnseen, unseen } from '../no-data.ts'
import { candidateReady, liveSlot, type RolloutState, slotOf, approvalOpen } from '../state.ts'

/** Orders the share and ends when every router was observed to have it in force (law L4). */
export const shift = {
  phase: 'shifting',
  name: ({ weight }) => `shift ${weight} %`,
  waitsFor: ({ weight }) => say`traffic to be at ${weight} %`,
  looks: 'quickly',
  share: ({ weight }) => weight,
  ends: ({ weight }) => ({ share: weight }),
  rollback: ({ mitigate }) => [
    ...(mitigate.length > 0 ? ['mitigate'] : []),
    'restore-previous',
    'traffic-back',
    'smoke-live',
    'watch',
  ],
  limitMs: (_, state) => state.plan.timings.shiftLimitMs,
  run: ({ weight }, state, now) => {
    const open = missing(state, desiredAt(state, weight))
    if (open.length === 0) return done
    const expired = state.exposed ? null : state.plan.approvals.find(({ id }) => approvalOpen(state, id, now))
    if (expired)
      return fail(
        'deadline',
        say`the approval as ${expired.role} expired before users reached the candidate; deploy it again`,
      )
    return orderRoutes(state, open)
  },
  expire: ({ weight }, state) =>
    fail('route', say`${weight} % was not observed in time${lastFailure(state, 'SetRoute')}`),
} as const satisfies ForwardKind<{ readonly kind: 'shift'; readonly weight: number }>

type Hold = { readonly weight: number; readonly holdMs: number; readonly withinMs?: number }

/**
 * Stays at a share until there is positive, fresh evidence over the whole time that the candidate is good (law L3). Lack of
 * evidence extends the step up to `extendTimes` its length; then a limit that is still not met takes the candidate back, and
 * missing evidence asks a person.
 */
function holding<S>(of: (step: S, state: RolloutState) => Hold): Pick<ForwardKind<S>, 'limitMs' | 'run' | 'expire'> {
  return {
    limitMs: (step, state) => {
      const { timings } = state.plan
      const { holdMs, withinMs = holdMs * (1 + timings.extendTimes) } = of(step, state)
      return withinMs + timings.tickMs * 6 + TAKE_OVER_MS
    },
    run: (step, state, now, judge) => {
      const fallen = wrong(state, desiredAt(state, of(step, state).weight))
      if (fallen.length > 0) return orderRoutes(state, fallen)
      return heldLongEnough(of(step, state), state, now, judge)
    },
    expire: (step, state, _, judge) => {
      const { outcome, verdicts, sharedCause } = judge(state, of(step, state).holdMs)
      const [shared] = sharedCause
      if (shared) return { move: 'ask', said: saidBy(shared) }
      const open = verdicts.find((verdict) => verdict.outcome === outcome) ?? null
      if (outcome === 'fail') return fail('limit', say`still not good after the longest hold: ${saidBy(open)}`, open)
      const why = notReady(state) ?? (open ? saidBy(open) : say`nothing was observed`)
      return { move: 'ask', said: say`not enough evidence at ${of(step, state).weight} %: ${why}` }
    },
  }
}

type HoldStep = { readonly kind: 'hold' } & Hold

export const hold = {
  phase: 'holding',
  name: ({ weight, holdMs }) => `hold ${weight} % for ${formatDuration(holdMs)}`,
  waitsFor: ({ weight, holdMs }) => say`the ${formatDuration(holdMs)} hold at ${weight} %`,
  looks: 'at ticks',
  judges: 'candidate',
  share: ({ weight }) => weight,
  ...holding<HoldStep>((step) => step),
} as const satisfies ForwardKind<HoldStep>

type Bake = { readonly kind: 'bake'; readonly holdMs: number; readonly weight?: number }

const baking = holding<Bake>(({ holdMs, weight = 100 }, state) => ({
  holdMs,
  weight: keepsControl(state) ? weight : 100,
}))

/** Below 100 % the rest is the control share: live stays beside the candidate, to be compared with, until the bake ends. */
export const bake = {
  phase: 'baking',
  name: ({ holdMs, weight = 100 }) => `bake${weight < 100 ? ` at ${weight} %` : ''} for ${formatDuration(holdMs)}`,
  waitsFor: ({ holdMs, weight = 100 }, state) => {
    const lasting = formatDuration(holdMs)
    if (weight === 100) return say`the ${lasting} bake`
    if (hasAll(state)) return say`the ${lasting} bake, without the ${100 - weight} % on live, which is down`
    return say`the ${lasting} bake at ${weight} %`
  },
  looks: 'at ticks',
  judges: 'candidate',
  share: ({ weight = 100 }) => weight,
  ...baking,
  run: ({ weight = 100, ...rest }, state, now, judge) => {
    const move = baking.run({ ...rest, weight }, state, now, judge)
    const lost = weight < 100 && !hasAll(state) ? unserved(state) : undefined
    if (move.move !== 'issue' || lost === undefined) return move
    return { ...move, tells: { type: 'ControlLost', data: { component: lost.id, share: 100 - weight } } }
  },
} as const satisfies ForwardKind<Bake>

/**
 * The control share is worth no user: where nobody of live is ready any more it comes over, and stays (law L5). There is
 * nothing to compare with then, nor to go back to, so the bake lacks evidence, and a person is asked.
 */
function keepsControl(state: RolloutState): boolean {
  return !hasAll(state) && unserved(state) === undefined
}

/** Of live, nobody of this part is ready. */
function unserved(state: RolloutState): RoutePart | undefined {
  const ready = ({ id, live }: RoutePart) => slotOf(state, live ?? id, liveSlot(state))?.value.ready
  return state.parts.routes.filter(isShared).find((part) => ready(part) === 0)
}

/** Some route was told to give the candidate everybody. */
function hasAll({ parts, desired, candidateSlot }: RolloutState): boolean {
  return parts.routes.filter(isShared).some(({ id }) => desired[id]?.[candidateSlot] === 100)
}

function heldLongEnough({ holdMs }: Hold, state: RolloutState, now: Instant, judge: Judge): Move {
  const requiredMs = state.promoted ? 0 : holdMs
  const since = state.step?.since ?? now
  if (now < after(since, requiredMs)) return wait
  if (!candidateReady(state) || isCandidateUnseen(state)) return wait
  const judgement = judge(state, requiredMs)
  return judgement.outcome === 'pass' ? { move: 'done', verdicts: judgement.verdicts } : wait
}

function notReady(state: RolloutState): Sentence | null {
  const [missing] = isCandidateUnseen(state) ? unseen(state) : []
  if (missing) return say`${missing.name} cannot be seen: ${quote(missing.why)}`
  return candidateReady(state) ? null : say`the candidate was not completely ready`
}

function seenSince(state: RolloutState): boolean {
  return state.step !== null && state.lookedAt !== null && state.lookedAt >= state.step.since
}

/** Nothing to order: what was analysed is what stays. The end itself is decided by `decide`, after a last look. */
export const finalize = {
  phase: 'finalizing',
  waitsFor: () => say`the candidate to become live`,
  looks: 'quickly',
  share: () => 100,
  ends: () => ({ share: 100 }),
  limitMs: (_, state) => state.plan.timings.shiftLimitMs,
  run: (_, state) => {
    const open = missing(state, desiredAt(state, 100))
    if (!candidateReady(state) || isCandidateUnseen(state)) return wait
    if (open.length === 0) return done
    return seenSince(state) ? orderRoutes(state, open) : wait
  },
  expire: (_, state) => fail('route', say`100 % was not observed at the end${lastFailure(state, 'SetRoute')}`),
} as const satisfies ForwardKind<{ kind: 'finalize' }>
