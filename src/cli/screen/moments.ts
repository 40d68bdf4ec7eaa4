import { formatDuration, type Instant } from '../../core/time.ts'
import type { Messages } from '../messages.ts'

/** `14:02:11` on the day of `now` in the local zone, `2026-07-25 14:02:11` on any other. */
export function clock(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)]
  const two = (value: number) => String(value).padStart(2, '0')
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(two).join(':')
  if (then.toDateString() === today.toDateString()) return time
  return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${two(then.getDate())} ${time}`
}

/** `14:02:11 (3m 5s ago)` or `14:32:11 (in 27m)`; `14:02:11` just now. */
export function moment(at: Instant, now: number, text: Messages): string {
  const ms = Math.abs(at - now)
  if (ms < 1000) return clock(at, now)
  const distance = at > now ? text.inTime(formatDuration(ms)) : text.ago(formatDuration(ms))
  return `${clock(at, now)} (${distance})`
}
