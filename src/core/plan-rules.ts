/** What a plan's analysis has to be, for a candidate to be judged at all. */
import type { Plan } from './plan.ts'

const WITHOUT_TRAFFIC = ['readiness-flapping', 'memory', 'info-logs']

/** An environment without users is judged by what shows without them, or never advances. */
function needingTraffic(rules: Plan['analysis']['rules']): readonly string[] {
  return rules.filter(({ metric }) => !WITHOUT_TRAFFIC.includes(metric)).map(({ id }) => id)
}

export function judgedByARule(plan: Plan): readonly string[] {
  const { rules, minRequests } = plan.analysis
  const ids = rules.map(({ id }) => id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [
    ...(rules.length > 0 ? [] : ['there is no analysis rule: nothing would judge the candidate']),
    ...twice.map((id) => `two rules are called "${id}"`),
    ...comparedTwice(rules),
    ...(minRequests >= 1
      ? []
      : needingTraffic(rules).map((id) => `minRequests is 0, yet rule "${id}" needs requests to judge`)),
  ]
}

/** The sequential comparison of a plan is one: of errors, and of one latency. */
function comparedTwice(rules: Plan['analysis']['rules']): readonly string[] {
  const compared = rules.filter(({ kind }) => kind === 'sequential')
  const errors = compared.filter(({ metric }) => metric === 'error-rate')
  const latencies = compared.filter(({ metric }) => metric !== 'error-rate')
  return [errors, latencies]
    .filter((same) => same.length > 1)
    .map(
      (same) =>
        `${same.map(({ id }) => `"${id}"`).join(' and ')} compare sequentially: one for errors and one for a latency is all`,
    )
}
