/** The candidate that a slip of the fingers turned into `word`, or null when none is near enough to be worth saying. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const plain = normalize(word)
  if (plain.length > 60) return null
  const limit = Math.max(1, Math.floor(plain.length / 3))
  let best: { readonly candidate: string; readonly distance: number } | null = null
  for (const candidate of candidates) {
    const distance = editDistance(plain, normalize(candidate))
    if (distance <= limit && distance < (best?.distance ?? Infinity)) best = { candidate, distance }
  }
  const longer = plain.length >= 3 ? candidates.find((candidate) => normalize(candidate).startsWith(plain)) : undefined
  return best?.candidate ?? longer ?? null
}

/** `rollback_window`, `rollback-window` and `rollbackWindow` are the same slip. */
function normalize(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '')
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment); O(n·m). */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, column) => column)
  for (let row = 1; row <= left.length; row++) {
    const current = [row]
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1]
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      const edits = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      current.push(swapped ? Math.min(edits, beforeLast[column - 2]! + 1) : edits)
    }
    beforeLast = last
    last = current
  }
  return last[right.length]!
}

const UNIT_WORDS = [
  [/^(ms|msecs?|millis|milliseconds?)$/i, 'ms'],
  [/^(s|secs?|seconds?)$/i, 's'],
  [/^(m|mins?|minutes?)$/i, 'm'],
  [/^(h|hrs?|hours?)$/i, 'h'],
  [/^(d|days?)$/i, 'd'],
  [/^(%|percent)$/i, '%'],
  [/^mb$/i, 'MB'],
  [/^gb$/i, 'GB'],
] as const

/** `"5 minutes"` → `"5m"`, `"10 %"` → `"10%"`; null when it is not a number with a unit, or right as it stands. */
export function respelled(text: string): string | null {
  const [, count, word] = /^(\d+(?:\.\d+)?)\s*([a-z]+|%)$/i.exec(text.trim()) ?? []
  if (count === undefined || word === undefined) return null
  const unit = UNIT_WORDS.find(([pattern]) => pattern.test(word))?.[1]
  return unit === undefined || `${count}${unit}` === text ? null : `${count}${unit}`
}
