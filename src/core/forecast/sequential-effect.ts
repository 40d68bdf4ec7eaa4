/** The sequential rules of a plan are one comparison, so they see as one; each says its own half of it. */
import { say } from '../say.ts'
import { allowedShare, isLatency } from '../analysis/reading.ts'
import type { Rule, SequentialRule } from '../analysis/rules.ts'
import type { StepTraffic } from './growth.ts'
import { type SequentialOptions, sequentialOptions } from '../analysis/sequential/options.ts'
import { requestsToAccept, whatAStepCanSee } from './preview.ts'
import { routeSeen } from './route-effect.ts'
import { slownessSeen } from './slowness.ts'
import { count, percent, roundly } from '../analysis/text.ts'
import { exposedMs, liveBefore, requestsIn } from './exposure.ts'
import { type Seeing, type Seen, stepOf } from './detectable-effect.ts'

export function sequentialEffect(rule: SequentialRule, rules: readonly Rule[], seeing: Seeing): Seen {
  const declared = sequentialOptions(rules, seeing.stickySessions, seeing.starting)
  const options = { ...declared, minRequests: seeing.minRequests } as SequentialOptions
  const traffic = stepTraffic(seeing, options)
  const few = tooFewToAdvance(traffic, rule, seeing.minRequests)
  if (rule.metric === 'error-rate') {
    const { seen, smallest } = whatAStepCanSee(traffic, options)
    return {
      rule: rule.id,
      smallest: smallest?.rate ?? null,
      said: say`sees ${seen}${routeSeen(traffic, options)}${few}`,
    }
  }
  const slower = slownessSeen(traffic, options)
  const said =
    slower === null
      ? say`cannot tell a slower candidate from live in this step`
      : say`sees latencies ${percent(slower.factor - 1)} above live's (${roundly(slower.meanMs)}, where they spread as usual)`
  return { rule: rule.id, smallest: null, said: say`${said}${few}` }
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

/** Nothing advances on fewer requests than `minRequests`, nor before the step has shown that the limit is kept. */
function tooFewToAdvance({ weight, holdMs, rps, baseline }: StepTraffic, rule: SequentialRule, minRequests: number) {
  const ofErrors = rule.metric === 'error-rate'
  const limit = ofErrors ? rule.limit : slowShareOf(rule)
  const needed = Math.max(minRequests, requestsToAccept(ofErrors ? baseline : 0, limit))
  const requests = (rps * holdMs * weight) / 100_000
  if (!Number.isFinite(needed)) {
    return say`; never advances: live's ${percent(baseline)} errors are no less than the ${percent(limit)} to be kept`
  }
  if (requests >= needed) return ''
  return say`; ${count(Math.floor(requests))} requests are too few to advance, about ${count(needed)} are needed`
}

function slowShareOf({ metric }: SequentialRule): number {
  return isLatency(metric) ? allowedShare(metric) : 1
}
