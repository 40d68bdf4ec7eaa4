/** What all benchmarks share: order statistics and rounding. A table's numbers are medians unless its notes say otherwise. */

/** The value below which the share `q` (0-1) of all lies, by nearest rank; NaN of nothing. */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantileOf(values, 0.5)
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

export function rounded(number: number, digits = 1): number {
  return Number(number.toFixed(digits))
}

/** `2.31 ×` */
export function times(number: number): string {
  return `${rounded(number, 2)} ×`
}

/** Wall time of `work`, ms. */
export async function timed(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

/** Of the mean of these; NaN of fewer than two. */
export function standardError(values: readonly number[]): number {
  const centre = mean(values)
  const squares = sum(values.map((value) => (value - centre) ** 2))
  return Math.sqrt(squares / (values.length - 1) / values.length)
}
