import { english } from '../say.ts'
import type { Message } from './commands.ts'

/** The English texts beside what they say as data. */
export function messageOf(
  { event, priority }: Pick<Message, 'event' | 'priority'>,
  said: NonNullable<Message['said']>,
): Message {
  const { title, text, serving } = said
  return { event, priority, title: english(title), text: english(text), serving: english(serving), said }
}
