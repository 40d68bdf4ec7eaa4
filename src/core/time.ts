/** Milliseconds since the Unix epoch. A brand, so that a duration is never passed where a moment is meant. */
export type Instant = number & { readonly __instant: true }

export function instant(ms: number): Instant {
  return ms as Instant
}

/** The moment `ms` later (or earlier, when negative). */
export function after(at: Instant, ms: number): Instant {
  return (at + ms) as Instant
}

/** The earliest of the moments given, or null when there is none. */
export function earliest(...moments: readonly (Instant | null)[]): Instant | null {
  const known = moments.filter((moment) => moment !== null)
  return known.length === 0 ? null : (Math.min(...known) as Instant)
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** `5_400_000` → `"1h30m"`: exactly, as people write it in stellwerk.yaml. */
export function durationText(ms: number): string {
  let rest = Math.round(ms)
  let text = ''
  for (const [unit, size] of [...UNITS, ['ms', 1]] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text || '0s'
}

/** `90_000` → `"1m 30s"`, `250` → `"250ms"`; at most two units, for people. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const parts: string[] = []
  let rest = Math.round(ms / 1000) * 1000
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count}${unit}`)
    rest -= count * size
  }
  return parts.slice(0, 2).join(' ')
}
