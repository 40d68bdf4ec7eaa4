/** Both sides' counts of a time that is over, for the judge by itself: raw samples of the counters, never a rate. */
import { durationText } from '../../../core/time.ts'
import type { Http } from '../../../ports/adapter.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { readMatrix, readScalar, type Samples } from './answer.ts'
import { type Api, openApi, where } from './api.ts'
import type { PrometheusOptions } from './options.ts'
import { errorsMayBeAbsent, LOOK_BACK_MS } from './query.ts'
import { type Counters, type Grid, type RangeCounts, type RangeTick, ticksOf, usualInterval } from './range-ticks.ts'
import { narrowed, parseSelector, type Selector, text } from './selector.ts'

export type RangeQuery = Pick<PrometheusOptions, 'url' | 'auth' | 'timeoutMs' | 'maxBytes' | 'latencyUnitMs'> & {
  readonly requests: string
  readonly errors: string
  /** Null: errors alone. */
  readonly latency: string | null
  /** Label by whose values requests are judged apart as well, `route`; null: only all together. */
  readonly segmentBy: string | null
  /** What tells the sides apart: `{slot="green"}`. */
  readonly candidate: string
  readonly live: string
  /** The end, ms since 1970; null: now. */
  readonly toMs: number | null
  readonly rangeMs: number
  readonly stepMs: number
}

export type Ranges = { readonly candidate: readonly RangeTick[]; readonly live: readonly RangeTick[] }

const NOWHERE = { service: '', environment: '', component: '' }
const TICKS_MAX = 20_000

export async function readRanges(
  query: RangeQuery,
  deps: { readonly http: Http; readonly secrets: Secrets },
  signal: AbortSignal,
): Promise<Result<Ranges>> {
  if (query.rangeMs / query.stepMs > TICKS_MAX)
    return failure('permanent', `that are more than ${TICKS_MAX} ticks: take a longer step`)
  const api = await openApi(query, deps, signal)
  if (!api.ok) return api
  const grid = await gridOf(query, api.value)
  if (!grid.ok) return grid
  const live = await sideOf(query, query.live, api.value, grid.value)
  if (!live.ok) return live
  const candidate = await sideOf(query, query.candidate, api.value, grid.value)
  if (!candidate.ok) return candidate
  const ranges = together(query, { candidate: candidate.value, live: live.value }, grid.value)
  if (!ranges.ok) return ranges
  const problem = edgesProblem(ranges.value.candidate) ?? edgesProblem(ranges.value.live)
  return problem === null ? ranges : failure('permanent', `${where(query)}: ${query.latency} ${problem}`)
}

/** Why these are no latencies that can be judged, or null. */
function edgesProblem(ticks: readonly RangeTick[]): string | null {
  const [first] = ticks.flatMap(({ latency }) => (latency === null ? [] : [latency]))
  if (first?.some(([edge]) => Number.isNaN(edge))) return 'has no edges: the label "le" is missing or no number'
  if (first && first.at(-1)?.[0] !== Number.POSITIVE_INFINITY) return 'has no bucket le="+Inf"'
  const falls = ({ latency }: RangeCounts) =>
    (latency ?? []).some(([, count], index) => index > 0 && count < latency![index - 1]![1])
  const wrong = ticks.find((tick) => falls(tick) || Object.values(tick.segments ?? {}).some(falls))
  if (wrong === undefined) return null
  return `counts fewer below a larger edge at ${new Date(wrong.at).toISOString()}: do all instances use the same edges?`
}

/** Whole steps up to the end, by Prometheus's own clock. */
async function gridOf({ toMs, rangeMs, stepMs, latencyUnitMs }: RangeQuery, api: Api): Promise<Result<Grid>> {
  const asked = toMs === null ? await api.ask({ query: 'time()', type: 'scalar' }) : null
  const seconds = asked === null ? ok(toMs! / 1000) : asked.ok ? readScalar(asked.value) : asked
  if (!seconds.ok) return seconds
  const end = Math.floor((seconds.value * 1000) / stepMs) * stepMs
  return ok({ fromMs: end - Math.max(1, Math.round(rangeMs / stepMs)) * stepMs, toMs: end, stepMs, latencyUnitMs })
}

type Selectors = { readonly requests: Selector; readonly errors: Selector; readonly latency: Selector | null }

async function sideOf(query: RangeQuery, side: string, api: Api, grid: Grid): Promise<Result<Counters>> {
  const selectors = selectorsOf(query, side)
  const requests = await samplesOf(selectors.requests, api, grid)
  if (!requests.ok) return requests
  const unfit = requestsProblem(query, selectors, requests.value)
  if (unfit !== null) return failure('permanent', `${where(query)}: ${unfit}`)
  const errors = await samplesOf(selectors.errors, api, grid)
  if (!errors.ok) return errors
  if (errors.value.length === 0 && !errorsMayBeAbsent(selectors)) return nothing(query, selectors.errors)
  const latency = selectors.latency === null ? ok(null) : await samplesOf(selectors.latency, api, grid)
  if (!latency.ok) return latency
  if (latency.value?.length === 0) return nothing(query, selectors.latency!)
  return ok({ requests: requests.value, errors: errors.value, latency: latency.value })
}

function selectorsOf({ requests, errors, latency }: RangeQuery, side: string): Selectors {
  const { matchers } = parseSelector(side, NOWHERE)
  const of = (selector: string) => narrowed(parseSelector(selector, NOWHERE), ...matchers)
  return { requests: of(requests), errors: of(errors), latency: latency === null ? null : of(latency) }
}

/** Why these series cannot be counted tick by tick, or by segment; null where they can. */
function requestsProblem({ segmentBy, stepMs }: RangeQuery, { requests }: Selectors, found: readonly Samples[]) {
  if (found.length === 0) return noSeries(requests)
  if (segmentBy !== null && !found.some(({ labels }) => labels[segmentBy])) {
    return `no series of ${text(requests)} has the label "${segmentBy}"`
  }
  const interval = usualInterval(found)
  if (interval === null || interval <= stepMs * LATE) return null
  const often = durationText(Math.round(interval / 1000) * 1000)
  return `${text(requests)} is scraped every ${often}; a step of ${durationText(stepMs)} is shorter: give --step ${often}`
}

/** A scrape may come that much late. */
const LATE = 1.2

function noSeries(selector: Selector): string {
  return `no series match ${text(selector)} in this time: are its name and labels right?`
}

function nothing(query: RangeQuery, selector: Selector): Result<never> {
  return failure('permanent', `${where(query)}: ${noSeries(selector)}`)
}

/** From before the grid, so that the first tick has something to count from. */
async function samplesOf(selector: Selector, api: Api, { fromMs, toMs }: Grid): Promise<Result<readonly Samples[]>> {
  const query = `${text(selector)}[${toMs - fromMs + LOOK_BACK_MS}ms]`
  const result = await api.ask({ query, time: toMs / 1000, type: 'matrix' })
  return result.ok ? readMatrix(result.value) : result
}

/** The candidate's ticks, those of live at the same times, and live's past before them. */
function together(
  query: RangeQuery,
  sides: { readonly candidate: Counters; readonly live: Counters },
  grid: Grid,
): Result<Ranges> {
  const candidate = ticksOf(sides.candidate, grid, query.segmentBy)
  const live = ticksOf(sides.live, grid, query.segmentBy)
  const [first] = candidate
  if (first === undefined)
    return failure(
      'permanent',
      `${where(query)}: ${query.candidate} has no two samples in this time: give a longer --range`,
    )
  const past = live.filter(({ at }) => at < first.at)
  const beside = live.filter(({ at }) => at >= first.at)
  if (beside.length === 0) return ok({ candidate, live: past })
  const [ofCandidate, ofLive] = [candidate, beside].map((ticks) => new Set(ticks.map(({ at }) => at)))
  const [end, other] = [beside.at(-1)!.at, candidate.at(-1)!.at]
  if (other - end > 3 * grid.stepMs) {
    return failure(
      'permanent',
      `${where(query)}: ${query.live} ends at ${new Date(end).toISOString()}, long before ${query.candidate}: give --to, so that both are there`,
    )
  }
  return ok({
    candidate: merged(candidate, ofLive!),
    live: [...past, ...merged(beside, ofCandidate!)],
  })
}

/** Only the ticks of `kept`; what is left out counts with the next one. */
function merged(ticks: readonly RangeTick[], kept: ReadonlySet<number>): readonly RangeTick[] {
  const result: RangeTick[] = []
  let owed: RangeTick | null = null
  for (const tick of ticks) {
    const whole: RangeTick = owed === null ? tick : sum(owed, tick)
    owed = kept.has(tick.at) ? null : whole
    if (owed === null) result.push(whole)
  }
  return result
}

function sum(earlier: RangeTick, later: RangeTick): RangeTick {
  const { segments } = later
  const parts = Object.entries(segments ?? {}).map(([name, counts]) => {
    return [name, added(earlier.segments?.[name] ?? counts, counts)] as const
  })
  return {
    ...later,
    ...added(earlier, later),
    from: earlier.from,
    ...(segments && { segments: Object.fromEntries(parts) }),
  }
}

function added(earlier: RangeCounts, later: RangeCounts): RangeCounts {
  const latency = later.latency?.map(([edge, count], index) => [edge, count + earlier.latency![index]![1]] as const)
  return {
    requests: earlier.requests + later.requests,
    errors: earlier.errors + later.errors,
    latency: latency ?? null,
  }
}
