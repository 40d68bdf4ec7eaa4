/** What every step sees of a bad release, rule by rule, and what is worth a look. */
import type { ComponentForecast, KnownTraffic, Warning } from '../../core/forecast/detectable-effect.ts'
import { percent } from '../../core/analysis/text.ts'
import { saidOr, say, type Sentence } from '../../core/say.ts'
import { durationText } from '../../core/time.ts'
import type { Messages } from '../messages.ts'
import { stepNumber } from './steps.ts'

type Rows = readonly (readonly string[])[]

/** The step stands with its first rule; null where the traffic is not known, of which a warning tells. */
export function effectRows({ steps }: ComponentForecast, text: Messages): Rows {
  return steps.flatMap(({ step, weight, holdMs, effects }) =>
    effects.map(({ rule, said, text: seen }, index) => [
      index === 0 ? `${stepNumber(step)} ${weight} % · ${durationText(holdMs)}` : '',
      rule,
      text.told(said, seen),
    ]),
  )
}

/** `20 requests/s, 0.5 % errors, declared` */
export function trafficSentence({ requestsPerSecond, errorRate, source, said }: KnownTraffic): Sentence {
  return say`${requestsPerSecond} requests/s, ${percent(errorRate)} errors, ${saidOr(said, source)}`
}

export function warningRows(warnings: readonly (Warning & { readonly environment?: string })[], text: Messages): Rows {
  return warnings.map((each) => {
    const where = each.environment === undefined ? '' : `${each.environment}: `
    return [`! ${where}${text.told(each.said, each.text)}`]
  })
}
