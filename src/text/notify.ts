/** What people read of messages and their routes, in both languages. Failures and receipts are answers of others. */

export type NotifyMessages = {
  readonly heads: readonly string[]
  readonly testHeads: readonly string[]
  readonly states: Readonly<Record<'waiting' | 'delivered' | 'dead' | 'dismissed', string>>
  readonly outcomes: Readonly<Record<'delivered' | 'failed', string>>
  readonly none: string
  readonly noDead: string
  readonly sentAgain: (count: number) => string
  readonly dismissed: (count: number) => string
  readonly dismissedBy: (by: string, reason: string) => string
  readonly nobodyAsks: (environment: string, topic: string | null) => string
}

export const enNotify: NotifyMessages = {
  heads: ['ID', 'AT', 'WHERE', 'EVENT', 'TO', 'STATE', 'ATTEMPTS', 'LAST ANSWER'],
  testHeads: ['ASKS FOR', 'TO', 'SENT AS', 'OUTCOME', 'ANSWER'],
  states: { waiting: 'waiting', delivered: 'delivered', dead: 'dead', dismissed: 'dismissed' },
  outcomes: { delivered: 'delivered', failed: 'FAILED' },
  none: 'No messages.',
  noDead: 'No dead letters: every message was delivered or is still being tried.',
  sentAgain: (count) =>
    `${count === 1 ? 'One message is' : `${count} messages are`} sent again; "stellwerk notify list" shows the outcome.`,
  dismissed: (count) =>
    `${count === 1 ? 'One dead letter is' : `${count} dead letters are`} dismissed, and no longer an alarm.`,
  dismissedBy: (by, reason) => `dismissed by ${by}: ${reason}`,
  nobodyAsks: (environment, topic) =>
    topic === null
      ? `Nobody is notified in ${environment}: it has no routes under \`notify\`.`
      : `No route of ${environment} asks for ${topic}: nobody would be notified.`,
}

export const deNotify: NotifyMessages = {
  heads: ['ID', 'WANN', 'WO', 'EREIGNIS', 'AN', 'ZUSTAND', 'VERSUCHE', 'LETZTE ANTWORT'],
  testHeads: ['FRAGT NACH', 'AN', 'GESENDET ALS', 'ERGEBNIS', 'ANTWORT'],
  states: { waiting: 'wartet', delivered: 'zugestellt', dead: 'aufgegeben', dismissed: 'erledigt' },
  outcomes: { delivered: 'zugestellt', failed: 'FEHLGESCHLAGEN' },
  none: 'Keine Nachrichten.',
  noDead: 'Nichts aufgegeben: Jede Nachricht wurde zugestellt oder wird noch versucht.',
  sentAgain: (count) =>
    `${count === 1 ? 'Eine Nachricht wird' : `${count} Nachrichten werden`} erneut gesendet; „stellwerk notify list“ zeigt, was daraus wird.`,
  dismissed: (count) =>
    `${count === 1 ? 'Eine aufgegebene Nachricht ist' : `${count} aufgegebene Nachrichten sind`} erledigt und kein Alarm mehr.`,
  dismissedBy: (by, reason) => `erledigt durch ${by}: ${reason}`,
  nobodyAsks: (environment, topic) =>
    topic === null
      ? `In ${environment} wird niemand benachrichtigt: Unter \`notify\` stehen keine Wege.`
      : `Kein Weg von ${environment} fragt nach ${topic}: Niemand würde benachrichtigt.`,
}
