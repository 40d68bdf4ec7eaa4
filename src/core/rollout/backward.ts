/** One turn on the way back. It ends rolled back or aborted, or with a human (law L6). */
import { after, type Instant, formatDuration } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { issue } from './issue.ts'
import type { Judge } from './judging.ts'
import { neverRouted } from './routes.ts'
import { currentBackStep, liveSlot, type RolloutState } from './state.ts'
import { backKind } from './steps/index.ts'

export function backward(state: RolloutState, now: Instant, judge: Judge): readonly RolloutEvent[] {
  const step = currentBackStep(state)
  if (!state.back || !state.step) return []
  if (!step) return startBack(state, state.back.at + 1, now)
  const kind = backKind(step)
  const move = now >= state.step.deadline ? kind.expire(step, state, now, judge) : kind.run(step, state, now, judge)
  switch (move.move) {
    case 'issue':
      return move.commands.flatMap((command) => issue(state, command, now))
    case 'done':
      return [
        {
          type: 'StepFinished',
          data: { track: 'back', index: state.back.at, kind: step.kind, verdicts: move.verdicts },
        },
        ...startBack(state, state.back.at + 1, now),
      ]
    case 'fail':
      return [{ type: 'NeedsHuman', data: { reason: move.text, todo: todo(state) } }]
    default:
      return []
  }
}

function startBack(state: RolloutState, index: number, now: Instant): readonly RolloutEvent[] {
  const { back } = state
  const step = back?.steps[index]
  if (!back) return []
  if (!step) return [endBack(state, now)]
  const deadline = after(now, backKind(step).limitMs(step, state))
  return [{ type: 'StepStarted', data: { track: 'back', index, step, deadline } }]
}

function endBack(state: RolloutState, now: Instant): RolloutEvent {
  const { back } = state
  const reason = back?.text ?? 'went back'
  if (back?.mode === 'abort') return { type: 'Aborted', data: { reason, cause: back.cause } }
  if (neverRouted(state)) return { type: 'Aborted', data: { reason, cause: back?.cause ?? 'route' } }
  if (!state.stable) {
    const only = `${reason}. It was the first release: nothing serves but the maintenance page.`
    return { type: 'NeedsHuman', data: { reason: only, todo: todo(state) } }
  }
  const backAt = back?.trafficBackAt ?? now
  return rolledBack(state, reason, back ? backAt - back.startedAt : null)
}

/** Held against `rollback.targets.rto` (R-F10): whoever reads how it ended reads, too, that it took longer than promised. */
function rolledBack({ plan: { targets } }: RolloutState, reason: string, trafficBackMs: number | null): RolloutEvent {
  if (trafficBackMs === null || trafficBackMs <= targets.rtoMs) {
    return { type: 'RolledBack', data: { reason, trafficBackMs } }
  }
  const [took, target] = [trafficBackMs, targets.rtoMs].map(formatDuration)
  const missed = `${reason}. Recovery target missed: traffic was back after ${took}, later than the ${target} of rollback.targets.rto`
  return { type: 'RolledBack', data: { reason: missed, trafficBackMs, rtoMissedByMs: trafficBackMs - targets.rtoMs } }
}

function todo(state: RolloutState): string {
  const live = state.stable
    ? `the ${liveSlot(state)} slot should serve ${state.stable.version}`
    : 'there is no previous version'
  return `Look at "stellwerk status" and "stellwerk logs"; ${live}. Then "stellwerk rollback ${state.id}" tries again, or "stellwerk resolve ${state.id}" records that you put it right.`
}
