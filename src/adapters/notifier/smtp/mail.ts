/** A notification as a mail: plain text, in one thread with what else is told of its rollout. */
import { createHash } from 'node:crypto'
import { foreignLine } from '../../../core/foreign-text.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { cut, told } from '../wording.ts'

/** RFC 5322 has lines of 998 characters at most; nobody reads a subject of more than this. */
const SUBJECT_MAX = 250
const TEXT_MAX = 100_000

/** What `sendMail` of nodemailer takes. */
export function mailOf(notification: Notification, key: string, from: string, date: Date) {
  const { priority, title, about } = notification
  const domain = from.slice(from.indexOf('@') + 1)
  const thread = `<${about.rollout}.rollout@${domain}>`
  return {
    from: { name: 'Stellwerk', address: from },
    subject: cut(`[${priority}] ${foreignLine(title)}`, SUBJECT_MAX, undefined, notification.language),
    // The same order is the same mail, whenever it is sent again.
    messageId: `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${domain}>`,
    inReplyTo: thread,
    references: thread,
    date,
    text: textOf(notification),
    textEncoding: 'quoted-printable',
    ...(priority === 'P1' && { priority: 'high' }),
    // RFC 3834: nobody's holiday answers it.
    headers: { 'Auto-Submitted': 'auto-generated' },
  } as const
}

function textOf(notification: Notification): string {
  const { text, serving, about } = told(notification)
  const { service, environment, version } = notification.about
  const { language } = notification
  const parts = [
    foreignLine(notification.title),
    cut(text, TEXT_MAX, undefined, language),
    serving,
    `${service} ${version} in ${environment}\n${about}`,
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}
