/** What the world answered, recorded as facts. An answer to a command that is no longer waited for changes nothing. */
import type { Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { withoutStale } from './freshness.ts'
import { heal } from './heal.ts'
import type { CommandAnswer, CommandFinished, World, WorldSeen } from './inputs.ts'
import { issueAt } from './issue.ts'
import { metricsFacts } from './metrics.ts'
import { type Pending, pendingOf, type RolloutState } from './state.ts'

const INCIDENT_ATTEMPTS_MAX = 10

export function answers(
  state: RolloutState,
  input: CommandFinished | WorldSeen,
  now: Instant,
): readonly RolloutEvent[] {
  if (input.type === 'world-seen')
    return [worldFact(null, input.world), ...(input.isHeld ? [] : heal(state, input.world, now))]
  const { key, result } = input
  if (!pendingOf(state, key)) return []
  if (result.ok) return facts(state, key, result.answer, now)
  return commandFailed(state, key, { kind: result.kind, message: result.message }, now)
}

type Failure = { readonly kind: 'transient' | 'permanent' | 'unknown'; readonly message: string }

/** Steps repeat what failed them; an incident belongs to no step, so it is repeated here. */
export function commandFailed(
  state: RolloutState,
  key: string,
  failure: Failure,
  now: Instant,
): readonly RolloutEvent[] {
  const failed: RolloutEvent = { type: 'CommandFailed', data: { key, ...failure } }
  const pending = pendingOf(state, key)
  if (pending?.command.type !== 'OpenIncident' || pending.attempt >= INCIDENT_ATTEMPTS_MAX) return [failed]
  return [failed, issueAt(state, pending.command, { due: (now + 1000) as Instant, attempt: pending.attempt + 1 })]
}

function facts(state: RolloutState, key: string, answer: CommandAnswer, now: Instant): readonly RolloutEvent[] {
  const pending = pendingOf(state, key)
  switch (answer.type) {
    case 'slot':
      return [
        {
          type: 'SlotObserved',
          data: { key, component: answer.component, slot: answer.slot, observed: answer.observed },
        },
      ]
    case 'route':
      return [{ type: 'RouteObserved', data: { key, component: answer.component, observed: answer.observed } }]
    case 'world': {
      const world = withoutStale(state, answer.world)
      return [worldFact(key, world), ...metricsFacts(state, world, now)]
    }
    case 'gate':
      return [{ type: 'GateChecked', data: { key, gate: gateOf(pending), verdict: answer.verdict } }]
    case 'smoke': {
      const target = pending?.command.type === 'RunSmoke' ? pending.command.target : 'candidate'
      return [{ type: 'SmokeFinished', data: { key, target, report: answer.report } }]
    }
    case 'done':
      return [{ type: 'CommandDone', data: { key, detail: answer.detail } }]
  }
}

function gateOf(pending: Pending | undefined): string {
  return pending?.command.type === 'CheckGate' ? pending.command.gate : ''
}

function worldFact(key: string | null, { slots, routes, failures }: World): RolloutEvent {
  return { type: 'WorldObserved', data: { key, slots, routes, failures } }
}
