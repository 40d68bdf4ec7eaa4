/**
 * A message in Slack by an incoming webhook, in Block Kit. Every text is `plain_text`, so that nothing in it is markup, and
 * `&`, `<` and `>` are escaped, so that nothing is a mention (docs.slack.dev, "Formatting message text"). Incoming webhooks
 * know neither threads nor ids: what belongs together names the same rollout.
 */
import type { Notification } from '../../../ports/notifier.ts'
import { chat } from '../chat.ts'
import { cut, told } from '../wording.ts'

const HEADER_MAX = 150
const SECTION_MAX = 3000

export const slack = chat({
  kind: 'slack',
  description: 'A message in a channel of Slack.',
  webhook: 'an incoming webhook of Slack',
  messageOf,
})

function messageOf(notification: Notification) {
  const { heading, text, serving, about } = told(notification)
  const { language } = notification
  return {
    // What a phone shows before the message is opened.
    text: cut(heading, SECTION_MAX, escaped, language),
    blocks: [
      { type: 'header', text: plain(heading, HEADER_MAX, language) },
      ...(text === '' ? [] : [{ type: 'section', text: plain(text, SECTION_MAX, language) }]),
      { type: 'section', text: plain(serving, SECTION_MAX, language) },
      { type: 'context', elements: [plain(about, SECTION_MAX, language)] },
    ],
  }
}

/** `emoji: false`: `:fire:` in a text is no picture. */
function plain(text: string, max: number, language: Notification['language']) {
  return { type: 'plain_text', text: cut(text, max, escaped, language), emoji: false }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
