import type { ComponentOutlook, KnownTraffic, Outlook } from '../../core/analysis/outlook/outlook.ts'
import { percent } from '../../core/analysis/text.ts'
import { formatDuration } from '../../core/time.ts'
import type { Messages } from '../../text/messages.ts'

/** Below a plan: what every step sees of a bad release, rule by rule, and what is worth a look. */
export function outlookLines({ components, warnings }: Outlook, text: Messages): readonly string[] {
  return [...components.flatMap((component) => sightLines(component, text)), ...warningLines(warnings, text)]
}

export function warningLines(warnings: readonly string[], text: Messages): readonly string[] {
  return warnings.length === 0 ? [] : [text.worthALook, ...warnings.map((warning) => `  ! ${warning}`)]
}

function sightLines({ component, traffic, steps }: ComponentOutlook, text: Messages): readonly string[] {
  if (traffic === null) return []
  return [
    text.sees(component, trafficText(traffic)),
    ...steps.flatMap(({ step, weight, holdMs, sights }) => [
      `  ${String(step + 1).padStart(2)}. ${weight} % · ${formatDuration(holdMs)}`,
      ...sights.map(({ rule, text: seen }) => `      ${rule}: ${seen}`),
    ]),
  ]
}

/** `20 requests/s, 0.5 % errors, declared` */
function trafficText({ requestsPerSecond, errorRate, source }: KnownTraffic): string {
  return `${requestsPerSecond} requests/s, ${percent(errorRate)} errors, ${source}`
}
