/** What Prometheus and the router answer, word by word: for liars to change. */
import type { Lie } from './metrics-world.ts'

export const BLUE = { slot: 'blue', job: 'app', instance: 'a:1' }
export const GREEN = { slot: 'green', job: 'app', instance: 'b:1' }
type Row = readonly [part: string, labels: Readonly<Record<string, string>>, value: string]

export function success(resultType: string, result: unknown, more: object = {}): string {
  return JSON.stringify({ status: 'success', data: { resultType, result }, ...more })
}

export function vector(all: readonly Row[]): Lie {
  const result = all.map(([part, labels, value]) => ({
    metric: { ...labels, stellwerk_part: part },
    value: [1, value],
  }))
  return { body: success('vector', result) }
}

/** 50 more requests of each slot with every look, all within 300 ms. */
export function rows(look: number, _now: number): Row[] {
  const count = String(look * 50)
  return [
    ['requests.now', GREEN, count],
    ...[BLUE, GREEN].flatMap((labels): Row[] => [
      ...(labels === BLUE ? [['requests.now', labels, count] as const] : []),
      ['errors.now', labels, '0'],
      ['latency.now', { ...labels, le: '0.3' }, count],
      ['latency.now', { ...labels, le: '+Inf' }, count],
      ['targets.known', labels, '2'],
      ['targets.fresh', labels, '2'],
      ['errors.fresh', labels, '2'],
      ['latency.fresh', labels, '2'],
    ]),
  ]
}

export function good(look: number, now: number): Lie {
  return vector(rows(look, now))
}

export function ownIs(value: string): (now: number) => Lie {
  return (now) => ({ body: success('vector', [{ metric: {}, value: [now, value] }]) })
}

export function fresh(now: number, parts: readonly string[]): Lie {
  return {
    body: success(
      'vector',
      parts.map((part) => ({ metric: { stellwerk_part: part }, value: [now, '1'] })),
    ),
  }
}

/** What the router answers at look `look`, with green's counts changed. */
export function view(change: Readonly<Record<string, unknown>> = {}): (look: number, now: number) => Lie {
  return (look, now) => {
    const requests = look * 50
    const latency = { base: 1.02, unitMs: 0.1, counts: requests > 0 ? { 300: requests } : {} }
    const counts = { requests, errors: 0, latency, inFlight: 0, waitingOldestMs: 0 }
    const body = JSON.stringify({ epoch: 'e', at: now, slots: { blue: counts, green: { ...counts, ...change } } })
    // What JSON has no word for, other programs write all the same.
    return {
      body: change['errors'] === Number.POSITIVE_INFINITY ? body.replace('"errors":null', '"errors":1e999') : body,
    }
  }
}
