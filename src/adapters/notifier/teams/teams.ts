/**
 * A card in Microsoft Teams by a webhook of Workflows ("When a Teams webhook request is received"). Every text is a run of a
 * `RichTextBlock`, in which Markdown means nothing; a mention would have to stand in `msteams.entities`, which a card of ours
 * has not. These webhooks know neither threads nor ids: what belongs together names the same rollout.
 */
import type { Notification } from '../../../ports/notifier.ts'
import { chat } from '../chat.ts'
import { cut, told } from '../wording.ts'

/** A message may have 28 kB, of which a character in JSON takes up to 6. */
const HEADING_MAX = 300
const TEXT_MAX = 3000
const SERVING_MAX = 800

export const teams = chat({
  kind: 'teams',
  description: 'A card in a channel or chat of Microsoft Teams.',
  webhook: 'a webhook of Workflows',
  messageOf,
})

function messageOf(notification: Notification) {
  const contentType = 'application/vnd.microsoft.card.adaptive'
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content: cardOf(notification) }] }
}

const COLOURS = { P1: 'attention', P2: 'attention', P3: 'warning', info: 'default' } as const

function cardOf(notification: Notification) {
  const { heading, text, serving, about } = told(notification)
  const colour = COLOURS[notification.priority]
  const short = (text: string, max: number) => cut(text, max, undefined, notification.language)
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    msteams: { width: 'Full' },
    body: [
      block(short(heading, HEADING_MAX), { weight: 'bolder', size: 'medium', color: colour }),
      ...(text === '' ? [] : [block(short(text, TEXT_MAX))]),
      block(short(serving, SERVING_MAX), { weight: 'bolder' }),
      block(about, { size: 'small', isSubtle: true }),
    ],
  }
}

function block(text: string, style: object = {}) {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] }
}
