/**
 * Before anything starts: what will each step see at the traffic that this service has, and which of its rules would stop
 * healthy releases? Said at plan time, since afterwards a blind step looks exactly like a good one.
 */
import { english, say, type Sentence } from '../../say.ts'
import type { Step } from '../../plan.ts'
import { type OwnRule, ownWindowMs } from '../own/rule.ts'
import type { Rule } from '../rules.ts'
import { type ExpectedTraffic, type Exposure, exposedMs, exposuresOf } from './exposure.ts'
import { limitSight } from './limit-sight.ts'
import { relativeSight } from './relative-sight.ts'
import { sequentialSight } from './sequential-sight.ts'
import type { Seeing, Seen, Sight } from './sight.ts'
import { onlyComparisons } from './suggestion.ts'
import { outlookWarnings } from './warnings.ts'
import { formatDuration } from '../../time.ts'

/** `source` for people: `declared` or `measured since 2026-07-07 12:00 UTC`. */
export type KnownTraffic = ExpectedTraffic & { readonly source: string }

/** What a plan, or a spec without an artifact, says of how it will be judged. */
export type Foreseen = {
  readonly rules: readonly Rule[]
  readonly minRequests: number
  readonly tickMs: number
  /** Some router keeps sessions on the side where they began. */
  readonly stickySessions: boolean
  readonly steps: readonly Step[]
  /** Every component with a router. */
  readonly components: readonly { readonly name: string; readonly traffic: KnownTraffic | null }[]
}

export type StepOutlook = Exposure & { readonly sights: readonly Sight[] }

export type ComponentOutlook = {
  readonly component: string
  /** Null where nobody said and nothing was measured; then there are no sights either. */
  readonly traffic: KnownTraffic | null
  readonly steps: readonly StepOutlook[]
}

export type Outlook = { readonly components: readonly ComponentOutlook[]; readonly warnings: readonly Warning[] }

/** `said`: `text` as data, for other languages. */
export type Warning = { readonly text: string; readonly said: Sentence }

export function outlookOf(foreseen: Foreseen): Outlook {
  const components = foreseen.components.map(({ name, traffic }) => ({
    component: name,
    traffic,
    steps: traffic === null ? [] : stepOutlooks(foreseen, traffic),
  }))
  const warnings = components.flatMap((component) => outlookWarnings(component, foreseen))
  return { components, warnings: [...onlyComparisons(foreseen), ...warnings].map(warning) }
}

function stepOutlooks(foreseen: Foreseen, traffic: ExpectedTraffic): readonly StepOutlook[] {
  const all = exposuresOf(foreseen.steps)
  return all.map((exposure, index) => {
    const exposures = [...all.slice(0, index), exposure] as unknown as Seeing['exposures']
    const { rules, minRequests, tickMs, stickySessions } = foreseen
    const seeing = { traffic, exposures, minRequests, tickMs, stickySessions }
    return { ...exposure, sights: rules.map((rule) => worded(sightOf(rule, rules, seeing))) }
  })
}

export function warning(said: Sentence): Warning {
  return { text: english(said), said }
}

function worded(seen: Seen): Sight {
  return { ...seen, text: english(seen.said) }
}

function sightOf(rule: Rule, rules: readonly Rule[], seeing: Seeing): Seen {
  switch (rule.kind) {
    case 'limit':
      return limitSight(rule, seeing)
    case 'relative':
      return relativeSight(rule, seeing)
    case 'sequential':
      return sequentialSight(rule, rules, seeing)
    case 'silence':
      return { rule: rule.id, smallest: null, said: whenReached(rule.silenceMs, seeing, say`without a line`) }
    case 'own':
      return { rule: rule.id, smallest: null, said: ownSight(rule, seeing) }
  }
}

/** No traffic says what an own number will be; whether its window fits in can be said. */
function ownSight(rule: OwnRule, seeing: Seeing): Sentence {
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
