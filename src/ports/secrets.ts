import type { SecretReference } from '../core/plan.ts'
import type { Result } from './result.ts'

/** Reads secrets by reference at the moment they are needed; values are never stored (law L11). */
export interface Secrets {
  read(reference: SecretReference, signal: AbortSignal): Promise<Result<string>>
}

/** What one reference leads to: read anew every time, since a secret may be rotated. Says names, never values. */
export interface SecretSource {
  read(signal: AbortSignal): Promise<Result<string>>
}
