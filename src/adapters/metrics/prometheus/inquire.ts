/** Before a release: is it there, does it scrape as often as the spec says, does it understand the queries of the spec? */
import { z } from 'zod'
import type { AdapterContext } from '../../../ports/adapter.ts'
import type { Inquired, Inquiry, OwnQuery } from '../../../ports/metrics-source.ts'
import { failure, ok, type Result, type Target } from '../../../ports/result.ts'
import type { PrometheusOptions } from './options.ts'
import { durationText } from '../../../core/time.ts'
import { readNumber, readScalar } from './answer.ts'
import { type Api, openApi, where } from './api.ts'
import { FRESH_INTERVALS } from './query.ts'
import { filled } from './selector.ts'

export async function inquire(
  options: PrometheusOptions,
  context: AdapterContext,
  { queries, tickMs }: Inquiry,
): Promise<readonly Inquired[]> {
  const api = await openApi(options, context, context.signal)
  if (!api.ok) return [bad(api.message, 'look at `metrics.auth`')]
  const time = await api.value.ask({ query: 'time()', type: 'scalar' })
  const read = time.ok ? readScalar(time.value) : time
  if (!read.ok) return [bad(read.message, 'look at `metrics.url`; without it no release advances')]
  const found = [await scrapes(options, api.value, tickMs)]
  for (const query of queries) found.push(await understood(query, { options, api: api.value, target: context.target }))
  return found
}

/** The slowest target decides: its numbers are the oldest. */
async function scrapes(options: PrometheusOptions, api: Api, tickMs: number): Promise<Inquired> {
  const { scrapeIntervalMs: said } = options
  const answer = await api.read('/api/v1/targets?state=active')
  const intervals = answer.ok ? intervalsOf(answer.value) : answer
  if (!intervals.ok)
    return warning(`${where(options)} answers, but not how often it scrapes: ${intervals.message}`, null)
  const [fastest, slowest] = [Math.min(...intervals.value), Math.max(...intervals.value)]
  if (intervals.value.length === 0) return warning(`${where(options)} has no targets`, 'have it scrape the service')
  const all = fastest === slowest ? durationText(slowest) : `${durationText(fastest)} to ${durationText(slowest)}`
  const detail = `${where(options)} scrapes every ${all}; metrics.scrapeInterval is ${durationText(said)}, rollout.tick ${durationText(tickMs)}`
  // Other jobs of the same Prometheus may be slower; only when all of them are, the service's own is.
  if (fastest > said)
    return bad(`${detail}: samples are taken for stale`, `metrics: { scrapeInterval: ${durationText(fastest)} }`)
  if (slowest > said * FRESH_INTERVALS)
    return warning(`${detail}: slower jobs look stale`, 'say `maxAge` where a query reads one')
  return options.counts === 'prometheus' && tickMs < Math.max(fastest, said)
    ? warning(`${detail}: between two scrapes the candidate looks idle`, `rollout: { tick: ${durationText(said)} }`)
    : { outcome: 'ok', detail, fix: null }
}

function intervalsOf(body: string): Result<readonly number[]> {
  const read = Targets.safeParse(jsonOf(body))
  if (!read.success) return failure('permanent', 'it tells no targets')
  return ok(
    read.data.data.activeTargets.map(({ scrapeInterval }) => milliseconds(scrapeInterval)).filter((ms) => ms > 0),
  )
}

const Targets = z.object({ data: z.object({ activeTargets: z.array(z.object({ scrapeInterval: z.string() })) }) })

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `1m30s` */
function milliseconds(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
  return [...text.matchAll(/(\d+)(ms|[smhd])/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0)
}

type Of = { readonly options: PrometheusOptions; readonly api: Api; readonly target: Target }

async function understood({ id, query, perSlot }: OwnQuery, { options, api, target }: Of): Promise<Inquired> {
  const answers: string[] = []
  for (const slot of perSlot ? (['blue', 'green'] as const) : (['blue'] as const)) {
    const text = filled(query, { ...target, slot: options.slot[slot] })
    const answer = await api.ask({ query: text, type: 'number' })
    const number = answer.ok ? readNumber(answer.value) : answer
    if (!number.ok && number.kind === 'permanent')
      return bad(`"${id}": ${number.message}`, 'try the query in Prometheus')
    answers.push(`${perSlot ? `${slot} ` : ''}${number.ok ? number.value : `nothing usable (${number.message})`}`)
  }
  const isKnown = answers.some((answer) => !answer.includes('nothing usable'))
  const detail = `"${id}" answers ${answers.join(', ')}`
  return isKnown ? { outcome: 'ok', detail, fix: null } : warning(detail, 'until it does, no release advances')
}

function bad(detail: string, fix: string): Inquired {
  return { outcome: 'bad', detail, fix }
}

function warning(detail: string, fix: string | null): Inquired {
  return { outcome: 'warning', detail, fix }
}
