import type { ArtifactComponent } from '../core/artifact.ts'
import type { ObservedSlot, Slot } from '../core/observed.ts'
import type { Description } from './description.ts'
import type { Order, Result } from './result.ts'

export type PlatformDescription = Description & { readonly capabilities: PlatformCapabilities }

export type PlatformCapabilities = {
  /** 2: green can stand beside blue. 1: only a canary or a replacement is possible. */
  readonly slots: 1 | 2
  readonly logs: boolean
}

/** What a slot shall hold. The same desired slot twice is the same slot; an occupied slot of another release is not touched. */
export type DesiredSlot = {
  /** Id of the rollout that puts it there; with the digest it says whose slot this is. */
  readonly release: string
  readonly artifact: ArtifactComponent
  readonly version: string
  readonly instances: number
  /**
   * Complete environment of the instances but for `PORT`, which the platform sets: where the instance has to listen. Values may be
   * secrets and are never written to disk or logged.
   */
  readonly environment: Readonly<Record<string, string>>
  /** Which members of `environment` are secrets: their values are taken out of every captured log line (law L11). */
  readonly secretNames?: readonly string[]
  readonly health: { readonly live: string; readonly ready: string }
}

export type LogLine = {
  readonly at: number
  /** Id of the rollout whose instance printed it, and its version and place. */
  readonly release: string
  readonly version: string
  readonly slot: Slot
  readonly instance: string
  readonly stream: 'out' | 'err'
  readonly text: string
}

export type LogQuery = {
  /** Of this release only, whether it still has the slot or not; null: of every one whose lines are kept. */
  readonly release: string | null
  /** At most this many, the newest. */
  readonly lines: number
  /** Only lines of this moment or later; null: whenever. */
  readonly since: number | null
}

/**
 * A place where instance sets run. The life of a slot:
 *
 * 1. `observe` of an empty slot answers `present: false`.
 * 2. `ensure` makes the desired slot true as far as it can be done at once (fetch, verify the digest, start) and answers with
 *    what it then observes. Readiness comes later and is seen by `observe`; `ensure` does not wait for it.
 *    A digest that does not match is `permanent`; a slot that another release occupies is `permanent`.
 * 3. Instances that exit are started again with growing pauses; after several exits in a short time the slot is
 *    `crashLooping`, until it is stopped. An instance keeps its address over restarts.
 * 4. `ensure` with another number of instances scales; instances that stay are not touched (law L5).
 * 5. `stop` asks the instances to end, waits for their grace time, kills what is left, and answers when nothing of it runs
 *    any more. Stopping an empty slot is `ok`. A release other than the slot's occupant is refused: `permanent`.
 *
 * Instances outlive the control plane (law L9): nobody stops them but `stop`, and whoever comes back adopts them.
 */
export interface Platform {
  readonly capabilities: PlatformCapabilities
  /**
   * Could this artifact be started here at all: is it of a kind that runs here, and can its content be had? Asked before a
   * plan is shown and before a rollout is let in; nothing is fetched or started. Absent: nothing can be known beforehand.
   */
  accepts?(artifact: ArtifactComponent, signal: AbortSignal): Promise<Result<null>>
  observe(slot: Slot, signal: AbortSignal): Promise<Result<ObservedSlot>>
  ensure(slot: Slot, desired: DesiredSlot, order: Order): Promise<Result<ObservedSlot>>
  stop(slot: Slot, release: string, order: Order): Promise<Result<ObservedSlot>>
  /**
   * What the slot's instances printed, the newest lines last. A release's lines outlive it: they can be read after it was
   * stopped and another one has the slot, within the limits of the platform. They are clean: printable, without secrets.
   * What the platform itself has to say of an instance stands among them and begins with `[stellwerk]`.
   */
  logs(slot: Slot, query: LogQuery, signal: AbortSignal): Promise<Result<readonly LogLine[]>>
}
