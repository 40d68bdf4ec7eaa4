/**
 * Before anything starts: what will each step see at the traffic that this service has, and which of its rules would stop
 * healthy releases? Said at plan time, since afterwards a step that sees too little looks exactly like a good one.
 */
import { english, say, type Sentence } from '../say.ts'
import type { ExpectedTraffic } from '../plan.ts'
import { type OwnRule, ownWindowMs } from '../analysis/own/rule.ts'
import type { Rule } from '../analysis/rules.ts'
import { exposedMs, exposuresOf, exposuresUpTo } from './exposure.ts'
import { limitEffect } from './limit-effect.ts'
import { relativeEffect } from './relative-effect.ts'
import { sequentialEffect } from './sequential-effect.ts'
import type { Foreseen, Forecast, Seeing, Seen, DetectableEffect, StepForecast, Warning } from './detectable-effect.ts'
import { onlyComparisons, forecastWarnings } from './warnings.ts'
import { formatDuration } from '../time.ts'

export function forecastOf(foreseen: Foreseen): Forecast {
  const components = foreseen.components.map(({ name, traffic }) => ({
    component: name,
    traffic,
    steps: traffic === null ? [] : stepForecasts(foreseen, traffic),
  }))
  const warnings = components.flatMap((component) => forecastWarnings(component, foreseen))
  return { components, warnings: [...onlyComparisons(foreseen), ...warnings].map(warning) }
}

function stepForecasts(foreseen: Foreseen, traffic: ExpectedTraffic): readonly StepForecast[] {
  const all = exposuresOf(foreseen.steps)
  return all.map((exposure, index) => {
    const exposures = exposuresUpTo(all, index)
    const { rules, minRequests, tickMs, stickySessions, starting = {} } = foreseen
    const seeing = { traffic, exposures, minRequests, tickMs, stickySessions, starting }
    return { ...exposure, effects: rules.map((rule) => worded(effectOf(rule, rules, seeing))) }
  })
}

export function warning(said: Sentence): Warning {
  return { text: english(said), said }
}

function worded(seen: Seen): DetectableEffect {
  return { ...seen, text: english(seen.said) }
}

function effectOf(rule: Rule, rules: readonly Rule[], seeing: Seeing): Seen {
  switch (rule.kind) {
    case 'limit':
      return limitEffect(rule, seeing)
    case 'relative':
      return relativeEffect(rule, seeing)
    case 'sequential':
      return sequentialEffect(rule, rules, seeing)
    case 'silence':
      return { rule: rule.id, smallest: null, said: whenReached(rule.silenceMs, seeing, say`without a line`) }
    case 'own':
      return { rule: rule.id, smallest: null, said: ownEffect(rule, seeing) }
  }
}

/** No traffic says what an own number will be; whether its window fits in can be said. */
function ownEffect(rule: OwnRule, seeing: Seeing): Sentence {
  const windowMs = ownWindowMs(rule)
  return windowMs === null
    ? say`holds, and never rolls back`
    : whenReached(windowMs, seeing, say`beyond what it allows`)
}

function whenReached(windowMs: number, { exposures }: Seeing, what: Sentence): Sentence {
  const [reached, lasting] = [exposedMs(exposures), formatDuration(windowMs)]
  if (windowMs <= reached) return say`rolls back after ${lasting} ${what}`
  return say`cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`
}
