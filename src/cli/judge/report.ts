/** A judgement on the screen: what to do, what it rests on, and each rule's reason, the worst first. */
import { count, latency, percent, timeOfDay } from '../../core/analysis/text.ts'
import { level } from '../../core/analysis/sequential/judge.ts'
import { type Part, say, type Sentence } from '../../core/say.ts'
import { formatDuration, type Instant } from '../../core/time.ts'
import type { Outcome } from '../../core/verdict.ts'
import type { Judged, SideTotals } from '../../judge/judge.ts'
import type { Messages } from '../../text/messages.ts'
import { table } from '../screen/table.ts'
import { wrapped } from '../screen/wrapped.ts'

const WORST_FIRST: readonly Outcome[] = ['fail', 'no-evidence', 'inconclusive', 'pass']

export function judgedText(judged: Judged, text: Messages, columns: number): string {
  const { outcome, verdicts, evidence } = judged
  const { tell } = text
  const sorted = verdicts.toSorted(
    (left, right) => WORST_FIRST.indexOf(left.outcome) - WORST_FIRST.indexOf(right.outcome),
  )
  const reasons = sorted.flatMap((verdict) => {
    const rule = verdict.rule.replace(/ \([^()]*\)$/, '')
    const told = wrapped(`      ${text.told(verdict.said, verdict.text)}`, columns, '      ')
    return [...wrapped(`  ${text.outcomes[verdict.outcome]}  ${rule}`, columns, '      '), ...told]
  })
  return [
    ...wrapped(`${text.outcomes[outcome]}: ${tell(whatToDo(judged))}`, columns),
    ...wrapped(tell(whenJudged(judged)), columns),
    '',
    table(sideRows(judged, tell), columns),
    '',
    ...segmentLines(judged, tell, columns),
    ...(evidence === null ? [] : [...wrapped(tell(evidenceText(evidence)), columns), '']),
    ...reasons,
  ].join('\n')
}

export function whatToDo({ outcome, rollback, sharedCause }: Judged): Sentence {
  if (outcome === 'pass') return say`the candidate may go on`
  if (outcome === 'inconclusive') return say`too little evidence so far; wait, and judge again`
  if (outcome === 'no-evidence') return say`nothing can be concluded from these counts`
  if (rollback) return say`take the candidate back`
  if (sharedCause) return say`do not go on: live breaks the same limit, so going back would not mend it`
  return say`do not go on, and have a person look`
}

function whenJudged({ from, decidedAt, ticks, tickMs, alone }: Judged): Sentence {
  const span = `${timeOfDay(from as Instant)}–${timeOfDay(decidedAt as Instant)} UTC`
  const judged = say`judged ${ticks.judged} ticks of ${formatDuration(tickMs)}, ${span}`
  const early = ticks.all - ticks.judged
  const told = early > 0 ? say`${judged}; it was decided then, ${early} later ticks change nothing` : judged
  return alone ? say`${told}; live has nothing beside the candidate, so its past stands for it` : told
}

function sideRows({ candidate, live }: Judged, tell: (part: Part) => string): readonly (readonly string[])[] {
  const cell = (ms: number | null) => tell(latencyText(ms))
  const quantile = (name: string, of: (side: SideTotals) => number | null) => [
    name,
    cell(of(candidate)),
    cell(of(live)),
  ]
  const isTimed = candidate.p50 !== null || live.p50 !== null
  return [
    ['', tell(say`candidate`), tell(say`live`)],
    [tell(say`requests`), count(candidate.requests), count(live.requests)],
    [tell(say`errors`), errorsText(candidate), errorsText(live)],
    ...(isTimed
      ? [quantile('p50', ({ p50 }) => p50), quantile('p95', ({ p95 }) => p95), quantile('p99', ({ p99 }) => p99)]
      : []),
  ]
}

/** Those that demand the rollback, and the ones nearest to it. */
function segmentLines({ segments }: Judged, tell: (part: Part) => string, columns: number): readonly string[] {
  if (segments.length === 0) return []
  const shown = segments.filter(({ rollback }, place) => rollback || place < SEGMENTS_SHOWN)
  const head = [say`segment`, say`candidate's errors`, say`live's errors`, say`evidence`].map(tell)
  const rows = shown.map(({ name, candidate, live, evidence }) => {
    return [name, errorsText(candidate), errorsText(live), tell(level(evidence))]
  })
  const more = segments.length - shown.length
  const needed = say`of a segment, evidence ${level(segments[0]!.demanded)} demands a rollback`
  const below = more > 0 ? say`${needed}; ${more} more have less` : needed
  return [table([head, ...rows], columns), ...wrapped(`  ${tell(below)}`, columns), '']
}

const SEGMENTS_SHOWN = 3

function errorsText({ errors, requests }: Pick<SideTotals, 'errors' | 'requests'>): string {
  return requests === 0 ? count(errors) : `${count(errors)} (${percent(errors / requests)})`
}

function latencyText(ms: number | null): Part {
  if (ms === null) return '–'
  return Number.isFinite(ms) ? latency(ms) : say`beyond every edge`
}

function evidenceText({ rollback, hold, accept, demanded }: NonNullable<Judged['evidence']>): Sentence {
  return say`evidence: ${level(rollback)} for a rollback (${level(demanded.rollback)} demand one), ${level(hold)} for holding (${level(demanded.hold)}), ${level(accept)} for going on (${level(demanded.accept)})`
}
