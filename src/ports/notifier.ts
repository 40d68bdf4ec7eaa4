import type { Message } from '../core/rollout/commands.ts'
import type { Order, Result } from './result.ts'

/** Delivers one message to one channel; the same key twice is one message where the channel can tell. */
export interface Notifier {
  deliver(message: Message, order: Order): Promise<Result<{ readonly receipt: string }>>
}
