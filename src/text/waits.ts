import type { Waiting, WaitName } from '../core/views.ts'
import { deStepWait } from './steps.ts'

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

/** Goes on after "wartet auf"; what a step waits for stands with its texts. */
function deWaitFor(wait: WaitName): string | null {
  switch (wait.kind) {
    case 'queue':
      return 'das Ende eines anderen Rollouts'
    case 'decision':
      return `eine Entscheidung: ${wait.subject}`
    case 'resume':
      return `jemanden, der fortsetzt: ${wait.subject}`
    default:
      return deStepWait(wait)
  }
}
