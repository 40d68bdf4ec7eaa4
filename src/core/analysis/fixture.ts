/** For tests only: ticks written as short as they are thought of, at moments relative to `T0`. */
import type { Histogram } from '../observed.ts'
import { after, type Instant, instant } from '../time.ts'
import { beginStep, foldTick, initialAnalysis } from './fold.ts'
import { type Judgement, judge } from './judge.ts'
import type { Rule } from './rules.ts'
import type { AnalysisState, MetricsTick, RoleCountsDelta } from './state.ts'

/** 2026-07-07 12:00:00 UTC */
export const T0 = instant(1_783_425_600_000)
export const TICK_MS = 5000
export const MINUTE_MS = 60_000

/** Buckets whose edges are powers of two: 1 s is an edge, so tests can stand on both sides of it. */
export const OCTAVES = { base: 2, unitMs: 1 } as const

export type RoleShort = Partial<Omit<RoleCountsDelta, 'latency'>> & {
  /** Counts by bucket; by default every request takes 60 ms (bucket 6, up to 64 ms). */
  readonly latency?: Readonly<Record<string, number>>
}

export type TickShort = {
  readonly component?: string
  /** End of the tick, ms after T0. */
  readonly to: number
  readonly lengthMs?: number
  readonly weight?: number
  readonly live?: RoleShort
  readonly candidate?: RoleShort
}

export function role({ latency, ...rest }: RoleShort): RoleCountsDelta {
  const requests = rest.requests ?? 0
  const histogram: Histogram = { ...OCTAVES, counts: latency ?? (requests > 0 ? { 6: requests } : {}) }
  return {
    requests,
    errors: 0,
    inFlight: 0,
    waitingOldestMs: 0,
    readiness: { probes: 5, failures: 0 },
    logLines: 3,
    memoryBytes: 100 * 2 ** 20,
    ...rest,
    latency: histogram,
  }
}

export function tick({
  to,
  lengthMs = TICK_MS,
  weight = 10,
  component = 'api',
  live,
  candidate,
}: TickShort): MetricsTick {
  return {
    component,
    epoch: 'e1',
    from: after(T0, to - lengthMs),
    to: after(T0, to),
    weight,
    judged: 'green',
    restarted: { live: false, candidate: false },
    live: role(live ?? { requests: 90 }),
    candidate: role(candidate ?? { requests: 10 }),
  }
}

/** Ticks that end at `from + 5 s`, `from + 10 s` … `to` (ms after T0), all alike. */
export function ticks(from: number, to: number, same: Omit<TickShort, 'to'> = {}): readonly MetricsTick[] {
  const lengthMs = same.lengthMs ?? TICK_MS
  return Array.from({ length: (to - from) / lengthMs }, (_, index) =>
    tick({ ...same, to: from + (index + 1) * lengthMs }),
  )
}

/** The state after these ticks, in a step that began at T0 with the candidate at `weight` percent. */
export function played(
  rules: readonly Rule[],
  all: readonly MetricsTick[],
  { weight = 10, components = ['api'] }: { weight?: number; components?: readonly string[] } = {},
): AnalysisState {
  const begun = beginStep(initialAnalysis({ rules, tickMs: TICK_MS, components }), { at: T0, weight })
  return all.reduce(foldTick, begun)
}

/** Judged `now` ms after T0. */
export function judged(
  state: AnalysisState,
  rules: readonly Rule[],
  now: number,
  { minRequests = 50, requiredMs = 5 * MINUTE_MS }: { minRequests?: number; requiredMs?: number } = {},
): Judgement {
  return judge(state, { rules, minRequests }, { now: after(T0, now) as Instant, requiredMs })
}

/** What one rule said of one component. */
export function said(judgement: Judgement, rule: string, component = 'api') {
  const verdict = judgement.verdicts.find((verdict) => verdict.rule === `${rule} (${component})`)
  if (verdict === undefined)
    throw new Error(`no verdict of ${rule}: ${judgement.verdicts.map(({ rule }) => rule).join(', ')}`)
  return { ...verdict, triggered: judgement.triggered.includes(verdict) }
}
