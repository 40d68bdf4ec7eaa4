/** Numbers and moments as people read them; the same value always gives the same text, whatever the locale. */
import { say, type Sentence } from '../say.ts'
import { formatDuration, type Instant } from '../time.ts'
import type { LimitRule, Metric } from './rules.ts'

/** `0.073` → `7.3 %`, `0.0004` → `0.04 %`. */
export function percent(ratio: number): string {
  return `${rounded(ratio * 100, 1)} %`
}

/** As `percent`, with as many digits as it takes not to look equal to a limit that it is not equal to. */
export function percentBeside(ratio: number, limit: number): string {
  for (let digits = 1; digits <= 6; digits++) {
    const text = `${rounded(ratio * 100, digits)} %`
    if (ratio === limit || text !== percent(limit)) return text
  }
  return `${ratio * 100} %`
}

/** `3702` → `3 702`. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
}

/** `7.3 % (30 of 412 requests)`; `none counted` of nothing. */
export function ratioText(part: number, whole: number): Sentence {
  return whole === 0 ? say`none counted` : say`${percent(part / whole)} (${count(part)} of ${count(whole)} requests)`
}

/** `412` → `412ms`, `1240` → `1.24s`: latencies, where `formatDuration` would round to whole seconds. */
export function latency(ms: number): string {
  return ms < 1000 ? `${rounded(ms, 0)}ms` : `${rounded(ms / 1000, 2)}s`
}

/** To the 5 s, the minute or the hour: a forecast is no more exact than that. */
export function roundly(ms: number): string {
  const unit = ms < 120_000 ? 5000 : ms < 7_200_000 ? 60_000 : 3_600_000
  return formatDuration(Math.max(unit, Math.round(ms / unit) * unit))
}

/** `1288490188` → `1.2 GiB`. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, value)) / 10)))
  return `${rounded(value / 1024 ** power, 1)} ${units[power]}`
}

/** `0.0125` → `1.25 %`: a limit as it was written, where `percent` rounds what was measured. */
export function exactPercent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(6))} %`
}

/** `256_000_000` → `"256MB"`: as it was written; the largest decimal unit that keeps at most three decimals. */
export function sizeText(size: number): string {
  const units = [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const
  const [unit, of] = units.find(([, of]) => size >= of) ?? (['kB', 1e3] as const)
  return `${Number((size / of).toFixed(3))}${unit}`
}

/** `12:00:05–12:05:05 UTC`, half-open: what happened at the first moment is not in it. */
export function timeSpan({ from, to }: { readonly from: Instant; readonly to: Instant }): string {
  return `${timeOfDay(from)}–${timeOfDay(to)} UTC`
}

export function timeOfDay(at: Instant): string {
  const seconds = Math.floor(at / 1000)
  const parts = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}

export const METRIC_NAMES: Readonly<Record<Metric, Sentence>> = {
  'error-rate': say`error rate`,
  'latency-p50': say`p50 latency`,
  'latency-p95': say`p95 latency`,
  'latency-p99': say`p99 latency`,
  'readiness-flapping': say`share of failed readiness probes`,
  memory: say`memory`,
  'info-logs': say`log lines`,
}

/** A limit in the unit of its metric: `2 %`, `500ms`, `1 GiB`. */
export function limitText(metric: LimitRule['metric'], limit: number): string {
  if (metric === 'memory') return bytes(limit)
  return metric === 'error-rate' || metric === 'readiness-flapping' ? percent(limit) : latency(limit)
}

/** At least `digits` decimals' worth; below 1 two significant digits, so that 0.04 does not become 0. */
function rounded(value: number, digits: number): string {
  if (value === 0) return '0'
  const decimals = Math.abs(value) >= 1 ? digits : digits + 1 - Math.floor(Math.log10(Math.abs(value)) + 1)
  return String(Number(value.toFixed(Math.min(12, Math.max(0, decimals)))))
}
