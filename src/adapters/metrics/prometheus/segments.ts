/**
 * Counts by a label of the service's own series, such as `route`: asked in a query of their own, of the same moment. A counter
 * that began anew is not made up for here, as it is for the whole: its segments fall, and count from there.
 */
import type { Segment, Segments, Slot } from '../../../core/observed.ts'
import type { SegmentsQuery } from '../../../ports/metrics-source.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { readVector, type Value } from './answer.ts'
import type { Api } from './api.ts'
import { edgeOf, isOf, type Parts, partsOf } from './counts.ts'
import type { PrometheusOptions } from './options.ts'
import { type Moment, segmentsQuery, type Series } from './query.ts'

export type SegmentsLook = {
  readonly options: PrometheusOptions
  readonly series: Series
  readonly api: Api
  readonly moment: Moment
  /** What was answered for the whole: its edges are those of the segments. */
  readonly parts: Parts
}

/** Of both slots; what nobody asked for is not told. */
export async function segmentCounts(
  look: SegmentsLook,
  label: string,
  asked: SegmentsQuery,
): Promise<Result<Readonly<Record<Slot, Segments>>>> {
  const { options, series, api, moment } = look
  const edge = edgeLabel(look, asked.slowMs)
  if (asked.slowMs !== null && edge === null)
    return failure(
      'permanent',
      `no bucket ends at ${asked.slowMs} ms or above, so slow ones cannot be counted by ${label}`,
    )
  const query = segmentsQuery({ slot: options.slot.label, label, edge }, series, moment)
  const result = await api.ask({ query, time: moment.time, type: 'vector' })
  const values = result.ok ? readVector(result.value) : result
  if (!values.ok) return values
  const parts = partsOf(values.value)
  const names = chosen(parts.get('segment.requests.now') ?? [], label, asked)
  const told = (slot: Slot): Segments =>
    Object.fromEntries(
      names.map((name) => [name, segmentOf(parts, { slot, label, name, options, counts: edge !== null })]),
    )
  return ok({ blue: told('blue'), green: told('green') })
}

/** As it is written there, of the least edge that is not below: what is slower than it is slow. */
function edgeLabel({ options, parts }: SegmentsLook, slowMs: number | null): string | null {
  if (slowMs === null) return null
  const limit = (slowMs / options.latencyUnitMs) * (1 - 1e-9)
  const edges = (parts.get('latency.now') ?? []).flatMap(({ labels }) => {
    const { le } = labels
    return le !== undefined && edgeOf(le) >= limit && Number.isFinite(edgeOf(le)) ? [le] : []
  })
  return edges.toSorted((left, right) => edgeOf(left) - edgeOf(right))[0] ?? null
}

/** The declared ones that there are, then those with the most requests. */
function chosen(requests: readonly Value[], label: string, { declared, learn }: SegmentsQuery): readonly string[] {
  const sums = new Map<string, number>()
  for (const { labels, value } of requests) {
    const name = labels[label] ?? ''
    if (name !== '') sums.set(name, (sums.get(name) ?? 0) + value)
  }
  const named = declared.filter((name) => sums.has(name))
  const rest = [...sums].filter(([name]) => !declared.includes(name)).toSorted(([, left], [, right]) => right - left)
  return [...named, ...rest.slice(0, learn).map(([name]) => name)]
}

type One = {
  readonly slot: Slot
  readonly label: string
  readonly name: string
  readonly options: PrometheusOptions
  readonly counts: boolean
}

function segmentOf(parts: Parts, { slot, label, name, options, counts }: One): Segment {
  const since = (part: string) => {
    const sum = (when: string) =>
      (parts.get(`segment.${part}.${when}`) ?? []).reduce(
        (all, { labels, value }) => (labels[label] === name && isOf(labels, slot, options) ? all + value : all),
        0,
      )
    return Math.max(0, sum('now') - sum('base'))
  }
  const requests = since('requests')
  const slow = counts ? Math.max(0, requests - since('quick')) : 0
  return [requests, Math.min(requests, since('errors')), slow]
}
