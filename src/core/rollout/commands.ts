/**
 * Orders to the outside. Each says the desired state, never a delta (law L12), and is recorded in the log with a key
 * before anybody performs it.
 */
import { canonicalJson } from '../json.ts'
import type { Slot } from '../observed.ts'
import type { Told } from '../say.ts'
import type { Instant } from '../time.ts'
import type { Message } from './message.ts'

/** What each says. */
type Orders = {
  readonly CheckGate: { readonly gate: string }
  readonly EnsureSlot: {
    readonly component: string
    readonly slot: Slot
    readonly release: string
    readonly instances: number
  }
  readonly StopSlot: { readonly component: string; readonly slot: Slot; readonly release: string }
  /** `as: 'previous'`: at the address and with the options that the previous release gave its router. */
  readonly SetRoute: { readonly component: string; readonly route: DesiredRoute; readonly as?: 'previous' }
  /** Nobody is answered there any more. `release`: whose router it is. */
  readonly RemoveRoute: { readonly component: string; readonly release: string }
  /** `release`: whose checks, and whose routes they ask; absent: this release's own. */
  readonly RunSmoke: { readonly target: 'candidate' | 'live'; readonly release?: string }
  readonly Migrate: { readonly direction: 'expand' | 'down' }
  readonly Mitigate: { readonly index: number }
  readonly Observe: { readonly metrics: boolean }
  readonly OpenIncident: {
    readonly priority: 'P1' | 'P2' | 'P3'
    readonly title: string
    /** `title` as data, for other languages; logs of earlier versions hold none. */
    readonly said?: Told
    readonly since?: Instant
  }
  readonly Notify: { readonly message: Message }
}

export type CommandName = keyof Orders
export type Command<K extends CommandName = CommandName> = {
  readonly [T in K]: { readonly type: T } & Orders[T]
}[K]

type CommandKind = {
  /** Which limit of the plan its answer has: of what is done at once, or of what takes its time; a message has its own. */
  readonly limit: 'quick' | 'slow' | 'message'
  /** No step's own: it goes on when the way forward ends. */
  readonly outlives?: true
}

export const COMMANDS: { readonly [K in CommandName]: CommandKind } = {
  CheckGate: { limit: 'slow' },
  EnsureSlot: { limit: 'slow' },
  StopSlot: { limit: 'slow' },
  SetRoute: { limit: 'quick' },
  RemoveRoute: { limit: 'quick' },
  RunSmoke: { limit: 'slow' },
  Migrate: { limit: 'slow' },
  Mitigate: { limit: 'slow' },
  Observe: { limit: 'quick' },
  OpenIncident: { limit: 'quick', outlives: true },
  Notify: { limit: 'message', outlives: true },
}

export type DesiredRoute = {
  readonly weights: Readonly<Record<Slot, number>>
  readonly upstreams: Readonly<Record<Slot, readonly string[]>>
  readonly maintenance: boolean
}

/**
 * Two commands with one identity order the same: the second is not issued while the first is under way, and pauses grow over
 * both. A look is a look, whether it asks for counts or not: what refuses one refuses the other.
 */
export function commandIdentity(command: Command): string {
  return command.type === 'Observe' ? LOOK : canonicalJson(command)
}

export const LOOK = canonicalJson({ type: 'Observe' })
