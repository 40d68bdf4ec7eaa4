/** What one side of a component shows of the metric that a limit is about. */
import { say, type Sentence } from '../say.ts'
import type { Role } from '../observed.ts'
import type { Look } from './look.ts'
import type { Packed } from './packed.ts'
import { type Reading, read } from './reading.ts'
import type { LimitRule } from './rules.ts'
import type { Span } from './state.ts'
import { METRIC_NAMES } from './text.ts'

/** One failed request of thirty is 3.3 %: fewer bad ones than this are an accident of small traffic, not a regression. */
export const BAD_REQUESTS_MIN = 3

/** Requests in the window that a rollback needs at most: waiting for the evidence that advancing needs would protect nobody. */
export const TRIGGER_REQUESTS_MAX = 20

/** What a limit looks at: the step so far, or the last `forMs`. */
export type Stretch = { readonly span: Span; readonly latency: (role: Role) => Packed; readonly lasting: boolean }

/** Of a span that holds its latencies. */
export function stretchOf(span: Span, { lasting }: { readonly lasting: boolean }): Stretch {
  return { span, latency: (role) => span[role].latency, lasting }
}

export function requestsToTrigger({ minRequests }: Look): number {
  return Math.max(1, Math.min(minRequests, TRIGGER_REQUESTS_MAX))
}

export function readSide(
  rule: LimitRule,
  limit: number,
  look: Look,
  { stretch: { span, latency, lasting }, role }: { readonly stretch: Stretch; readonly role: Role },
): Reading {
  const platform = role === 'candidate' ? span.platform : null
  const side = { tally: span[role], latency: () => latency(role), platform }
  return read(side, rule.metric, limit, { state: look.state, scale: look.component.scale, lasting })
}

export function sentence({ metric }: LimitRule, { value, counts }: Reading): Sentence {
  return say`${METRIC_NAMES[metric]} of the candidate was ${value()} (${counts()}`
}

export function actual({ n, value, counts }: Reading): Sentence {
  return n === 0 ? say`nothing counted` : say`${value()} (${counts()})`
}
