/** What people read of incidents, in both languages. Titles and notes are what was found and said. */
import type { IncidentPhase } from '../core/incident/state.ts'

export type IncidentMessages = {
  readonly heads: readonly string[]
  readonly phases: Readonly<Record<IncidentPhase, string>>
  readonly none: string
  readonly noneOpen: string
  readonly opened: (at: string, rollout: string, version: string) => string
  readonly acknowledged: (by: string, at: string) => string
  readonly nobody: (command: string) => string
  readonly resolved: (by: string, at: string, note: string) => string
  /** A line of `status`. */
  readonly open: (priority: string, id: string, title: string, by: string | null) => string
}

export const enIncident: IncidentMessages = {
  heads: ['ID', 'PRIORITY', 'WHERE', 'OPENED', 'STATE', 'TITLE'],
  phases: { open: 'OPEN', acknowledged: 'acknowledged', resolved: 'resolved' },
  none: 'No incidents.',
  noneOpen: 'No open incidents.',
  opened: (at, rollout, version) => `opened ${at} by ${rollout} (${version})`,
  acknowledged: (by, at) => `acknowledged by ${by} ${at}`,
  nobody: (command) => `nobody has acknowledged it: ${command}`,
  resolved: (by, at, note) => `resolved by ${by} ${at}: ${note}`,
  open: (priority, id, title, by) =>
    `incident ${priority} ${id}: ${title}${by === null ? ' (not acknowledged)' : ` (acknowledged by ${by})`}`,
}

export const deIncident: IncidentMessages = {
  heads: ['ID', 'PRIORITÄT', 'WO', 'ERÖFFNET', 'ZUSTAND', 'TITEL'],
  phases: { open: 'OFFEN', acknowledged: 'übernommen', resolved: 'behoben' },
  none: 'Keine Störungen.',
  noneOpen: 'Keine offenen Störungen.',
  opened: (at, rollout, version) => `eröffnet ${at} durch ${rollout} (${version})`,
  acknowledged: (by, at) => `übernommen von ${by} ${at}`,
  nobody: (command) => `niemand hat sie übernommen: ${command}`,
  resolved: (by, at, note) => `behoben von ${by} ${at}: ${note}`,
  open: (priority, id, title, by) =>
    `Störung ${priority} ${id}: ${title}${by === null ? ' (nicht übernommen)' : ` (übernommen von ${by})`}`,
}
