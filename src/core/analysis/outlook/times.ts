/** ` (4.6 times live's)`, or nothing where live has no errors to multiply. */
import { type Part, say } from '../../say.ts'

export function timesText(rate: number, baseline: number): Part {
  return baseline > 0 ? say` (${times(rate / baseline)} times live's)` : ''
}

export function times(factor: number): string {
  return String(Number(factor.toFixed(factor < 10 ? 1 : 0)))
}
