import type { Message } from '../core/rollout/message.ts'
import type { Order, Result } from './result.ts'

/** What a message is about: what belongs together says so by its `rollout`. */
export type About = {
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly rollout: string
  /** Full hash of what was built; null where a channel is only tried. */
  readonly commit: string | null
  /** Where the CI run that asked for it can be looked at; null where a person asked. */
  readonly run: string | null
}

/** `language`: of its words, and of what an adapter adds to them; absent: English. */
export type Notification = Message & { readonly about: About; readonly language?: 'de' | undefined }

/**
 * Delivers one notification to one channel.
 *
 * 1. `ok` once the channel has taken it; the receipt names the channel and what it answered, never a secret (law L11).
 * 2. The same key twice is one message where the channel can tell (an id, a key to deduplicate by).
 * 3. What may pass (no connection, 408, 425, 429, 5xx) is `transient`, what a channel refuses for this notification for ever
 *    is `permanent`. No answer after it was sent is `unknown`: it may have been taken.
 *    A channel that says when to come back (`Retry-After`) is not asked before: `retryAfterMs` of the failure.
 * 4. A notification of another `event` about the same rollout is another message; channels that group do it by the rollout.
 * 5. Whatever stands in a title or a text is text: nothing of it is taken for markup, a mention or a header of the channel.
 */
export interface Notifier {
  deliver(notification: Notification, order: Order): Promise<Result<{ readonly receipt: string }>>
}
