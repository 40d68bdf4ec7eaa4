/** A rollout that is due and that nobody drives: the row tells it to every replica, the process that failed knows why. */
import type { Alarm } from '../core/alarm.ts'
import { formatDuration, type Instant } from '../core/time.ts'
import type { StreamRow } from '../ports/store.ts'
import type { Trouble } from './troubles.ts'

/** A pump looks several times a second, and a control plane that died is replaced within this. */
const OVERDUE_MS = 15_000

type Row = Pick<StreamRow, 'stream' | 'nextDue'>

export function notDriven({ stream, nextDue }: Row, trouble: Trouble | null, now: Instant): Alarm | null {
  const late = nextDue === null ? 0 : now - nextDue
  if (late <= OVERDUE_MS && !(trouble && trouble.times > 1)) return null
  const since = trouble && (nextDue === null || trouble.since < nextDue) ? trouble.since : (nextDue ?? now)
  const why = trouble
    ? `Stellwerk fails to go on with it, ${trouble.times} times in a row: ${trouble.error}`
    : `it has been due for ${formatDuration(late)} and nobody drives it`
  return { kind: 'not-driven', what: stream, since, until: null, why }
}
