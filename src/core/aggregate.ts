/**
 * A kind of stream, as the engine runs it: a rollout, an incident. The engine loads one, has it decide, appends, and carries
 * out what follows; it knows nothing of any kind but these functions (design §4).
 *
 * All of it is pure. States are JSON-able, so that they can be kept beside the log and thrown away at any time.
 */
import type { PlannedComponent } from './plan.ts'
import type { PolicySet } from './policy/policy.ts'
import type { StableRelease } from './rollout/inputs.ts'
import type { Instant } from './time.ts'

export type StreamState = {
  /** Version of the last event folded in. */
  readonly version: number
}

/** An event as the log keeps it: its place in the stream, when, and on whose behalf. */
export type StreamEvent = {
  readonly type: string
  readonly data: unknown
  readonly version: number
  readonly at: Instant
  readonly actor: string
  readonly token?: string
}

export type StreamInput = { readonly type: string }
/** Time passed, and nothing else. */
export type Tick = { readonly type: 'tick' }

/** No event: the input changes nothing. */
export type Decided<S, E> = { readonly state: S; readonly events: readonly E[] }

/** What lists and look-ups need of a stream without opening its state. */
export type Listed = {
  readonly service: string
  readonly environment: string | null
  /** Of the release that it is about. */
  readonly version: string | null
  readonly phase: string
  readonly final: boolean
}

export interface Aggregate<
  S extends StreamState = StreamState,
  I extends StreamInput = StreamInput,
  E extends StreamEvent = StreamEvent,
> {
  readonly kind: string
  /** What every stream of this kind begins with: the input that makes one, and its first event, by which it is known. */
  readonly begins: { readonly input: string; readonly event: string }
  /** Bumped whenever `S` changes shape: states of another format are folded again from their events. */
  readonly format: number
  /** `state` null: for `begins.input` only. `held`: the log cannot be trusted now, so nothing advances. */
  decide(state: S | null, input: I | Tick, now: Instant, held: boolean): Decided<S, E>
  /** `state` null: for `begins.event` only. */
  evolve(state: S | null, event: E): S
  /** When it has to be driven next although nobody asks; null: only an input moves it. */
  due(state: S): Instant | null
  listed(state: S): Listed
  /** Orders that stand in the log and have no answer yet. */
  unanswered(state: S): readonly Order[]
  /** What follows from a decision, in the same transaction, in this order. `before` null: the stream has just begun. */
  effects(before: S | null, decided: Decided<S, E>): readonly Effect[]
}

export type Effect = Order | Given | EnvironmentChange | Adoption

/** A job for a command that stands in the log under `key`, the version of the event that issued it. */
export type Order = {
  readonly type: 'order'
  readonly queue: 'command' | 'notify'
  readonly key: string
  readonly due: Instant
}

/**
 * What happened here is an input of another stream. Where it answers an order of this one, `answer` is given to this stream
 * as soon as the other has taken it; where the other cannot take it now, the order goes its usual way instead, so that one
 * broken stream does not stop another. Without an order, both happen or neither does.
 */
export type Given = {
  readonly type: 'input'
  readonly kind: string
  readonly stream: string
  readonly input: StreamInput
  readonly of: { readonly order: Order; readonly answer: StreamInput } | null
}

/** What one or more events of a rollout change in the row of its environment; small, so that a whole log of it can be kept. */
export type EnvironmentChange = {
  readonly type: 'environment'
  readonly service: string
  readonly environment: string
  readonly rollout: string
  /**
   * Where it stands now; null: where it stood. `waits`: in the queue · `admitted`: let in, and nothing begun · `holds`: it may
   * move traffic, or needs a human · `out`: ended.
   */
  readonly place: 'waits' | 'admitted' | 'holds' | 'out' | null
  /** Of a request: what it is made of. */
  readonly requested: readonly PlannedComponent[] | null
  /** The release that is live for good; absent: what was stable still is. */
  readonly stable?: StableRelease | null
  readonly barred: { readonly identity: string; readonly reason: string } | null
}

/** What a release's spec proposes becomes the policy held; `hash` is the engine's to add, and a policy held already stays. */
export type Adoption = {
  readonly type: 'adopt-policy'
  readonly set: Omit<PolicySet, 'hash'>
  readonly by: { readonly id: string; readonly token?: string }
}
