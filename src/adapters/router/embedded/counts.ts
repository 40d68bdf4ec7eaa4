/** What the embedded router counted per slot, and how old that is. */
import { z } from 'zod'
import { countAbove } from '../../../core/histogram.ts'
import type { MetricsSnapshot, Segment, SlotCounts } from '../../../core/observed.ts'
import type { SegmentsQuery } from '../../../ports/metrics-source.ts'
import { type Instant, instant } from '../../../core/time.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { RouterClient } from '../../../router/client.ts'
import { reach, refusalOf, routeKey } from './reach.ts'

const SKEW_MAX_MS = 30_000

/** Read with suspicion, though it comes from our own router: another version of it may run beside us for days. */
const Latency = z.object({ base: z.number(), unitMs: z.number(), counts: z.record(z.string(), z.number().min(0)) })
const Named = z.record(
  z.string().max(300),
  z.object({ requests: z.number().min(0), errors: z.number().min(0), latency: Latency }),
)
const Counts = z.object({
  requests: z.number().min(0),
  errors: z.number().min(0),
  inFlight: z.number().min(0),
  waitingOldestMs: z.number().min(0),
  latency: Latency,
  segments: Named.optional(),
})
const Answer = z.object({
  epoch: z.string().min(1),
  at: z.number().transform(instant),
  slots: z.object({ blue: Counts, green: Counts }),
})

export async function counts(
  find: () => Promise<RouterClient>,
  { target, clock }: Pick<AdapterContext, 'target' | 'clock'>,
  { signal, segments }: { readonly signal: AbortSignal; readonly segments?: SegmentsQuery | undefined },
): Promise<Result<MetricsSnapshot>> {
  const client = await reach(find)
  if (!client.ok) return client
  const answer = await client.value.metrics(routeKey(target), signal)
  if (!answer.ok) return refusalOf(answer.status, answer.problem)
  const read = Answer.safeParse(answer.value)
  if (!read.success) return unusable(read.error)
  const { epoch, at, slots } = read.data
  const told = { blue: toldOf(slots.blue, segments), green: toldOf(slots.green, segments) }
  return otherTime(at, clock.now()) ?? ok({ epoch, at, slots: told })
}

/** An older router tells no segments. Those declared first: what is learned fills the rest. */
function toldOf({ segments, ...counts }: z.output<typeof Counts>, asked: SegmentsQuery | undefined): SlotCounts {
  if (asked === undefined || segments === undefined) return counts
  const { declared, learn, slowMs } = asked
  const learned = Object.keys(segments).filter((name) => !declared.includes(name))
  const names = [...declared.filter((name) => name in segments), ...learned.slice(0, learn)]
  const told = names.map((name): [string, Segment] => {
    const { requests, errors, latency } = segments[name]!
    return [name, [requests, errors, slowMs === null ? 0 : countAbove(latency, slowMs)]]
  })
  return { ...counts, segments: Object.fromEntries(told) }
}

function unusable({ issues: [first] }: z.ZodError): Result<never> {
  const where = first === undefined || first.path.length === 0 ? 'its answer' : first.path.join('.')
  return failure('transient', `router: what it counted cannot be used: ${where}: ${first?.message ?? 'unknown'}`)
}

/** It runs beside us, so a moment that is far from now is an answer out of some cache, or a clock that was set. */
function otherTime(at: Instant, now: number): Result<never> | null {
  const skewMs = at - now
  if (Math.abs(skewMs) <= SKEW_MAX_MS) return null
  const seconds = Math.round(Math.abs(skewMs) / 1000)
  return failure('transient', `router: its answer is of ${seconds} s ${skewMs > 0 ? 'ahead of' : 'before'} our time`)
}
