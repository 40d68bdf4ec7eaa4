/**
 * Every kind of message, described once: `notify` asks for it by its name, a route is tested with it, channels that keep
 * alerts open know from here what opens and what closes one. What each says, and when, stands in `messages.ts`.
 */
import { english, type Told } from '../say.ts'

export const PRIORITIES = ['P1', 'P2', 'P3', 'info'] as const
type Priority = (typeof PRIORITIES)[number]

type MessageKind = {
  /** What it usually has; live that does not serve at all is more urgent than live that is not well. */
  readonly priority: Priority
  /** It is told again, with the priority `info`, when what it was about is over. */
  readonly recedes?: true
  /** The rollout is held by it, or waits for somebody: over at its end. */
  readonly holds?: true
  readonly ends?: true
  /** Messages of one alert are about one thing that goes on; absent: it stands alone. */
  readonly alert?: string
}

export const MESSAGES = {
  started: { priority: 'info' },
  'waiting-for-approval': { priority: 'info' },
  held: { priority: 'P3', holds: true },
  'shared-cause': { priority: 'P2', recedes: true, holds: true },
  'control-lost': { priority: 'P2' },
  'no-data': { priority: 'P2', recedes: true, holds: true },
  unwell: { priority: 'P2', recedes: true },
  'log-doubted': { priority: 'P1', recedes: true },
  'rollback-started': { priority: 'P2', alert: 'rollback' },
  finalized: { priority: 'info', ends: true },
  aborted: { priority: 'P3', ends: true },
  'rolled-back': { priority: 'P2', ends: true, alert: 'rollback' },
  'needs-human': { priority: 'P1', holds: true },
} as const satisfies Readonly<Record<string, MessageKind>>

type MessageName = keyof typeof MESSAGES

export const MESSAGE_NAMES = Object.keys(MESSAGES) as readonly MessageName[]

export function messageKind(event: MessageName): MessageKind {
  return MESSAGES[event]
}

/** What people are told. `serving` is the truth at that moment (law L10). No names, no secrets (law L11). */
export type Message = {
  readonly event: MessageName
  readonly priority: Priority
  readonly title: string
  readonly text: string
  readonly serving: string
  /** The same as data, for other languages; logs of versions before 0.2 hold none. */
  readonly said?: { readonly title: Told; readonly text: Told; readonly serving: Told } | undefined
}

/** The English texts beside what they say as data. */
export function messageOf(
  { event, priority }: Pick<Message, 'event' | 'priority'>,
  said: NonNullable<Message['said']>,
): Message {
  const { title, text, serving } = said
  return { event, priority, title: english(title), text: english(text), serving: english(serving), said }
}
