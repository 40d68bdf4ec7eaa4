/** What a control plane and a supervisor say to each other, on 127.0.0.1, with the token of the supervisor's record. */
import type { DesiredSlot } from '../../../ports/platform.ts'
import type { Account } from '../../command/account.ts'
import type { Environment } from '../../command/run.ts'
import type { LogLimits } from './log-file.ts'

type SupervisedSlot = Omit<DesiredSlot, 'environment' | 'artifact'> & { readonly digest: string }

export type EnsureOrder = {
  readonly fence: number
  readonly desired: SupervisedSlot
  /** The same under the name by which supervisors of 0.1.0, which outlive an upgrade, read it. */
  readonly wish: SupervisedSlot
  readonly argv: readonly string[]
  readonly environment: Environment
  /** Values that must not appear in a log line, and their names. */
  readonly secrets: readonly string[]
  readonly secretNames: readonly string[]
  /** As whom the instances run; null: as the supervisor does. */
  readonly account: Account
  /** A fresh copy of the artifact that belongs to the supervisor from now on; null when the slot is only adopted or scaled. */
  readonly workFolder: string | null
  readonly stopGraceMs: number
  readonly hungAfterMs: number
  readonly logs: LogLimits
}

export type StopOrder = { readonly fence: number; readonly release: string }
