/** The parts of an answer as counts per slot, or why they are none (law L3). */
import type { Slot, SlotCounts } from '../../../core/observed.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { PrometheusOptions } from './options.ts'
import { type Labels, seriesText, type Value } from './answer.ts'
import { type Cumulative, histogramOf } from '../../../core/classic-buckets.ts'
import { type Counted, PART, type Series } from './query.ts'
import { text } from './selector.ts'

/** Values by part: `requests.now` → one per slot. */
export type Parts = ReadonlyMap<string, readonly Value[]>
/** What restarted counters lost, in the very labels of `requests.now` and `latency.now`. */
export type Lost = Readonly<Record<Counted, readonly Value[]>>

export type Told = {
  readonly options: PrometheusOptions
  readonly series: Series
  readonly parts: Parts
  readonly lost: Lost
}

export function partsOf(values: readonly Value[]): Parts {
  return Map.groupBy(values, ({ labels }) => labels[PART] ?? '')
}

export function slotCounts(told: Told, slot: Slot): Result<SlotCounts> {
  const { options, series, parts } = told
  const requests = total(told, slot, 'requests')
  const errors = total(told, slot, 'errors')
  const latency = histogramOf(edges(told, slot), options.latencyUnitMs)
  const hasSeries = parts.get('latency.now')?.some(({ labels }) => labels[options.slot.label] === options.slot[slot])
  if (hasSeries && !latency.ok) return failure('permanent', `${text(series.latency)} of slot ${slot} ${latency.why}`)
  if (requests < 0 || errors < 0) {
    return failure('transient', `slot ${slot} has fewer requests (${requests}) or errors (${errors}) than none`)
  }
  if (errors > requests) {
    return failure(
      'permanent',
      `slot ${slot} has more errors (${errors}) than requests (${requests}): look at the selectors`,
    )
  }
  return ok({
    requests,
    errors,
    latency: latency.ok ? latency.histogram : EMPTY,
    inFlight: gauge(told, slot, 'inFlight'),
    waitingOldestMs: gauge(told, slot, 'waitingOldest') * 1000,
  })
}

const EMPTY = { base: 1.02, unitMs: 0.1, counts: {} }

function total({ options, parts, lost }: Told, slot: Slot, name: Counted): number {
  const sum = (values: readonly Value[] | undefined) =>
    (values ?? []).reduce((all, { labels, value }) => (isOf(labels, slot, options) ? all + value : all), 0)
  return sum(parts.get(`${name}.now`)) - sum(parts.get(`${name}.base`)) + sum(lost[name])
}

/** Edges are compared as numbers: a Prometheus 3 writes `1.0` where a Prometheus 2 wrote `1`. */
function edges({ options, parts, lost }: Told, slot: Slot): Cumulative {
  const sums = new Map<number, number>()
  const add = (values: readonly Value[] | undefined, sign: 1 | -1) => {
    for (const { labels, value } of values ?? []) {
      const edge = edgeOf(labels['le'])
      if (isOf(labels, slot, options)) sums.set(edge, (sums.get(edge) ?? 0) + sign * value)
    }
  }
  add(parts.get('latency.now'), 1)
  add(parts.get('latency.base'), -1)
  add(lost.latency, 1)
  return sums
}

export function edgeOf(le: string | undefined): number {
  return le === '+Inf' || le === 'Inf' ? Infinity : le === undefined || le === '' ? Number.NaN : Number(le)
}

function gauge({ options, parts }: Told, slot: Slot, name: 'inFlight' | 'waitingOldest'): number {
  const found = parts.get(name)?.find(({ labels }) => isOf(labels, slot, options))
  return Math.max(0, found?.value ?? 0)
}

export function isOf(
  labels: Labels,
  slot: Slot,
  { slot: { label, ...values } }: Pick<PrometheusOptions, 'slot'>,
): boolean {
  return labels[label] === values[slot]
}

export function edgeProblem(parts: Parts): string | null {
  const wrong = parts.get('latency.now')?.find(({ labels }) => Number.isNaN(edgeOf(labels['le'])))
  return wrong === undefined ? null : `${seriesText(wrong.labels)} has no edge: the label "le" is missing or no number`
}
