/** From which share of bad requests on a declared limit speaks: its window must hold enough requests, and three bad ones. */
import { listed, say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { BAD_REQUESTS_MIN, allowedShare, isLatency } from '../analysis/reading.ts'
import type { LimitRule } from '../analysis/rules.ts'
import { count, latency, percent } from '../analysis/text.ts'
import { exposedMs } from './exposure.ts'
import { requestsNeeded, windowAt } from './firing.ts'
import { type Seeing, type Seen, meansReaching, stepOf, timesText } from './detectable-effect.ts'

type Found = { readonly rate: number | null; readonly said: Sentence }

export function limitEffect(rule: LimitRule, seeing: Seeing): Seen {
  if (rule.metric !== 'error-rate' && !isLatency(rule.metric)) {
    return { rule: rule.id, smallest: null, said: withoutTraffic(rule, seeing) }
  }
  const parts = [
    rule.trigger === null ? null : rollbackFound(rule, rule.trigger, seeing),
    rule.max === null ? null : holdFound(rule, rule.max, seeing),
  ].filter((part) => part !== null)
  const rates = rule.metric === 'error-rate' ? parts.map(({ rate }) => rate).filter((rate) => rate !== null) : []
  return {
    rule: rule.id,
    smallest: rates.length === 0 ? null : Math.min(...rates),
    said: listed(parts.map(({ said }) => said)),
  }
}

function rollbackFound(rule: LimitRule, trigger: NonNullable<LimitRule['trigger']>, seeing: Seeing): Found {
  const { traffic, exposures, minRequests } = seeing
  const reached = exposedMs(exposures)
  if (trigger.forMs > reached) {
    const lasting = formatDuration(trigger.forMs)
    return {
      rate: null,
      said: say`cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`,
    }
  }
  const needed = requestsNeeded(minRequests)
  const { requests, lastsMs } = windowAt(trigger.forMs, needed, seeing)
  const share = shareOf(rule, trigger.above)
  const bad = Math.max(BAD_REQUESTS_MIN, Math.floor(share * requests) + 1)
  const beyond: Beyond = {
    requests,
    needed,
    bad,
    limit: trigger.above,
    does: say`rolls back`,
    when: say`after ${formatDuration(lastsMs)}`,
  }
  if (rule.metric === 'error-rate' && traffic.errorRate > share && stepOf(seeing).weight < 100) {
    return { rate: null, said: say`never rolls back: live is above the limit itself, which makes it a shared cause` }
  }
  return found(rule, traffic.errorRate, beyond)
}

function holdFound(rule: LimitRule, max: number, seeing: Seeing): Found {
  const { weight, holdMs } = stepOf(seeing)
  const requests = (seeing.traffic.requestsPerSecond * holdMs * weight) / 100_000
  const bad = Math.floor(shareOf(rule, max) * requests) + 1
  const needed = Math.max(1, seeing.minRequests)
  return found(rule, seeing.traffic.errorRate, {
    requests,
    needed,
    bad,
    limit: max,
    does: say`holds`,
    when: say`at its end`,
  })
}

type Beyond = {
  readonly requests: number
  readonly needed: number
  readonly bad: number
  readonly limit: number
  readonly does: Sentence
  readonly when: Sentence
}

function found(rule: LimitRule, baseline: number, { requests, needed, bad, limit, does, when }: Beyond): Found {
  const { half, sure } = meansReaching(bad)
  if (requests < needed) {
    const said = say`is silent: ${count(Math.floor(requests))} requests are too few, ${count(needed)} are needed`
    return { rate: null, said }
  }
  if (half > requests) return { rate: null, said: say`sees nothing in ${count(Math.floor(requests))} requests` }
  const what = rule.metric === 'error-rate' ? say`errors` : say`of the requests slower than ${latency(limit)}`
  const multiple = rule.metric === 'error-rate' ? timesText(half / requests, baseline) : ''
  const surely = sure > requests ? say`never surely` : say`in 95 of 100 from ${percent(sure / requests)}`
  return {
    rate: half / requests,
    said: say`${does} from ${percent(half / requests)} ${what}${multiple} ${when} (${surely})`,
  }
}

function shareOf({ metric }: LimitRule, limit: number): number {
  return isLatency(metric) ? allowedShare(metric) : limit
}

function withoutTraffic({ trigger }: LimitRule, { exposures }: Seeing): Sentence {
  if (trigger === null) return say`holds while the step is above it; needs no traffic`
  const reached = exposedMs(exposures)
  const lasting = formatDuration(trigger.forMs)
  return trigger.forMs > reached
    ? say`cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`
    : say`rolls back after ${lasting}; needs no traffic`
}
