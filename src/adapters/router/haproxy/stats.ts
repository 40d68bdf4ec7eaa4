/** What is in flight in each slot, of `show stat` and `show sess`. */
import type { Slot } from '../../../core/observed.ts'

type BySlot = Readonly<Record<Slot, number>>

/** Of `show stat`, wherever it begins in what was said: `scur`, `stot`. Columns are found by their names: versions add some. */
export function statOf(said: string, backend: string, column: 'scur' | 'stot'): BySlot {
  const [head = '', ...lines] = said.slice(Math.max(0, said.indexOf('# pxname'))).split('\n')
  const columns = head.replace(/^# /, '').split(',')
  const [proxy, server, wanted] = ['pxname', 'svname', column].map((name) => columns.indexOf(name))
  const sums = { blue: 0, green: 0 }
  for (const line of lines) {
    const cells = line.split(',')
    const slot = slotOf(cells[server!] ?? '')
    if (cells[proxy!] === backend && slot !== null) sums[slot] += Number(cells[wanted!]) || 0
  }
  return sums
}

export function slotOf(server: string): Slot | null {
  return server.startsWith('blue') ? 'blue' : server.startsWith('green') ? 'green' : null
}

/** Set while HAProxy waits for the head of an answer; the flag is the same in 2.4 to 3.2. */
const WAITS_FOR_HEAD = 0x0040_0000

/**
 * Age of the oldest request of each slot whose answer has not begun, ms: at least. HAProxy tells it as a difference of whole
 * seconds, so that 1 s may be a moment.
 */
export function oldestWaiting(sessions: string, backend: string): BySlot {
  const oldest = { blue: 0, green: 0 }
  for (const line of sessions.split('\n')) {
    const [, ofBackend, server = '', age = '', flags = ''] = SESSION.exec(line) ?? []
    const slot = slotOf(server)
    if (ofBackend !== backend || slot === null || (Number.parseInt(flags, 16) & WAITS_FOR_HEAD) === 0) continue
    oldest[slot] = Math.max(oldest[slot], ageMs(age) - 1000)
  }
  return oldest
}

const SESSION = / be=(\S+) srv=(\S+) .* age=(\S+) .* rp\[f=\w+,i=\d+,an=([0-9a-f]+)h/
const UNITS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 }

/** `1m30s`, `2d5h`. */
function ageMs(text: string): number {
  return [...text.matchAll(/(\d+)([dhms])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0)
}
