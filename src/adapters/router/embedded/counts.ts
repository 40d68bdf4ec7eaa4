/** What the embedded router counted per slot, and how old that is. */
import { z } from 'zod'
import type { MetricsSnapshot } from '../../../core/observed.ts'
import { type Instant, instant } from '../../../core/time.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { RouterClient } from '../../../router/client.ts'
import { reach, refusalOf, routeKey } from './reach.ts'

const SKEW_MAX_MS = 30_000

/** Read with suspicion, though it comes from our own router: another version of it may run beside us for days. */
const Counts = z.object({
  requests: z.number().min(0),
  errors: z.number().min(0),
  inFlight: z.number().min(0),
  waitingOldestMs: z.number().min(0),
  latency: z.object({ base: z.number(), unitMs: z.number(), counts: z.record(z.string(), z.number().min(0)) }),
})
const Answer = z.object({
  epoch: z.string().min(1),
  at: z.number().transform(instant),
  slots: z.object({ blue: Counts, green: Counts }),
})

export async function counts(
  find: () => Promise<RouterClient>,
  { target, clock }: Pick<AdapterContext, 'target' | 'clock'>,
  signal: AbortSignal,
): Promise<Result<MetricsSnapshot>> {
  const client = await reach(find)
  if (!client.ok) return client
  const answer = await client.value.metrics(routeKey(target), signal)
  if (!answer.ok) return refusalOf(answer.status, answer.problem)
  const read = Answer.safeParse(answer.value)
  if (!read.success) return unusable(read.error)
  return otherTime(read.data.at, clock.now()) ?? ok(read.data)
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
