/** Single values of a line, as people and programs write them; what cannot be read says what would be read. */
import { say, type Sentence } from '../core/say.ts'

export type Cell<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly said: Sentence }

const SHOWN = 40
const SECONDS = /^\d{9,10}(\.\d+)?$/
const MILLISECONDS = /^\d{12,13}$/
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/

/** `2026-11-30T12:00:05Z`, or seconds or milliseconds since 1970 → ms since 1970. */
export function timeOf(value: unknown): Cell<number> {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string') {
    const ms = SECONDS.test(text)
      ? Math.round(Number(text) * 1000)
      : MILLISECONDS.test(text)
        ? Number(text)
        : isoOf(text)
    if (Number.isFinite(ms)) return { ok: true, value: ms }
  }
  const like = '2026-11-30T12:00:05Z'
  return {
    ok: false,
    said: say`time is ${shown(value)}; expected a moment with its zone (${like}), or seconds or milliseconds since 1970`,
  }
}

function isoOf(text: string): number {
  return ISO.test(text) ? Date.parse(text) : Number.NaN
}

/** Above it a sum no longer grows by one request. */
const COUNT_MAX = Number.MAX_SAFE_INTEGER

/** A finite number that is not negative, up to 2^53; may be a fraction, as `increase()` of a Prometheus answers it. */
export function countOf(name: string, value: unknown): Cell<number> {
  const count = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof count === 'number' && count >= 0 && count <= COUNT_MAX) return { ok: true, value: count }
  if (value === '' || value === undefined || value === null) {
    return {
      ok: false,
      said: say`${name} is missing; write 0 where nothing was counted, and no line where nobody looked`,
    }
  }
  return { ok: false, said: say`${name} is ${shown(value)}; expected a count, 0 or more and below 2^53` }
}

/** `300ms`, `0.3s`, `+Inf` → ms; null for anything else. */
export function edgeOf(text: string): number | null {
  if (/^\+?Inf$/i.test(text)) return Number.POSITIVE_INFINITY
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? []
  return number === undefined ? null : Number(number) * (unit === 's' ? 1000 : 1)
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`
}
