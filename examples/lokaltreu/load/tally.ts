import type { Shot } from './mix.ts'
import { type Latency, latencies } from './quantiles.ts'

/** `sent = ok + expectedRefusals + badAnswers + unexpected + lost + inFlight`, at every instant. */
export type LoadCounters = {
  readonly sent: number
  readonly inFlight: number
  /** 200 where it was expected. */
  readonly ok: number
  /** 401 and 403 where they were asked for. */
  readonly expectedRefusals: number
  /** 5xx. */
  readonly badAnswers: number
  /** Any other answer than the expected one, e.g. 200 where the plan is used up. */
  readonly unexpected: number
  /** No complete HTTP answer: no connection, reset, truncated, timeout. Why: `lostBy`, by error code. */
  readonly lost: number
  readonly lostBy: Readonly<Record<string, number>>
  /** Not sent: too many were waiting, or this process itself was held up for over a second. */
  readonly skipped: number
  /** By `x-version`; `none` where an answer had no such header (a router's own, say). */
  readonly byVersion: Readonly<Record<string, { readonly answers: number; readonly badAnswers: number }>>
  /** Of all complete answers. */
  readonly latency: Latency
}

export type Tally = {
  readonly counters: LoadCounters
  skip(count: number): void
  send(): void
  answer(shot: Shot, status: number, version: string, ms: number): void
  lose(error: unknown): void
}

export function createTally(): Tally {
  const seen = latencies()
  const counters = createCounters(seen.read)
  const { byVersion, lostBy } = counters
  return {
    counters,
    skip: (count) => void (counters.skipped += count),
    send() {
      counters.sent += 1
      counters.inFlight += 1
    },
    answer({ expect }, status, version, ms) {
      counters.inFlight -= 1
      counters[kindOf(expect, status)] += 1
      seen.observe(ms)
      const line = (byVersion[version] ??= { answers: 0, badAnswers: 0 })
      line.answers += 1
      if (status >= 500) line.badAnswers += 1
    },
    lose(error) {
      counters.inFlight -= 1
      counters.lost += 1
      const why = reasonOf(error)
      lostBy[why] = (lostBy[why] ?? 0) + 1
    },
  }
}

function createCounters(read: () => Latency) {
  const byVersion: Record<string, { answers: number; badAnswers: number }> = {}
  const lostBy: Record<string, number> = {}
  const answers = { ok: 0, expectedRefusals: 0, badAnswers: 0, unexpected: 0 }
  return {
    sent: 0,
    inFlight: 0,
    ...answers,
    lost: 0,
    lostBy,
    skipped: 0,
    byVersion,
    get latency() {
      return read()
    },
  }
}

function kindOf(expected: number, status: number): 'ok' | 'expectedRefusals' | 'badAnswers' | 'unexpected' {
  if (status >= 500) return 'badAnswers'
  if (status !== expected) return 'unexpected'
  return status === 200 ? 'ok' : 'expectedRefusals'
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
