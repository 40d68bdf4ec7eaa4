/** A judgement for programs: what was decided and what it rests on, moments as ISO 8601, ratios 0-1, latencies ms. */
import type { Judged, SideTotals } from '../../judge/judge.ts'

export function judgedJson(judged: Judged) {
  const { ok: _, course: __, rules, candidate, live, from, decidedAt, to, verdicts, ...rest } = judged
  return {
    ...rest,
    from: iso(from),
    decidedAt: iso(decidedAt),
    to: iso(to),
    candidate: side(candidate),
    live: side(live),
    rules,
    verdicts: verdicts.map((verdict) => ({ ...verdict, observedAt: iso(verdict.observedAt) })),
  }
}

function side(totals: SideTotals) {
  return { ...totals, errorRate: totals.requests === 0 ? null : totals.errors / totals.requests }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
