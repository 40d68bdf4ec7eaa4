/**
 * A shared cause is told at once and once: people are called when a rule first finds that live suffers too, and are told when
 * nothing was seen of it for a while. In between it may come and go, as outages do.
 */
import type { Judgement } from '../analysis/judge.ts'
import type { Instant } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import type { RolloutEvent } from './events.ts'
import type { RolloutState } from './state.ts'

/** Its rule must have been quiet for so many ticks before the next one is another one. */
const QUIET_TICKS = 24

export function sharedCauseNews(
  { sharedCause, plan }: RolloutState,
  { sharedCause: [found] }: Judgement,
  now: Instant,
): readonly RolloutEvent[] {
  if (sharedCause === null) return found ? [{ type: 'SharedCauseFound', data: { verdict: found } }] : []
  const { since, quietSince } = sharedCause
  if (found || quietSince === null || now - quietSince < QUIET_TICKS * plan.timings.tickMs) return []
  return [{ type: 'SharedCauseEnded', data: { lastedMs: Math.max(0, quietSince - since) } }]
}

/** What newer verdicts say of a shared cause that is known. */
export function heardOf(
  { sharedCause }: RolloutState,
  verdicts: readonly Verdict[],
  at: Instant,
): RolloutState['sharedCause'] {
  if (sharedCause === null || verdicts.length === 0) return sharedCause
  const fails = verdicts.some(({ rule, outcome }) => rule === sharedCause.rule && outcome === 'fail')
  return { ...sharedCause, quietSince: fails ? null : (sharedCause.quietSince ?? at) }
}
