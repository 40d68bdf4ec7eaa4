/**
 * The one query that everything is read with, so that all its parts are of the same moment.
 *
 * Counts are what was counted since the epoch's anchor: newest value less the value at the anchor, summed by Prometheus
 * over all series of a slot. Series that are gone keep what they had (`last_over_time` looks past staleness markers), and
 * `*.resets` names the scraped targets whose counters began anew, for which the samples themselves are then read.
 * Rejected: `increase()` and `rate()`, which extrapolate to the ends of their window and so answer counts that nobody
 * counted; raw sums, which fall when one of many instances restarts and then look as if all had.
 */
import type { PrometheusOptions } from './options.ts'
import type { Target } from '../../../ports/result.ts'
import { equals, labelsOf, narrowed, oneOf, parseSelector, type Selector, text } from './selector.ts'

/** Of what a value is: `requests.now`, `latency.base`; the label that tells the parts of the answer apart. */
export const PART = 'stellwerk_part'
export const COUNTED = ['requests', 'errors', 'latency'] as const
export type Counted = (typeof COUNTED)[number]
/** How far before the anchor the value at the anchor may have been scraped. */
export const LOOK_BACK_MS = 900_000
/** A target's last good scrape may be this many intervals ago. */
export const FRESH_INTERVALS = 3

export type Moment = {
  /** Seconds since 1970 on Prometheus's own clock, as it said them. */
  readonly time: number
  /** Since the anchor of the epoch; above 0. */
  readonly sinceAnchorMs: number
}

export type Series = Readonly<Record<Counted, Selector>> & {
  readonly inFlight: Selector | null
  readonly waitingOldest: Selector | null
}

export function seriesOf(options: PrometheusOptions, target: Target): Series {
  const { label, blue, green } = options.slot
  const read = (selector: string) => narrowed(parseSelector(selector, target), oneOf(label, [blue, green]))
  const { requests, errors, latency, inFlight, waitingOldest } = options
  return {
    requests: read(requests),
    errors: read(errors),
    latency: read(latency),
    inFlight: inFlight === null ? null : read(inFlight),
    waitingOldest: waitingOldest === null ? null : read(waitingOldest),
  }
}

/** Errors may be told apart by a label of the requests' own metric; before the first one there is no such series then. */
export function errorsMayBeAbsent({ requests, errors }: Pick<Series, 'requests' | 'errors'>): boolean {
  return requests.name === errors.name
}

export function lookQuery(options: PrometheusOptions, series: Series, { sinceAnchorMs }: Moment): string {
  const { slot, scrapeIntervalMs } = options
  const fresh = `[${FRESH_INTERVALS * scrapeIntervalMs}ms]`
  const range = rangeOf(sinceAnchorMs)
  const requests = text(series.requests)
  const parts = COUNTED.flatMap((name) => counted(name, text(series[name]), slot.label, sinceAnchorMs))
  parts.push(
    ['targets.known', `count by (${slot.label}, job, instance) (last_over_time(${requests}${range}))`],
    ['targets.fresh', `count by (${slot.label}, job, instance) (count_over_time(${requests}${fresh}))`],
    ['targets.down', `(min by (job, instance) (up) == 0) and on (job, instance) last_over_time(${requests}${range})`],
    ['errors.fresh', `count by (${slot.label}) (count_over_time(${text(series.errors)}${fresh}))`],
    ['latency.fresh', `count by (${slot.label}) (count_over_time(${text(series.latency)}${fresh}))`],
    ...unknownLabels(series).map(
      (label) =>
        [
          `label.${label}`,
          `count(last_over_time(${text(narrowed(series.requests, `${label}!=""`))}${fresh}))`,
        ] as const,
    ),
  )
  if (series.inFlight !== null) {
    parts.push(['inFlight', `sum by (${slot.label}) (last_over_time(${text(series.inFlight)}${fresh}))`])
  }
  if (series.waitingOldest !== null) {
    parts.push(['waitingOldest', `max by (${slot.label}) (last_over_time(${text(series.waitingOldest)}${fresh}))`])
  }
  return parts.map(([name, expression]) => `label_replace(${expression}, "${PART}", "${name}", "", "")`).join(' or ')
}

type BySegment = { readonly slot: string; readonly label: string; readonly edge: string | null }

/** The same counts by one more label; `quick`: those in the buckets up to one edge. */
export function segmentsQuery({ slot, label, edge }: BySegment, series: Series, { sinceAnchorMs }: Moment): string {
  const counters = [
    ['requests', text(series.requests)],
    ['errors', text(series.errors)],
    ...(edge === null ? [] : [['quick', text(narrowed(series.latency, equals('le', edge)))]]),
  ] as const
  const parts = counters.flatMap(([name, selector]) => [
    [`segment.${name}.now`, `sum by (${slot}, ${label}) (last_over_time(${selector}${rangeOf(sinceAnchorMs)}))`],
    [
      `segment.${name}.base`,
      `sum by (${slot}, ${label}) (last_over_time(${selector}[${LOOK_BACK_MS}ms] offset ${sinceAnchorMs}ms))`,
    ],
  ])
  return parts.map(([name, expression]) => `label_replace(${expression}, "${PART}", "${name}", "", "")`).join(' or ')
}

/** Every sample that one target's restarted counters had since before the anchor. */
export function samplesQuery(selector: Selector, target: Scraped, { sinceAnchorMs }: Moment): string {
  const of = narrowed(selector, equals('job', target.job), equals('instance', target.instance))
  return `${text(of)}${rangeOf(sinceAnchorMs)}`
}

/** What Prometheus scrapes; `''` where series carry no such label. */
export type Scraped = { readonly job: string; readonly instance: string }

/** Labels that tell errors apart from other requests: if no request carries one of them, its name is wrong. */
export function unknownLabels(series: Series): readonly string[] {
  if (!errorsMayBeAbsent(series)) return []
  const known = labelsOf(series.requests)
  return [...new Set(labelsOf(series.errors))].filter((label) => !known.includes(label))
}

type Part = readonly [name: string, expression: string]

function counted(name: Counted, selector: string, slot: string, sinceAnchorMs: number): Part[] {
  const by = name === 'latency' ? `${slot}, le` : slot
  const range = rangeOf(sinceAnchorMs)
  const base = `[${LOOK_BACK_MS}ms] offset ${sinceAnchorMs}ms`
  return [
    [`${name}.now`, `sum by (${by}) (last_over_time(${selector}${range}))`],
    [`${name}.base`, `sum by (${by}) (last_over_time(${selector}${base}))`],
    [`${name}.resets`, `sum by (job, instance) (resets(${selector}${range})) > 0`],
  ]
}

/** From as far back as the value at the anchor may lie, so that a restart just after it is seen. */
function rangeOf(sinceAnchorMs: number): string {
  return `[${sinceAnchorMs + LOOK_BACK_MS}ms]`
}
