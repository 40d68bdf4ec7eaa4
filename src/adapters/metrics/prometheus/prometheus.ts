/**
 * Counts and latencies out of a Prometheus (R-E01, R-E02, R-E07).
 *
 * Counters are read as they are, never as a rate. Every look is complete in itself, whichever replica of the control
 * plane takes it: an epoch is an hour of Prometheus's own clock, and counts are those since it began, with the restarts
 * of single instances made up for. At the turn of an hour at most one tick's requests go uncounted.
 *
 * All times are Prometheus's, so a clock that differs a little does no harm; one that differs much is refused, for
 * somebody would compare the two.
 */
import { instant } from '../../../core/time.ts'
import type { MetricsSnapshot } from '../../../core/observed.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import type { MetricsSource, OwnQuery, SegmentsQuery } from '../../../ports/metrics-source.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { metricsSource } from '../../kit.ts'
import { readMatrix, readScalar, readVector, type Value } from './answer.ts'
import { type Api, openApi, where } from './api.ts'
import { type Lost, type Parts, partsOf, slotCounts } from './counts.ts'
import { evidenceProblem, restartedTargets } from './evidence.ts'
import { type Counted, lookQuery, type Moment, samplesQuery, type Series, seriesOf } from './query.ts'
import { inquire } from './inquire.ts'
import { options, planned, type PrometheusOptions } from './options.ts'
import { allUnknown, ownAnswers } from './own.ts'
import { segmentCounts } from './segments.ts'
import { restartsOf } from './restarts.ts'

const EPOCH_MS = 3_600_000
const SKEW_MAX_MS = 30_000
/** More instances than this that restarted within an epoch are an outage of their own. */
const RESTARTED_MAX = 100

export const prometheus = metricsSource({
  kind: 'prometheus',
  queries: true,
  options,
  planned,
  describe: ({ url, auth, counts, scrapeIntervalMs, segmentLabel }) => ({
    name: where({ url }),
    hosts: [new URL(url).host],
    secrets: auth === null ? [] : ['bearer' in auth ? auth.bearer : auth.basic.password],
    countedBy: counts === 'router' ? 'router' : 'source',
    everyMs: counts === 'router' ? null : scrapeIntervalMs,
    segments: counts === 'router' ? 'routes' : segmentLabel === undefined ? null : 'label',
  }),
  create: (given, context) => sourceOf(given, context),
  inquire: (given, context, ask) => inquire(planned.parse(given), context, ask),
})

/** `epochMs`: how long counts are added up before they begin anew. */
export function sourceOf(given: PrometheusOptions, context: AdapterContext, epochMs = EPOCH_MS): MetricsSource {
  const series = seriesOf(given, context.target)
  return {
    name: where(given),
    collect: (signal, queries = [], segments) =>
      collect({ options: given, series, context, queries, segments, epochMs }, signal),
  }
}

type Source = {
  readonly options: PrometheusOptions
  readonly series: Series
  readonly context: AdapterContext
  /** Numbers of the service's own that are asked for at this look. */
  readonly queries: readonly OwnQuery[]
  readonly segments?: SegmentsQuery | undefined
  readonly epochMs: number
}
type Look = Source & { readonly api: Api; readonly moment: Moment }

async function collect(source: Source, signal: AbortSignal): Promise<Result<MetricsSnapshot>> {
  return source.options.counts === 'router' ? besideRouter(source, signal) : alone(source, signal)
}

/** The router's counts need no scrape; a Prometheus that is away leaves them as they are, and only its own part unknown. */
async function besideRouter(source: Source, signal: AbortSignal): Promise<Result<MetricsSnapshot>> {
  const { options, context, queries, segments } = source
  const router = await context.router()
  if (!router?.counts) return failure('permanent', `${where(options)}: there is no router whose counts could be read`)
  const counted = await router.counts(signal, segments)
  if (!counted.ok || queries.length === 0) return counted
  const api = await openApi(options, context, signal)
  const moment = api.ok ? await momentOf(source, api.value) : api
  if (!api.ok || !moment.ok) return ok({ ...counted.value, own: allUnknown(queries, moment.ok ? '' : moment.message) })
  const look = { options, target: context.target, api: api.value, moment: moment.value }
  return ok({ ...counted.value, own: await ownAnswers(queries, look) })
}

async function alone(source: Source, signal: AbortSignal): Promise<Result<MetricsSnapshot>> {
  const api = await openApi(source.options, source.context, signal)
  if (!api.ok) return api
  const moment = await momentOf(source, api.value)
  if (!moment.ok) return moment
  const found = await everything({ ...source, api: api.value, moment: moment.value })
  return found.ok || found.message.startsWith('Prometheus at ')
    ? found
    : failure(found.kind, `${where(source.options)}: ${found.message}`)
}

/** Prometheus's time now, and how long the epoch has lasted by it. */
async function momentOf({ options, context, epochMs }: Source, api: Api): Promise<Result<Moment>> {
  const result = await api.ask({ query: 'time()', type: 'scalar' })
  if (!result.ok) return result
  const time = readScalar(result.value)
  if (!time.ok) return failure(time.kind, `${where(options)}: ${time.message}`)
  const nowMs = Math.round(time.value * 1000)
  const skewMs = nowMs - context.clock.now()
  if (Math.abs(skewMs) > SKEW_MAX_MS) {
    const seconds = Math.round(Math.abs(skewMs) / 1000)
    return failure(
      'transient',
      `${where(options)}: its clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} ours: set both by NTP`,
    )
  }
  return ok({ time: time.value, sinceAnchorMs: Math.max(1, nowMs % epochMs) })
}

/** Counts, and the service's own numbers of the same moment; one of those that cannot be told leaves the rest as it is. */
async function everything(look: Look): Promise<Result<MetricsSnapshot>> {
  const { queries } = look
  const counted = await counts(look)
  if (!counted.ok || queries.length === 0) return counted
  return ok({ ...counted.value, own: await ownAnswers(queries, { ...look, target: look.context.target }) })
}

async function counts(look: Look): Promise<Result<MetricsSnapshot>> {
  const { options, series, moment, api } = look
  const result = await api.ask({ query: lookQuery(options, series, moment), time: moment.time, type: 'vector' })
  const values = result.ok ? readVector(result.value) : result
  if (!values.ok) return values
  const parts = partsOf(values.value)
  const problem = evidenceProblem({ options, series, parts })
  if (problem !== null) return failure('transient', problem)
  const lost = await lostCounts(look, parts)
  if (!lost.ok) return lost
  const told = { options, series, parts, lost: lost.value }
  const blue = slotCounts(told, 'blue')
  if (!blue.ok) return blue
  const green = slotCounts(told, 'green')
  if (!green.ok) return green
  const nowMs = Math.round(moment.time * 1000)
  const epoch = new Date(nowMs - moment.sinceAnchorMs).toISOString()
  const slots = await withSegments({ ...look, parts }, { blue: blue.value, green: green.value })
  return ok({ epoch, at: instant(nowMs), slots })
}

/** Segments that cannot be told leave the rest as it is: nobody is judged by them then, and the log says why. */
async function withSegments(look: Look & { readonly parts: Parts }, slots: MetricsSnapshot['slots']) {
  const { options, context, segments } = look
  if (options.segmentLabel === undefined || segments === undefined) return slots
  const told = await segmentCounts(look, options.segmentLabel, segments)
  if (!told.ok) {
    context.log.warn('segments of the traffic cannot be told', { why: `${where(options)}: ${told.message}` })
    return slots
  }
  const { blue, green } = told.value
  return { blue: { ...slots.blue, segments: blue }, green: { ...slots.green, segments: green } }
}

/** What restarted counters had counted before: read sample by sample, and only for targets where it happened. */
async function lostCounts(look: Look, parts: Parts): Promise<Result<Lost>> {
  const restarted = restartedTargets(parts)
  if (restarted.length > RESTARTED_MAX) {
    return failure('transient', `the counters of too many targets began anew (${restarted.length}) to make up for it`)
  }
  const lost: Record<Counted, Value[]> = { requests: [], errors: [], latency: [] }
  for (const one of restarted) {
    const values = await lostBy(look, one)
    if (!values.ok) return values
    lost[one.name].push(...values.value)
  }
  return ok(lost)
}

type Restarted = ReturnType<typeof restartedTargets>[number]

async function lostBy(look: Look, { name, target, resets }: Restarted): Promise<Result<readonly Value[]>> {
  const { series, moment, api } = look
  const result = await api.ask({
    query: samplesQuery(series[name], target, moment),
    time: moment.time,
    type: 'matrix',
  })
  const samples = result.ok ? readMatrix(result.value) : result
  if (!samples.ok) return samples
  const anchor = moment.time - moment.sinceAnchorMs / 1000
  const found = samples.value.map((each) => ({ labels: each.labels, ...restartsOf(each, anchor) }))
  const seen = found.reduce((sum, each) => sum + each.resets, 0)
  if (seen !== resets) {
    return failure('transient', `${target.instance} was scraped between two looks at its restart: look again`)
  }
  return ok(found.map(({ labels, lost }) => ({ labels, value: lost })))
}
