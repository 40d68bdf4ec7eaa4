/** A stream that is due and that nobody drives: the row tells it to every replica, the process that failed knows why. */
import { after, formatDuration, type Instant } from '../core/time.ts'
import { type Alarm, alarm, type PlacedAlarm } from '../core/alarm.ts'
import { quote, say, verbatim } from '../core/say.ts'
import type { Clock } from '../ports/clock.ts'
import type { Store, StreamRow } from '../ports/store.ts'
import type { Trouble, Troubles } from './troubles.ts'

/** A pump looks several times a second, and a control plane that died is replaced within this. */
const OVERDUE_MS = 15_000

type Row = Pick<StreamRow, 'stream' | 'nextDue'>
type Looked = {
  readonly store: Pick<Store, 'overdue'>
  readonly clock: Clock
  readonly engine: { readonly troubles: Pick<Troubles, 'of' | 'all'> }
}

/** Of every kind, wherever it is: one that this process fails to drive, and one that nobody drives. */
export async function notDrivenAlarms({ store, clock, engine }: Looked): Promise<readonly PlacedAlarm[]> {
  const now = clock.now()
  const { troubles } = engine
  const rows = await store.overdue(after(now, -OVERDUE_MS), [...troubles.all().keys()])
  return rows.flatMap((row) => {
    const { service, environment, stream } = row
    const alarm = notDriven(row, troubles.of(stream), now)
    return alarm ? [{ service, environment, ...alarm }] : []
  })
}

type Place = { readonly service: string; readonly environment: string }

export function isAt(alarm: PlacedAlarm, { service, environment }: Place): boolean {
  return alarm.service === service && alarm.environment === environment
}

/** Those of one place that are not told there already. */
export function alsoThere(all: readonly PlacedAlarm[], place: Place, told: readonly Alarm[]): readonly Alarm[] {
  return all
    .filter((alarm) => isAt(alarm, place))
    .filter(({ kind, what }) => !told.some((each) => each.kind === kind && each.what === what))
    .map(({ kind, what, since, until, why, said }) => ({ kind, what, since, until, why, said }))
}

export function notDriven({ stream, nextDue }: Row, trouble: Trouble | null, now: Instant): Alarm | null {
  const late = nextDue === null ? 0 : now - nextDue
  if (late <= OVERDUE_MS && !(trouble && trouble.times > 1)) return null
  const since = trouble && (nextDue === null || trouble.since < nextDue) ? trouble.since : (nextDue ?? now)
  const why = trouble
    ? say`Stellwerk failed to continue it, ${trouble.times} times in a row: ${quote(trouble.error)}`
    : say`it has been due for ${formatDuration(late)} and no control plane drives it`
  return alarm({ kind: 'not-driven', since }, { what: verbatim(stream), why })
}
