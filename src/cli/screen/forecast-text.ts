import type { ComponentForecast, KnownTraffic, Forecast, Warning } from '../../core/forecast/detectable-effect.ts'
import { percent } from '../../core/analysis/text.ts'
import { formatDuration } from '../../core/time.ts'
import type { Messages } from '../../text/messages.ts'

/** Below a plan: what every step sees of a bad release, rule by rule, and what is worth a look. */
export function forecastLines({ components, warnings }: Forecast, text: Messages): readonly string[] {
  return [...components.flatMap((component) => effectLines(component, text)), ...warningLines(warnings, text)]
}

export function warningLines(
  warnings: readonly (Warning & { readonly environment?: string })[],
  text: Messages,
): readonly string[] {
  const lines = warnings.map((each) => {
    const where = each.environment === undefined ? '' : `${each.environment}: `
    return `  ! ${where}${text.told(each.said, each.text)}`
  })
  return lines.length === 0 ? [] : [text.worthALook, ...lines]
}

function effectLines({ component, traffic, steps }: ComponentForecast, text: Messages): readonly string[] {
  if (traffic === null) return []
  return [
    text.sees(component, trafficText(traffic)),
    ...steps.flatMap(({ step, weight, holdMs, effects }) => [
      `  ${String(step + 1).padStart(2)}. ${weight} % · ${formatDuration(holdMs)}`,
      ...effects.map(({ rule, said, text: seen }) => `      ${rule}: ${text.told(said, seen)}`),
    ]),
  ]
}

/** `20 requests/s, 0.5 % errors, declared` */
function trafficText({ requestsPerSecond, errorRate, source }: KnownTraffic): string {
  return `${requestsPerSecond} requests/s, ${percent(errorRate)} errors, ${source}`
}
