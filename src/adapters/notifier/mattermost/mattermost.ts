/**
 * A message in Mattermost by an incoming webhook. Its text is Markdown, so whatever is told is escaped: what of it would be
 * a mention, a channel, a hashtag or a picture gets an invisible character that parts it, the rest a backslash or an entity.
 * Incoming webhooks know neither threads nor ids: what belongs together names the same rollout.
 */
import type { Notification } from '../../../ports/notifier.ts'
import { chat } from '../chat.ts'
import { cut, told } from '../wording.ts'
import { escaped } from './escape.ts'

/** All of it together may have 16 383 characters. */
const HEADING_MAX = 1000
const TEXT_MAX = 10_000
const SERVING_MAX = 3000

export const mattermost = chat({
  kind: 'mattermost',
  description: 'A message in a channel of Mattermost.',
  webhook: 'an incoming webhook of Mattermost',
  messageOf,
})

function messageOf(notification: Notification) {
  const { heading, text, serving, about } = told(notification)
  const short = (whole: string, max: number) => cut(whole, max, escaped, notification.language)
  const parts = [
    `#### ${short(heading, HEADING_MAX)}`,
    short(text, TEXT_MAX),
    `**${short(serving, SERVING_MAX)}**`,
    escaped(about),
  ]
  return { text: parts.filter((part) => part !== '').join('\n\n') }
}
