import { formatDuration } from '../core/time.ts'
import type { Waiting, WaitName } from '../core/views.ts'

/** What goes on after "wartet auf", where a kind of wait has nothing else to say. */
const WAITS: Readonly<Record<string, string>> = {
  migrate: 'die Migration',
  smoke: 'die Smoke-Tests des Kandidaten',
  activate: 'die Worker des Kandidaten',
  'verify-live': 'die Smoke-Tests von live',
  finalize: 'den Abschluss',
  mitigate: 'die Begrenzung des Schadens',
  'restore-previous': 'die vorige Version',
  'traffic-back': 'die Rückkehr des Verkehrs',
  'stop-candidate': 'das Ende des Kandidaten',
  schema: 'die Rückmigration des Schemas',
  reactivate: 'die Worker der vorigen Version',
  'smoke-live': 'die Smoke-Tests von live',
  queue: 'das Ende eines anderen Rollouts',
}

const ENDS: Readonly<Record<WaitName['end'], string>> = {
  'given-up': 'er wird aufgegeben',
  aborted: 'Abbruch',
  'aborted-unseen': 'Abbruch; Nutzer bleiben, wo sie sind',
  'rolled-back': 'Rollback',
  'rolled-back-or-asked': 'Rollback, oder ein Mensch wird gefragt, wenn Belege fehlen',
  human: 'ein Mensch wird gerufen',
}

/** What somebody said or a metrics source answered stays as it came. */
export function deWait({ for: what, then: next, named }: Waiting): { readonly what: string; readonly next: string } {
  if (named === undefined) return { what, next }
  const words = deWaitFor(named) ?? what
  return { what: named.lacks === null ? words : `${words} (${named.lacks})`, next: ENDS[named.end] }
}

function deWaitFor({ kind, subject, weight, lastsMs }: WaitName): string | null {
  const lasts = lastsMs === null ? '' : ` (${formatDuration(lastsMs)})`
  switch (kind) {
    case 'gates':
      return subject === null ? 'die Gates' : `die Gates ${subject}`
    case 'approvals':
      return `Freigabe als ${subject}`
    case 'decision':
      return `eine Entscheidung: ${subject}`
    case 'resume':
      return `jemanden, der fortsetzt: ${subject}`
    case 'deploy':
      return `${subject}`
    case 'shift':
      return `${weight} % Verkehr beim Kandidaten`
    case 'hold':
      return `das Ende der Stufe mit ${weight} %${lasts}`
    case 'bake':
    case 'watch':
      return `das Ende der Beobachtung${lasts}`
    default:
      return WAITS[kind] ?? null
  }
}
