import type { SecretReference } from '../core/plan.ts'
import type { Result } from './result.ts'

/** Reads secrets by reference at the moment they are needed; values are never stored (law L11). */
export interface Secrets {
  read(reference: SecretReference, signal: AbortSignal): Promise<Result<string>>
}
