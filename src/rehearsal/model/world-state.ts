/** What the model's world consists of: values only. `world.ts` and `sides.ts` say how it changes. */
import type { Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'

export type BySlot<T> = Readonly<Record<Slot, T>>

export type Occupant = {
  readonly release: string
  /** `partly`: one instance short of what was desired. */
  readonly condition: 'starting' | 'partly' | 'ready' | 'crashed'
  readonly instances: number
  /** Exits that nobody ordered. */
  readonly restarts: number
}

/** What users feel: errors on the candidate, on both sides, nobody there, or a metrics source that shows nothing. */
export type Feel = 'good' | 'candidate-bad' | 'all-bad' | 'idle' | 'none'

/** An order without an answer that takes effect later, when nobody waits for it any more. */
export type Stray = { readonly command: Command; readonly key: string }

/** What a look does not show, until it does again; `looks`: they are refused altogether. */
export type Hides = 'nothing' | 'slots' | 'route' | 'both' | 'looks'

export type SideRoute = {
  readonly weights: BySlot<number>
  readonly upstreams: BySlot<readonly string[]>
  readonly maintenance: boolean
  /** A smaller one is refused, also after it was removed. */
  readonly generation: number
  readonly there: boolean
  readonly address: string
}

export type Side = {
  readonly slots: BySlot<Occupant | null>
  readonly route: SideRoute
  readonly counts: BySlot<{ readonly requests: number; readonly errors: number }>
}

/** What never changes: the routes beside that of `api`, and the addresses of components in both releases. */
export type Layout = {
  readonly routes: readonly { readonly id: string; readonly candidate: string | null; readonly live: string | null }[]
  readonly own: Readonly<Record<string, string>>
  readonly previous: Readonly<Record<string, string>>
  /** Instances that the previous release has of a component. */
  readonly instances: Readonly<Record<string, number>>
}

export type ModelWorld = {
  readonly slots: Readonly<Record<Slot, Occupant | null>>
  readonly weights: Readonly<Record<Slot, number>>
  readonly maintenance: boolean
  /** Which slots the router knows an address of. */
  readonly upstreams: Readonly<Record<Slot, readonly string[]>>
  readonly generation: number
  /** The slot whose last requests have not ended yet. */
  readonly draining: Slot | null
  readonly feel: Feel
  readonly hides: Hides
  readonly counts: Readonly<Record<Slot, { readonly requests: number; readonly errors: number }>>
  readonly stray: Stray | null
  /** Where the route of `api` is reached; empty where it does not matter, or somebody else has it now. */
  readonly address: string
  /** Components beside `api`. */
  readonly sides: Readonly<Record<string, Side>>
  readonly layout: Layout
}
