/** The sequential rules of a plan are one comparison, so they see as one; each says its own half of it. */
import type { Rule, SequentialRule } from '../rules.ts'
import { type SequentialOptions, sequentialOptions } from '../sequential/options.ts'
import { type StepTraffic, whatAStepCanSee } from '../sequential/preview.ts'
import { slownessSeen } from '../sequential/slowness.ts'
import { count, percent, roundly } from '../text.ts'
import { exposedMs, liveBefore, requestsIn } from './exposure.ts'
import { type Seeing, type Sight, stepOf } from './sight.ts'

export function sequentialSight(rule: SequentialRule, rules: readonly Rule[], seeing: Seeing): Sight {
  const options = { ...sequentialOptions(rules), minRequests: seeing.minRequests } as SequentialOptions
  const traffic = stepTraffic(seeing, options)
  const few = tooFewToAdvance(traffic, options)
  if (rule.metric === 'error-rate') {
    const { seen, smallest } = whatAStepCanSee(traffic, options)
    return { rule: rule.id, smallest: smallest?.rate ?? null, text: `sees ${seen}${few}` }
  }
  const slower = slownessSeen(traffic, options)
  const text =
    slower === null
      ? 'cannot tell a slower candidate from live in this step'
      : `sees latencies ${percent(slower.factor - 1)} above live's (${roundly(slower.meanMs)}, where they spread as usual)`
  return { rule: rule.id, smallest: null, text: `${text}${few}` }
}

function stepTraffic(seeing: Seeing, { warmUpMs }: SequentialOptions): StepTraffic {
  const { traffic, exposures, tickMs } = seeing
  const { weight, holdMs } = stepOf(seeing)
  const { requestsPerSecond: rps, errorRate: baseline } = traffic
  const before = exposures.slice(0, -1)
  const beforeMs = exposedMs(before)
  const liveRequests = requestsIn(before, beforeMs, rps).live + liveBefore(rps)
  return { weight, holdMs, rps, baseline, liveRequests, tickMs, warm: beforeMs >= warmUpMs }
}

function tooFewToAdvance({ weight, holdMs, rps }: StepTraffic, { minRequests }: SequentialOptions): string {
  const requests = (rps * holdMs * weight) / 100_000
  if (requests >= minRequests) return ''
  return `; ${count(Math.floor(requests))} requests are too few to advance, ${count(minRequests)} are needed`
}
