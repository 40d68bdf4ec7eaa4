/** Which events of PagerDuty a notification is. */
import { foreignLine } from '../../../core/foreign-text.ts'
import { MESSAGE_NAMES, messageKind } from '../../../core/rollout/message.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { cut } from '../wording.ts'

type Event = Notification['event']

export type Sent = { readonly path: '/v2/enqueue' | '/v2/change/enqueue'; readonly event: object }

const SEVERITIES = { P1: 'critical', P2: 'error', P3: 'warning', info: 'info' } as const
const SUMMARY_MAX = 1024
/** An event may have 512 kB; nobody reads as much. */
const TEXT_MAX = 20_000

/** A rollout that has ended waits for nobody and is held by nothing. */
const HOLDS = MESSAGE_NAMES.filter((name) => messageKind(name).holds)

/** An alert, a change, or what resolves alerts; whatever resolves is first. */
export function eventsOf(notification: Notification): readonly Sent[] {
  const { event, priority } = notification
  const { ends, recedes } = messageKind(event)
  const resolves = ends ? HOLDS.map((each) => resolve(notification, each)) : []
  if (priority !== 'info') return [...resolves, trigger(notification)]
  return recedes ? [resolve(notification, event)] : [...resolves, change(notification)]
}

function trigger(notification: Notification): Sent {
  const { about, event, priority } = notification
  const payload = {
    ...summaryOf(notification),
    severity: SEVERITIES[priority],
    component: about.service,
    group: about.environment,
    class: event,
  }
  return {
    path: '/v2/enqueue',
    event: { event_action: 'trigger', dedup_key: dedupKey(notification, event), client: 'Stellwerk', payload },
  }
}

function resolve(notification: Notification, event: Event): Sent {
  return { path: '/v2/enqueue', event: { event_action: 'resolve', dedup_key: dedupKey(notification, event) } }
}

function change(notification: Notification): Sent {
  return { path: '/v2/change/enqueue', event: { payload: summaryOf(notification) } }
}

function summaryOf({ title, text, serving, about, language }: Notification) {
  const { service, environment, version, rollout } = about
  const short = (whole: string, max: number) => cut(whole, max, undefined, language)
  return {
    summary: short(foreignLine(title), SUMMARY_MAX),
    source: `${service} in ${environment}`,
    custom_details: { text: short(text, TEXT_MAX), serving: short(serving, TEXT_MAX), version, rollout },
  }
}

/** A rollback that has begun and one that has ended are the same alert. */
function dedupKey({ about }: Notification, event: Event): string {
  return `stellwerk/${about.rollout}/${messageKind(event).alert ?? event}`
}
