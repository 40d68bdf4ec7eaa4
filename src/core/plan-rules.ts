/** What a plan's analysis has to be, for a candidate to be judged at all. */
import { type Plan, routedComponents } from './plan.ts'

const WITHOUT_TRAFFIC = ['readiness-flapping', 'memory', 'info-logs']

/** An environment without users is judged by what shows without them, or never advances. */
function needingTraffic(rules: Plan['analysis']['rules']): readonly string[] {
  return rules.filter(({ kind, metric }) => kind !== 'own' && !WITHOUT_TRAFFIC.includes(metric)).map(({ id }) => id)
}

export function judgedByARule(plan: Plan): readonly string[] {
  const { rules, minRequests } = plan.analysis
  const ids = rules.map(({ id }) => id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [
    ...(rules.length > 0 ? [] : ['there is no analysis rule: nothing would judge the candidate']),
    ...twice.map((id) => `two rules are called "${id}"`),
    ...comparedTwice(rules),
    ...ofNobody(plan),
    ...(minRequests >= 1
      ? []
      : needingTraffic(rules).map((id) => `minRequests is 0, yet rule "${id}" needs requests to judge`)),
  ]
}

/** A rule of a component that gets no traffic would never be judged, and so never hold anything back. */
function ofNobody(plan: Plan): readonly string[] {
  const names = routedComponents(plan).map(({ name }) => name)
  return plan.analysis.rules.flatMap((rule) => {
    if (rule.kind !== 'own' || rule.component === null || names.includes(rule.component)) return []
    return [`rule "${rule.id}" is of the component "${rule.component}", which gets no traffic from a router`]
  })
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
