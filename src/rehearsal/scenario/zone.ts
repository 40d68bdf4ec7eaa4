/** Local times of a named zone, daylight saving included: `2026-03-29T01:30` in `Europe/Berlin` is one instant. */
import { type Instant, instant } from '../../core/time.ts'

const HOUR_MS = 3_600_000

/** Whether this machine knows the zone. */
export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant; asked once per quarter of an hour and kept. */
export function offsetIn(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' })
  const known = new Map<number, number>()
  return (at) => {
    const quarter = Math.floor(at / (HOUR_MS / 4))
    const kept = known.get(quarter)
    if (kept !== undefined) return kept
    const offset = parseOffset(format.formatToParts(quarter * (HOUR_MS / 4)))
    known.set(quarter, offset)
    return offset
  }
}

/** `GMT+01:00` → 3 600 000. */
function parseOffset(parts: readonly Intl.DateTimeFormatPart[]): number {
  const text = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours = '0', minutes = '0'] = /^GMT([+-])(\d\d):?(\d\d)?/.exec(text) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000)
}

/** `text` is `YYYY-MM-DDTHH:MM`. A time that the clocks leave out is the one an hour later; of a repeated one, the first. */
export function localInstant(text: string, zone: string): Instant {
  const asIfUtc = Date.parse(`${text}:00Z`)
  const offset = offsetIn(zone)
  const first = asIfUtc - offset(asIfUtc - 24 * HOUR_MS)
  const settled = offset(first) === offset(asIfUtc - 24 * HOUR_MS) ? first : asIfUtc - offset(first)
  return instant(offset(settled) === asIfUtc - settled ? settled : first)
}
