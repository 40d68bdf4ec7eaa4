/**
 * Orders to the outside. Each says the desired state, never a delta (law L12), and is recorded in the log with a key
 * before anybody performs it.
 */
import type { Told } from '../say.ts'
import { canonicalJson } from '../json.ts'
import type { Slot } from '../observed.ts'
import type { Instant } from '../time.ts'

export type Command =
  | { readonly type: 'CheckGate'; readonly gate: string }
  | {
      readonly type: 'EnsureSlot'
      readonly component: string
      readonly slot: Slot
      readonly release: string
      readonly instances: number
    }
  | { readonly type: 'StopSlot'; readonly component: string; readonly slot: Slot; readonly release: string }
  /** `as: 'previous'`: at the address and with the options that the previous release gave its router. */
  | { readonly type: 'SetRoute'; readonly component: string; readonly route: DesiredRoute; readonly as?: 'previous' }
  /** Nobody is answered there any more. `release`: whose router it is. */
  | { readonly type: 'RemoveRoute'; readonly component: string; readonly release: string }
  /** `release`: whose checks, and whose routes they ask; absent: this release's own. */
  | { readonly type: 'RunSmoke'; readonly target: 'candidate' | 'live'; readonly release?: string }
  | { readonly type: 'Migrate'; readonly direction: 'expand' | 'down' }
  | { readonly type: 'Mitigate'; readonly index: number }
  | { readonly type: 'Observe'; readonly metrics: boolean }
  | {
      readonly type: 'OpenIncident'
      readonly priority: 'P1' | 'P2' | 'P3'
      readonly title: string
      readonly since?: Instant
    }
  | { readonly type: 'Notify'; readonly message: Message }

export type DesiredRoute = {
  readonly weights: Readonly<Record<Slot, number>>
  readonly upstreams: Readonly<Record<Slot, readonly string[]>>
  readonly maintenance: boolean
}

/** What people are told. `serving` is the truth at that moment (law L10). No names, no secrets (law L11). */
export type Message = {
  readonly event:
    | 'started'
    | 'waiting-for-approval'
    | 'held'
    | 'shared-cause'
    | 'no-data'
    | 'unwell'
    | 'log-doubted'
    | 'rollback-started'
    | 'finalized'
    | 'aborted'
    | 'rolled-back'
    | 'needs-human'
  readonly priority: 'info' | 'P1' | 'P2' | 'P3'
  readonly title: string
  readonly text: string
  readonly serving: string
  /** The same as data, for other languages; logs of versions before 0.2 hold none. */
  readonly said?: { readonly title: Told; readonly text: Told; readonly serving: Told } | undefined
}

/**
 * Two commands with one identity order the same: the second is not issued while the first is under way, and pauses grow over
 * both. A look is a look, whether it asks for counts or not: what refuses one refuses the other.
 */
export function commandIdentity(command: Command): string {
  return command.type === 'Observe' ? LOOK : canonicalJson(command)
}

export const LOOK = canonicalJson({ type: 'Observe' })
