/** From which share of bad requests on a declared limit speaks: its window must hold enough requests, and three bad ones. */
import { formatDuration } from '../../time.ts'
import { BAD_REQUESTS_MIN, TRIGGER_REQUESTS_MAX } from '../limit-reading.ts'
import { allowedShare, isLatency } from '../reading.ts'
import type { LimitRule } from '../rules.ts'
import { count, latency, percent } from '../text.ts'
import { exposedMs, requestsIn } from './exposure.ts'
import { meansReaching, type Seeing, type Sight, stepOf } from './sight.ts'
import { timesText } from './times.ts'

type Found = { readonly rate: number | null; readonly text: string }

export function limitSight(rule: LimitRule, seeing: Seeing): Sight {
  if (rule.metric !== 'error-rate' && !isLatency(rule.metric)) {
    return { rule: rule.id, smallest: null, text: withoutTraffic(rule, seeing) }
  }
  const parts = [
    rule.trigger === null ? null : rollbackFound(rule, rule.trigger, seeing),
    rule.max === null ? null : holdFound(rule, rule.max, seeing),
  ].filter((part) => part !== null)
  const rates = rule.metric === 'error-rate' ? parts.map(({ rate }) => rate).filter((rate) => rate !== null) : []
  return {
    rule: rule.id,
    smallest: rates.length === 0 ? null : Math.min(...rates),
    text: parts.map(({ text }) => text).join('; '),
  }
}

function rollbackFound(rule: LimitRule, trigger: NonNullable<LimitRule['trigger']>, seeing: Seeing): Found {
  const { traffic, exposures, minRequests } = seeing
  const lasting = formatDuration(trigger.forMs)
  const reached = exposedMs(exposures)
  if (trigger.forMs > reached) {
    return {
      rate: null,
      text: `cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`,
    }
  }
  const requests = requestsIn(exposures, trigger.forMs, traffic.requestsPerSecond).candidate
  const needed = Math.min(Math.max(1, minRequests), TRIGGER_REQUESTS_MAX)
  const share = shareOf(rule, trigger.above)
  const bad = Math.max(BAD_REQUESTS_MIN, Math.floor(share * requests) + 1)
  const beyond: Beyond = { requests, needed, bad, limit: trigger.above, does: 'rolls back', when: `after ${lasting}` }
  if (rule.metric === 'error-rate' && traffic.errorRate > share && stepOf(seeing).weight < 100) {
    return { rate: null, text: 'never rolls back: live is above the limit itself, which makes it a shared cause' }
  }
  return found(rule, traffic.errorRate, beyond)
}

function holdFound(rule: LimitRule, max: number, seeing: Seeing): Found {
  const { weight, holdMs } = stepOf(seeing)
  const requests = (seeing.traffic.requestsPerSecond * holdMs * weight) / 100_000
  const bad = Math.floor(shareOf(rule, max) * requests) + 1
  const needed = Math.max(1, seeing.minRequests)
  return found(rule, seeing.traffic.errorRate, { requests, needed, bad, limit: max, does: 'holds', when: 'at its end' })
}

type Beyond = {
  readonly requests: number
  readonly needed: number
  readonly bad: number
  readonly limit: number
  readonly does: 'rolls back' | 'holds'
  readonly when: string
}

function found(rule: LimitRule, baseline: number, { requests, needed, bad, limit, does, when }: Beyond): Found {
  const { half, sure } = meansReaching(bad)
  if (requests < needed) {
    const text = `is silent: ${count(Math.floor(requests))} requests are too few, ${count(needed)} are needed`
    return { rate: null, text }
  }
  if (half > requests) return { rate: null, text: `sees nothing in ${count(Math.floor(requests))} requests` }
  const what = rule.metric === 'error-rate' ? 'errors' : `of the requests slower than ${latency(limit)}`
  const multiple = rule.metric === 'error-rate' ? timesText(half / requests, baseline) : ''
  const surely = sure > requests ? 'never surely' : `in 95 of 100 from ${percent(sure / requests)}`
  return {
    rate: half / requests,
    text: `${does} from ${percent(half / requests)} ${what}${multiple} ${when} (${surely})`,
  }
}

function shareOf({ metric }: LimitRule, limit: number): number {
  return isLatency(metric) ? allowedShare(metric) : limit
}

function withoutTraffic({ trigger }: LimitRule, { exposures }: Seeing): string {
  if (trigger === null) return 'holds while the step is above it; needs no traffic'
  const reached = exposedMs(exposures)
  const lasting = formatDuration(trigger.forMs)
  return trigger.forMs > reached
    ? `cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`
    : `rolls back after ${lasting}; needs no traffic`
}
