import type { Command } from '../../core/rollout/commands.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Plan } from '../../core/plan.ts'
import type { Facts } from './facts.ts'
import type { ModelWorld } from './world-state.ts'

export type Context = { readonly plan: Plan; readonly world: ModelWorld }

/** Asked of every event, with what was known before it. Null: holds. */
export type Invariant = {
  readonly name: string
  readonly breaks: (facts: Facts, event: Recorded, context: Context) => string | null
}

export type Ordered<T extends Command['type']> = {
  readonly command: Extract<Command, { type: T }>
  readonly event: Extract<Recorded, { type: 'CommandIssued' }>
}

/** Only of orders of one type, to `api`; components beside it have invariants of their own (`of-sides.ts`). */
export function on<T extends Command['type']>(
  type: T,
  breaks: (facts: Facts, order: Ordered<T>, context: Context) => string | null,
): Invariant['breaks'] {
  return (facts, event, context) => {
    if (event.type !== 'CommandIssued' || event.data.command.type !== type) return null
    if ('component' in event.data.command && event.data.command.component !== 'api') return null
    return breaks(facts, { command: event.data.command as Extract<Command, { type: T }>, event }, context)
  }
}
