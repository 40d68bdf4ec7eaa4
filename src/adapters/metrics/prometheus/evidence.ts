/** Whether an answer tells anything at all: what was not scraped lately is not zero, it is unknown (law L3). */
import type { Slot } from '../../../core/observed.ts'
import type { PrometheusOptions } from './options.ts'
import { edgeProblem, isOf, type Parts } from './counts.ts'
import { seriesText, type Value } from './answer.ts'
import { COUNTED, errorsMayBeAbsent, FRESH_INTERVALS, type Series, unknownLabels } from './query.ts'
import { text } from './selector.ts'

const SLOTS: readonly Slot[] = ['blue', 'green']

type Asked = { readonly options: PrometheusOptions; readonly series: Series; readonly parts: Parts }

/** Why nothing can be told, or null. */
export function evidenceProblem(asked: Asked): string | null {
  const { options, series, parts } = asked
  if (!parts.has('targets.known')) {
    return `no series match ${text(series.requests)}: is it scraped, and are its name and labels right?`
  }
  const running = SLOTS.filter((slot) => has(asked, 'targets.fresh', slot))
  if (running.length === 0) return `${text(series.requests)} has no sample of ${lately(options)}`
  const absent = SLOTS.find((slot) => !running.includes(slot))
  if (absent !== undefined && options.absentSlot === 'failure') return absentProblem(asked, absent)
  return (
    running.map((slot) => slotProblem(asked, slot)).find((problem) => problem !== null) ??
    labelProblem(asked) ??
    edgeProblem(parts)
  )
}

function absentProblem({ options, series, parts }: Asked, slot: Slot): string {
  const { label, [slot]: value } = options.slot
  const what = `series of ${text(series.requests)} with ${label}="${value}" (slot ${slot})`
  return has({ options, series, parts }, 'targets.known', slot)
    ? `no ${what} has a sample of ${lately(options)}`
    : `there are no ${what}; if a slot that does not run has none, say \`absentSlot: idle\``
}

function slotProblem(asked: Asked, slot: Slot): string | null {
  const { options, series } = asked
  const down = downTarget(asked, slot)
  if (down !== undefined) {
    return `${seriesText(down)} of slot ${slot} is down: it was not scraped in ${lately(options)}`
  }
  const demanded = [
    ...(errorsMayBeAbsent(series) ? [] : [['errors.fresh', series.errors] as const]),
    ['latency.fresh', series.latency] as const,
    ...(['inFlight', 'waitingOldest'] as const).flatMap((name) =>
      series[name] ? [[name, series[name]] as const] : [],
    ),
  ]
  const missing = demanded.find(([part]) => !has(asked, part, slot))
  return missing === undefined ? null : `slot ${slot} has no sample of ${text(missing[1])} in ${lately(options)}`
}

/** One instance of many that cannot be scraped hides behind the others. One that nobody wants to scrape any more is gone. */
function downTarget({ options, parts }: Asked, slot: Slot): Value['labels'] | undefined {
  const ours = (part: string) => (parts.get(part) ?? []).filter(({ labels }) => isOf(labels, slot, options))
  const fresh = new Set(ours('targets.fresh').map(({ labels }) => scraped(labels)))
  const down = new Set((parts.get('targets.down') ?? []).map(({ labels }) => scraped(labels)))
  const silent = ours('targets.known').find(({ labels }) => !fresh.has(scraped(labels)) && down.has(scraped(labels)))
  if (silent === undefined) return undefined
  const { job = '', instance = '' } = silent.labels
  return { job, instance }
}

/** A label that no request carries has a wrong name, and errors that are looked for by it would never be found. */
function labelProblem({ series, parts }: Asked): string | null {
  const unknown = unknownLabels(series).find((label) => !parts.has(`label.${label}`))
  if (unknown === undefined) return null
  return `no series of ${text(series.requests)} has the label "${unknown}" by which ${text(series.errors)} tells errors apart`
}

function has({ options, parts }: Asked, part: string, slot: Slot): boolean {
  return parts.get(part)?.some(({ labels }) => isOf(labels, slot, options)) ?? false
}

function lately({ scrapeIntervalMs }: PrometheusOptions): string {
  return `the last ${(FRESH_INTERVALS * scrapeIntervalMs) / 1000} s (${FRESH_INTERVALS} scrape intervals)`
}

function scraped({ job = '', instance = '' }: Value['labels']): string {
  return JSON.stringify([job, instance])
}

/** Targets whose counters began anew since before the anchor, by what they count; usually none. */
export function restartedTargets(parts: Parts) {
  return COUNTED.flatMap((name) =>
    (parts.get(`${name}.resets`) ?? []).map(({ labels: { job = '', instance = '' }, value }) => {
      return { name, target: { job, instance }, resets: value }
    }),
  )
}
