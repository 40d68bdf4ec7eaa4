/**
 * What became of every message at every route that asked for it: one row per message and route, beside the log.
 *
 * The rows are no fact of the log, and cannot be made again from it. What is lost when the table is (law L2): how often a
 * route was tried and why it refused, the list of dead letters with the way to send them again, and what still waited to be
 * sent. The last is no silent loss: the order of a message stands in the log, and one that nobody answers is recorded there
 * as failed at its deadline. What was delivered, and what was given up, was told to the log when it happened.
 */
import type { Message } from '../core/rollout/message.ts'
import type { Instant } from '../core/time.ts'

/** `dismissed`: a dead letter of which somebody said that it is not needed any more. */
export const DELIVERY_STATES = ['waiting', 'delivered', 'dead', 'dismissed'] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** The order of a message: version `version` of `stream`. */
export type MessageKey = { readonly stream: string; readonly version: number }

export type NewDelivery = MessageKey & {
  /** Place in the plan's `notify`, from 0. */
  readonly route: number
  /** The same for every route of the same environment to the same place: what is down for one is down for all. */
  readonly channel: string
  readonly kind: string
  /** Where it goes, for people: `webhook (env CHAT_URL)`. Never a secret (law L11). */
  readonly to: string
  readonly service: string
  readonly environment: string
  readonly event: Message['event']
  readonly priority: Message['priority']
  readonly title: string
  /** Of the order in the whole log: what was said first is sent first. */
  readonly position: number
  /** It is given up at this moment. */
  readonly until: Instant
}

/** `by`: `person:kim`. */
export type Dismissal = { readonly by: string; readonly reason: string }

export type Delivery = NewDelivery & {
  /** `shop-prod-7/12/0`: stream, version and route. */
  readonly id: string
  readonly state: DeliveryState
  readonly attempts: number
  /** Why the last attempt failed; null: none did. */
  readonly failure: string | null
  /** What the channel answered that took it. */
  readonly receipt: string | null
  readonly dismissed: Dismissal | null
  readonly createdAt: Instant
  /** Not tried again before; of what does not wait, when it ended. */
  readonly at: Instant
}

/** What an attempt made of a delivery. */
export type Attempted = Pick<Delivery, 'state' | 'attempts' | 'failure' | 'receipt' | 'at'>

export type DeliveryFilter = {
  readonly service?: string
  readonly environment?: string
  readonly state?: DeliveryState
  readonly limit?: number
}

/** Longer than any pause: what lies further ahead was written before the clock was set back, and is due. */
export const CLOCK_SET_BACK_MS = 600_000

/** Of one environment. `failure`, `to`: of the newest one. */
export type DeadLetters = {
  readonly service: string
  readonly environment: string
  readonly count: number
  readonly since: Instant
  readonly failure: string
  readonly to: string
}

export type ChannelHold =
  | { readonly held: true /** Attempts in a row that the channel did not take. */; readonly failures: number }
  | { readonly held: false; readonly until: Instant }

/** `asked`: the channel said when to come back, and is left alone until then whatever comes. */
export type ChannelPause = 'own' | 'asked'

export interface Deliveries {
  /** Of those that are there already nothing changes: a message is queued once at each route. A pause of its channel ends. */
  addDeliveries(deliveries: readonly NewDelivery[], now: Instant): Promise<void>
  /** Makes the channel ours until then, so that one at a time sends to it; whoever dies with it loses it at that moment. */
  holdChannel(channel: string, now: Instant, until: Instant): Promise<ChannelHold>
  /** It pauses until then; `pause`: whether something new ends that. */
  releaseChannel(channel: string, failures: number, until: Instant, pause?: ChannelPause): Promise<void>
  /** The oldest one that is due. */
  nextDelivery(channel: string, now: Instant): Promise<Delivery | null>
  /** When the channel's next one is due; null: none waits. */
  channelDue(channel: string): Promise<Instant | null>
  /** Channels that nobody holds, with something that is due. */
  dueChannels(now: Instant): Promise<readonly string[]>
  /** Of one that no longer waits nothing changes. */
  recordDelivery(id: string, attempted: Attempted): Promise<void>
  /** The channel takes messages again: what waits out a pause is due now. */
  wakeDeliveries(channel: string, now: Instant): Promise<void>
  /** Gives up what nobody could send in its time; answers what that was, at most `limit`. */
  expireDeliveries(now: Instant, limit: number): Promise<readonly Delivery[]>
  deliveriesOf(message: MessageKey): Promise<readonly Delivery[]>
  /** Newest first, at most `limit` (100). */
  deliveries(filter: DeliveryFilter): Promise<readonly Delivery[]>
  deadLetters(): Promise<readonly DeadLetters[]>
  /** Sends dead letters again, with new time; answers those that were dead. */
  replayDeliveries(ids: readonly string[], now: Instant, until: Instant): Promise<readonly Delivery[]>
  /** Dead letters that nobody needs any more; answers those that were dead. */
  dismissDeliveries(ids: readonly string[], now: Instant, dismissal: Dismissal): Promise<readonly Delivery[]>
  /** Messages of which nothing waits any more, and of which the log has not been told. */
  untoldMessages(limit: number): Promise<readonly MessageKey[]>
  markTold(message: MessageKey): Promise<void>
  /** Removes what was delivered before one moment, and what died or was dismissed before another one. */
  pruneDeliveries(deliveredBefore: Instant, deadBefore: Instant): Promise<void>
}

export function deliveryId({ stream, version, route }: Pick<NewDelivery, 'stream' | 'version' | 'route'>): string {
  return `${stream}/${version}/${route}`
}
