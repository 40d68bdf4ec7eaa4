/**
 * What follows from the state at this moment: one turn of `decide`'s loop. Ifs stand here, steps and triggers are leaves. On
 * the way forward: what the step under way wants, and what follows when it is done. On the way back the same; it ends rolled
 * back or aborted, or with a human (law L6).
 */
import { english, saidOr, say, type Sentence, type Told } from '../say.ts'
import type { Judge, Move } from './step-kind.ts'
import type { RolloutEvent } from './events.ts'
import { rollbackKind, forwardKind } from './steps/index.ts'
import { noDataNews } from './no-data.ts'
import { commandFailed, issue } from './orders.ts'
import { startRollback } from './start-rollback.ts'
import { looking, nextLook } from './looking.ts'
import { neverRouted } from './routes.ts'
import { retire } from './retire.ts'
import { sharedCauseNews } from './shared-cause.ts'
import { triggered } from './triggers.ts'
import { type Instant, after, formatDuration } from '../time.ts'
import { type RolloutState, currentRollbackStep, currentStep, isRollingBack, liveSlot } from './state.ts'
import { unwellNews } from './unwell.ts'

export function drive(state: RolloutState, now: Instant, judge: Judge, held: boolean): readonly RolloutEvent[] {
  const late = overdue(state, now)
  if (late.length > 0) return late
  if (state.status === 'queued') return queued(state, now, held)
  if (state.status === 'finalized')
    return firstOf(
      () => unwellNews(state),
      () => (held ? [] : retire(state, now)),
    )
  if (state.status === 'running')
    return firstOf(
      () => turnRound(state, now, judge),
      () => noDataNews(state, now),
      () => forward(state, now, judge, held),
      () => look(state, now),
    )
  if (isRollingBack(state))
    return firstOf(
      () => backward(state, now, judge),
      () => look(state, now),
    )
  return []
}

function firstOf(...choices: readonly (() => readonly RolloutEvent[])[]): readonly RolloutEvent[] {
  for (const choice of choices) {
    const events = choice()
    if (events.length > 0) return events
  }
  return []
}

/** An order without an answer in its time may have happened: `unknown`, to be observed and given again. */
function overdue(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const late = state.pending.find(({ deadline }) => now >= deadline)
  if (!late) return []
  const { key, command, due, deadline } = late
  return commandFailed(
    state,
    key,
    { kind: 'unknown', message: `${command.type} had no answer within ${deadline - due} ms` },
    now,
  )
}

function queued(state: RolloutState, now: Instant, held: boolean): readonly RolloutEvent[] {
  if (!state.admitted) {
    if (!state.step || now < state.step.deadline) return []
    return [aborted(say`another rollout held the environment for too long`, 'queue')]
  }
  if (state.quarantined) {
    const said = say`this artifact was rolled back in ${state.plan.environment} before and is quarantined there; build a new one`
    return [aborted(said, 'quarantine')]
  }
  return held ? [] : startForward(state, 0, now)
}

function turnRound(state: RolloutState, now: Instant, judge: Judge): readonly RolloutEvent[] {
  const trigger = triggered(state, judge, now)
  if (trigger) return [startRollback(state, { ...trigger, by: 'system' })]
  if (!state.paused || now < state.paused.deadline) return []
  const { reason } = state.paused
  const said = say`nobody decided in time (${saidOr(state.paused.said, reason)})`
  return [startRollback(state, { cause: 'undecided', by: 'system', said })]
}

function look(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  return looking(state) ? nextLook(state, now) : []
}

/** One turn on the way forward: what the step under way wants, and what follows when it is done. */
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
      return [...(move.tells ? [move.tells] : []), ...move.commands.flatMap((command) => issue(state, command, now))]
    case 'fail':
      return [startRollback(state, { ...move, by: 'system' })]
    case 'ask':
      return [
        {
          type: 'Paused',
          data: {
            by: 'system',
            reason: english(move.said),
            said: move.said,
            deadline: after(now, state.plan.timings.pauseLimitMs),
          },
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
  const step = currentStep(state)
  if (!step || !forwardKind(step).judges) return []
  const judgement = judge(state, 0)
  const { outcomes } = judgement
  const before = state.verdicts
  const isSame = ({ rule, outcome }: (typeof outcomes)[number], index: number) =>
    before[index]?.rule === rule && before[index].outcome === outcome
  const news = sharedCauseNews(state, judgement, now)
  if (outcomes.length === before.length && outcomes.every(isSame)) return news
  return [{ type: 'Judged', data: { verdicts: judgement.verdicts } }, ...news]
}

/** One turn on the way back. It ends rolled back or aborted, or with a human (law L6). */
export function backward(state: RolloutState, now: Instant, judge: Judge): readonly RolloutEvent[] {
  const step = currentRollbackStep(state)
  if (!state.rollback || !state.step) return []
  if (!step) return startRollbackStep(state, state.rollback.at + 1, now)
  const kind = rollbackKind(step)
  const move = now >= state.step.deadline ? kind.expire(step, state, now, judge) : kind.run(step, state, now, judge)
  switch (move.move) {
    case 'issue':
      return move.commands.flatMap((command) => issue(state, command, now))
    case 'done':
      return [
        {
          type: 'StepFinished',
          data: { track: 'rollback', index: state.rollback.at, kind: step.kind, verdicts: move.verdicts },
        },
        ...startRollbackStep(state, state.rollback.at + 1, now),
      ]
    case 'fail':
      return [needsHuman(move.said, state)]
    default:
      return []
  }
}

function startRollbackStep(state: RolloutState, index: number, now: Instant): readonly RolloutEvent[] {
  const { rollback } = state
  const step = rollback?.steps[index]
  if (!rollback) return []
  if (!step) return [endRollback(state, now)]
  const deadline = after(now, rollbackKind(step).limitMs(step, state))
  return [{ type: 'StepStarted', data: { track: 'rollback', index, step, deadline } }]
}

function endRollback(state: RolloutState, now: Instant): RolloutEvent {
  const { rollback } = state
  const said = rollback ? saidOr(rollback.said, rollback.text) : say`it was rolled back`
  if (rollback?.mode === 'abort') return aborted(said, rollback.cause)
  if (neverRouted(state)) return aborted(said, rollback?.cause ?? 'route')
  if (!state.stable) {
    return needsHuman(say`${said}. It was the first release: nothing serves but the maintenance page.`, state)
  }
  const rollbackAt = rollback?.trafficBackAt ?? now
  return rolledBack(state, said, rollback ? rollbackAt - rollback.startedAt : null)
}

/** Held against `rollback.targets.rto` (R-F10): whoever reads how it ended reads, too, that it took longer than promised. */
function rolledBack({ plan: { targets } }: RolloutState, said: Told, trafficBackMs: number | null): RolloutEvent {
  const reason = english(said)
  if (trafficBackMs === null || trafficBackMs <= targets.rtoMs) {
    return { type: 'RolledBack', data: { reason, said, trafficBackMs } }
  }
  const [took, target] = [formatDuration(trafficBackMs), formatDuration(targets.rtoMs)]
  const missed = say`${said}. Recovery target missed: traffic was back after ${took}, later than the ${target} of rollback.targets.rto`
  const rtoMissedByMs = trafficBackMs - targets.rtoMs
  return { type: 'RolledBack', data: { reason: english(missed), said: missed, trafficBackMs, rtoMissedByMs } }
}

function aborted(said: Told, cause: string): RolloutEvent {
  return { type: 'Aborted', data: { reason: english(said), said, cause } }
}

function needsHuman(said: Told, state: RolloutState): RolloutEvent {
  const todoSaid = todo(state)
  return { type: 'NeedsHuman', data: { reason: english(said), said, todo: english(todoSaid), todoSaid } }
}

function todo(state: RolloutState): Sentence {
  const live = state.stable
    ? say`the ${liveSlot(state)} slot should serve ${state.stable.version}`
    : say`there is no previous version`
  return say`Look at "stellwerk status" and "stellwerk logs"; ${live}. Then "stellwerk rollback ${state.id}" tries again, or "stellwerk resolve ${state.id}" records that you put it right.`
}
