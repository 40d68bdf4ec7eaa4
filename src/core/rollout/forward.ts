/** One turn on the way forward: what the step under way wants, and what follows when it is done. */
import { after, type Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { goBack } from './go-back.ts'
import { issue } from './issue.ts'
import type { Judge } from './judging.ts'
import type { Move } from './move.ts'
import { sharedCauseNews } from './shared-cause.ts'
import { currentStep, type RolloutState } from './state.ts'
import { forwardKind } from './steps/index.ts'

export function forward(state: RolloutState, now: Instant, judge: Judge, held: boolean): readonly RolloutEvent[] {
  const step = currentStep(state)
  if (!step || !state.step) return []
  const kind = forwardKind(step)
  const expired = !state.paused && now >= state.step.deadline
  const move = expired ? kind.expire(step, state, now, judge) : kind.run(step, state, now, judge)
  const stays = held && (move.move === 'done' || move.move === 'issue')
  const waits = move.move === 'wait' || stays || (state.paused && move.move === 'done')
  return waits ? judged(state, judge, now) : forwardMove(state, move, now)
}

function forwardMove(
  state: RolloutState,
  move: Exclude<Move, { move: 'wait' }>,
  now: Instant,
): readonly RolloutEvent[] {
  switch (move.move) {
    case 'issue':
      return move.commands.flatMap((command) => issue(state, command, now))
    case 'fail':
      return [goBack(state, { ...move, by: 'system' })]
    case 'ask':
      return [
        {
          type: 'Paused',
          data: { by: 'system', reason: move.reason, deadline: after(now, state.plan.timings.pauseLimitMs) },
        },
      ]
    case 'done':
      return finishForward(state, move.verdicts, now)
  }
}

function finishForward(
  state: RolloutState,
  verdicts: (Move & { move: 'done' })['verdicts'],
  now: Instant,
): readonly RolloutEvent[] {
  const kind = currentStep(state)?.kind ?? ''
  const finished: RolloutEvent = { type: 'StepFinished', data: { track: 'forward', index: state.at, kind, verdicts } }
  if (kind !== 'finalize') return [finished, ...startForward(state, state.at + 1, now)]
  const retireAt = after(now, state.plan.timings.rollbackWindowMs)
  const finalized: RolloutEvent = {
    type: 'Finalized',
    data: { slot: state.candidateSlot, retireAt, previous: state.stable?.version ?? null },
  }
  return state.stable
    ? [finished, finalized]
    : [finished, finalized, { type: 'WindowClosed', data: { reason: 'no-previous' } }]
}

export function startForward(state: RolloutState, index: number, now: Instant): readonly RolloutEvent[] {
  const step = state.steps[index]
  if (!step) throw new Error(`step ${index} does not exist: every plan ends with finalize`)
  const deadline = after(now, forwardKind(step).limitMs(step, state))
  return [{ type: 'StepStarted', data: { track: 'forward', index, step, deadline } }]
}

/** The verdicts people see while a step lasts; recorded when an outcome changes, not with every tick. */
function judged(state: RolloutState, judge: Judge, now: Instant): readonly RolloutEvent[] {
  const kind = currentStep(state)?.kind
  if (kind !== 'hold' && kind !== 'bake') return []
  const judgement = judge(state, 0)
  const { outcomes } = judgement
  const before = state.verdicts
  const isSame = ({ rule, outcome }: (typeof outcomes)[number], index: number) =>
    before[index]?.rule === rule && before[index].outcome === outcome
  const news = sharedCauseNews(state, judgement, now)
  if (outcomes.length === before.length && outcomes.every(isSame)) return news
  return [{ type: 'Judged', data: { verdicts: judgement.verdicts } }, ...news]
}
