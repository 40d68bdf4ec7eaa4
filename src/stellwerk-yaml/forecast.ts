import { type Forecast, trafficFrom } from '../core/forecast/detectable-effect.ts'
import { forecastOf } from '../core/forecast/forecast.ts'
import { DECLARED } from '../core/forecast/plan-forecast.ts'
import { keepsSessions } from '../core/told.ts'
import { deployOrder } from './component-checks.ts'
import { routingFor } from './described.ts'
import { analysisRules, startingOf } from './rules.ts'
import type { EnvironmentSpec } from './spec.ts'
import { planSteps } from './rollout.ts'

/** What the steps of an environment will see, before there is an artifact: for `validate`. */
export function environmentForecast(spec: EnvironmentSpec): Forecast {
  const { order } = deployOrder(spec.components)
  const routed = order.filter((name) => spec.components[name]!.router !== undefined)
  return forecastOf({
    rules: analysisRules(spec.analysis.rules),
    starting: startingOf(spec.analysis),
    minRequests: spec.rollout.minRequests,
    tickMs: spec.rollout.tick,
    stickySessions: keepsSessions(routed.map((name) => routingFor(spec.components[name]!))),
    steps: planSteps(spec, order, { gates: [], approvals: [] }),
    components: routed.map((name) => {
      const { traffic } = spec.components[name]!
      return { name, traffic: traffic ? trafficFrom(traffic, DECLARED) : null }
    }),
  })
}
