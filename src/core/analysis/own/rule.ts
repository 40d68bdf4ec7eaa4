/**
 * A number of the service's own that its metrics source answers to a query: token reuse, free disk, connections of the
 * pool, push failures (R-E04, R-E06, R-E08). It is a gauge as far as we know: what is remembered of it is least, greatest
 * and mean of the looks, never a sum.
 */
export type OwnRule = {
  readonly kind: 'own'
  readonly id: string
  /** The service's own word: `token-reuse`. */
  readonly metric: string
  /** As it stands in the spec; `$slot`, `$service`, `$environment` and `$component` are for the source to fill in. */
  readonly query: string
  /** Asked of each slot by itself. Otherwise it is one number of the whole service, which has no live to compare with. */
  readonly perSlot: boolean
  readonly unit: OwnUnit
  /** The component it is judged with; null: every one that gets traffic. */
  readonly component: string | null
  /** Older samples are no evidence; null: whatever is old by the source's own measure. */
  readonly maxAgeMs: number | null
  readonly demand: OwnDemand
}

/** What the query answers: a share as 0-1 or as 0-100, a time, a size, or just a number. Limits are in the same unit. */
export type OwnUnit = 'number' | 'ratio' | 'percent' | 'seconds' | 'milliseconds' | 'bytes'

export type OwnDemand = OwnLimit | OwnComparison | OwnSilence

/** No advance while beyond `max` or `min`; rollback when the trigger lasts. */
export type OwnLimit = {
  readonly kind: 'limit'
  readonly max: number | null
  readonly min: number | null
  readonly trigger: { readonly when: 'above' | 'below'; readonly limit: number; readonly forMs: number } | null
}

/** Rollback when worse than the other side by more than the margin (0.2: 20 %) and `slack` (in the rule's unit) together. */
export type OwnComparison = {
  readonly kind: 'relative'
  readonly to: 'live' | 'before'
  readonly margin: number
  readonly slack: number
  readonly worse: 'higher' | 'lower' | 'either'
  readonly forMs: number
}

/** Rollback when the query answers nothing above 0 for that long. */
export type OwnSilence = { readonly kind: 'silence'; readonly silenceMs: number }

/** The own rules that are judged with one component, and so what its source has to be asked. */
export function ownRulesOf(rules: readonly { readonly kind: string }[], component: string): readonly OwnRule[] {
  const own = rules.filter((rule): rule is OwnRule => rule.kind === 'own')
  return own.filter((rule) => rule.component === null || rule.component === component)
}

/** The window that a demand looks at, ms; null for one that only looks at the step. */
export function ownWindowMs({ demand }: OwnRule): number | null {
  switch (demand.kind) {
    case 'limit':
      return demand.trigger?.forMs ?? null
    case 'relative':
      return demand.forMs
    case 'silence':
      return demand.silenceMs
  }
}
