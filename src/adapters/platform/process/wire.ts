/** What a control plane and a keeper say to each other, on 127.0.0.1, with the token of the keeper's record. */
import type { SlotWish } from '../../../ports/platform.ts'
import type { Account } from '../../command/account.ts'
import type { Environment } from '../../command/environment.ts'
import type { LogLimits } from './log-file.ts'

export type EnsureOrder = {
  readonly fence: number
  readonly wish: Omit<SlotWish, 'environment' | 'artifact'> & { readonly digest: string }
  readonly argv: readonly string[]
  readonly environment: Environment
  /** Values that must not appear in a log line, and their names. */
  readonly secrets: readonly string[]
  readonly secretNames: readonly string[]
  /** As whom the instances run; null: as the keeper does. */
  readonly account: Account
  /** A fresh copy of the artifact that belongs to the keeper from now on; null when the slot is only adopted or scaled. */
  readonly workFolder: string | null
  readonly stopGraceMs: number
  readonly hungAfterMs: number
  readonly logs: LogLimits
}

export type StopOrder = { readonly fence: number; readonly release: string }
