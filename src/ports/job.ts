import type { Json } from '../core/json.ts'
import type { Instant } from '../core/time.ts'

/** Jobs hold ids only; what they mean stands in the log (design §7). */
export type NewJob = {
  readonly queue: QueueName
  readonly data: Json
  /** Not before; absent: at once. */
  readonly due?: Instant
  /** At most one job with this key waits in the queue at a time. */
  readonly singleton?: string
  /** The handler's signal aborts after this time and the attempt counts as failed; absent: what suits the queue. */
  readonly timeoutMs?: number
}

/**
 * - `pump`: time and recovery; handled inside a transaction of the store.
 * - `command`: one order to an adapter; delivered once, its loss is noticed by the rollout's own deadline.
 * - `notify`: a message; repeated with growing pauses, then put aside in `notify.dead`.
 *
 * At-least-once is the rule for `pump` and `notify`; a `command` whose handler throws or whose process dies is gone.
 */
export type QueueName = 'pump' | 'command' | 'notify' | 'notify.dead' | HostQueue

/** Commands that one host alone can perform; they wait there while its control plane is away. */
export type HostQueue = `command.${string}`

export function hostQueue(host: string): HostQueue {
  return `command.${host}`
}

export function isHostQueue(name: QueueName): name is HostQueue {
  return name.startsWith('command.')
}

export type Job = { readonly id: string; readonly data: Json; readonly signal: AbortSignal }
