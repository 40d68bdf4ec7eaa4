/** How many requests per second users send at a moment: a daily curve in their own zone, with bursts over it. */
import type { Instant } from '../../core/time.ts'
import type { Scenario } from '../scenario/schema.ts'
import { offsetIn } from '../scenario/zone.ts'

const DAY_MS = 86_400_000

export function trafficOf({ traffic, start }: Pick<Scenario, 'traffic' | 'start'>): (at: Instant) => number {
  const { rate, low, peak, bursts } = traffic
  const [hours = 0, minutes = 0] = peak.split(':').map(Number)
  const peakMs = hours * 3_600_000 + minutes * 60_000
  const offset = offsetIn(start.zone)
  return (at) => {
    const burst = bursts.reduce(
      (times, { every, for: lasts, times: by }) => (at % every < lasts ? times * by : times),
      1,
    )
    if (low === 1) return rate * burst
    const fromPeak = (at + offset(at) - peakMs) / DAY_MS
    const height = (1 + Math.cos(2 * Math.PI * fromPeak)) / 2
    return rate * burst * (low + (1 - low) * height)
  }
}
