import type { Plan, PlannedGate } from '../core/plan.ts'
import type { Instant } from '../core/time.ts'
import type { Verdict } from '../core/verdict.ts'

export type GateContext = {
  readonly plan: Plan
  readonly gate: PlannedGate
  /** The release that was live when the rollout was requested; null for the very first one (R-A06). */
  readonly stable: { readonly version: string; readonly digest: string } | null
  readonly now: Instant
  readonly signal: AbortSignal
}

/**
 * Collects one fact and judges it. A gate that cannot find out answers `no-evidence`, never `pass` (law L3), and names
 * the offending thing, never a secret's value.
 */
export interface Gate {
  check(context: GateContext): Promise<Verdict>
}
