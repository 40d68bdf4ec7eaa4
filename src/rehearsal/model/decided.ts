import type { Plan } from '../../core/plan.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Input } from '../../core/rollout/inputs.ts'
import type { Instant } from '../../core/time.ts'
import type { Facts } from './facts.ts'
import type { Layout } from './world-state.ts'

/** One decision, before and after: what the rules of `afterwards.ts` are asked about. */
export type Decided = {
  readonly before: Facts
  readonly after: Facts
  readonly input: Input
  readonly events: readonly Recorded[]
  /** When the decider says that it has to be asked next. */
  readonly nextDue: Instant | null
  readonly now: Instant
  readonly plan: Plan
  readonly layout: Layout
}
