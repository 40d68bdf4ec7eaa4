import type { PlannedSmoke, SecretReference } from '../core/plan.ts'
import type { SmokeReport } from '../core/rollout/inputs.ts'
import type { Result } from './result.ts'

export type SmokeRun = {
  /** Base URLs to test, one suite run each: every ready instance of the candidate, or the router's address for live. */
  readonly baseUrls: readonly string[]
  readonly checks: readonly PlannedSmoke[]
  /** What the `{ secret: NAME }` of a header leads to. */
  readonly secrets: Readonly<Record<string, SecretReference>>
  readonly signal: AbortSignal
}

/** Runs a smoke suite. A red check is a report with `passed: false`; a failure is only what kept it from running. */
export interface Smoke {
  run(run: SmokeRun): Promise<Result<SmokeReport>>
}
