/**
 * Moments on a screen. One zone for everything, and it is named: UTC, since the verdicts and reasons of the log say UTC too,
 * and a line with two zones is read wrongly at two in the morning.
 */
import { formatDuration, type Instant } from '../../core/time.ts'
import type { Messages } from '../../text/messages.ts'

/** `14:02:11` on the day of `now`, `2026-07-25 14:02:11` on any other; in UTC, and without saying so. */
function clock(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)].map((date) => date.toISOString())
  const [day, time] = [then!.slice(0, 10), then!.slice(11, 19)]
  return day === today!.slice(0, 10) ? time : `${day} ${time}`
}

/** For a column of its own: `14:02:11Z`, `2026-07-25 14:02:11Z`. */
export function stamp(at: number, now: number): string {
  return `${clock(at, now)}Z`
}

/** In a sentence: `14:02:11 UTC`. */
export function timeText(at: number, now: number): string {
  return `${clock(at, now)} UTC`
}

/** `14:02:11 UTC (3m 5s ago)` or `14:32:11 UTC (in 27m)`; `14:02:11 UTC` just now. */
export function moment(at: Instant, now: number, text: Messages): string {
  const ms = Math.abs(at - now)
  if (ms < 1000) return timeText(at, now)
  const distance = at > now ? text.inTime(formatDuration(ms)) : text.ago(formatDuration(ms))
  return `${timeText(at, now)} (${distance})`
}
