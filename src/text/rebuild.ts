/** What `rebuild` says, in both languages. */

type Rebuilt = {
  readonly events: number
  readonly streams: number
  readonly environments: number
  readonly tokens: number
  readonly jobs: number
}

export type RebuildTexts = {
  readonly done: (rebuilt: Rebuilt) => string
  readonly lostTokens: (ids: readonly string[]) => string
  readonly unreadable: (stream: string, why: string) => string
}

export const enRebuild: RebuildTexts = {
  done: ({ events, streams, environments, tokens, jobs }) =>
    [
      `Rebuilt from ${count(events, 'event', 'events')}: ${count(streams, 'stream', 'streams')}, ${count(environments, 'environment', 'environments')}, ${count(tokens, 'token', 'tokens')}.`,
      ...(jobs > 0 ? [`${count(jobs, 'order', 'orders')} without an answer will be carried out again.`] : []),
    ].join('\n'),
  lostTokens: (ids) =>
    `The log, written by an earlier version, does not contain what identifies ${ids.join(', ')}. Issue anew what is still needed: stellwerk token create`,
  unreadable: (stream, why) =>
    `${stream} cannot be read to its end (${why}). It stops alone, and "stellwerk status" shows it; what it serves goes on. Run the version that wrote it, or a newer one, and rebuild again.`,
}

export const deRebuild: RebuildTexts = {
  done: ({ events, streams, environments, tokens, jobs }) =>
    [
      `Neu aufgebaut aus ${count(events, 'Ereignis', 'Ereignissen')}: ${count(streams, 'Strom', 'Ströme')}, ${count(environments, 'Umgebung', 'Umgebungen')}, ${count(tokens, 'Token', 'Tokens')}.`,
      ...(jobs > 0 ? [`${count(jobs, 'Auftrag', 'Aufträge')} ohne Antwort: wird nochmals ausgeführt.`] : []),
    ].join('\n'),
  lostTokens: (ids) =>
    `Das Protokoll stammt von einer früheren Version und enthält nicht, woran ${ids.join(', ')} zu erkennen ${ids.length === 1 ? 'ist' : 'sind'}. Was noch gebraucht wird, neu ausstellen: stellwerk token create`,
  unreadable: (stream, why) =>
    `${stream} ist nicht bis zum Ende lesbar (${why}). Nur dieser Strom steht still, "stellwerk status" zeigt ihn; was er ausliefert, läuft weiter. Mit der Version, die ihn geschrieben hat, oder einer neueren nochmals aufbauen.`,
}

function count(many: number, one: string, more: string): string {
  return `${many} ${many === 1 ? one : more}`
}
