/** A notification in the language that its route asks for: whatever sends it is handed the words, and no catalogue. */
import type { Message } from '../core/rollout/message.ts'
import type { Notification } from '../ports/notifier.ts'
import { german } from '../text/german.ts'

/** `said` has no meaning outside, and goes. What an earlier version recorded as a text alone is quoted in German. */
export function inLanguage({ said, ...notification }: Notification & Pick<Message, 'said'>): Notification {
  if (notification.language !== 'de') return notification
  const { title, text, serving } = said ?? quoted(notification)
  return { ...notification, title: german(title), text: text === '' ? '' : german(text), serving: german(serving) }
}

function quoted({ title, text, serving }: Pick<Message, 'title' | 'text' | 'serving'>) {
  return { title: { quote: title }, text: text === '' ? text : { quote: text }, serving: { quote: serving } } as const
}
