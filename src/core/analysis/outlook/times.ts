/** ` (4.6 times live's)`, or nothing where live has no errors to multiply. */
export function timesText(rate: number, baseline: number): string {
  return baseline > 0 ? ` (${times(rate / baseline)} times live's)` : ''
}

export function times(factor: number): string {
  return String(Number(factor.toFixed(factor < 10 ? 1 : 0)))
}
