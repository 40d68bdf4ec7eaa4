import type { Rule } from '../analysis/rules.ts'
import type { Starting } from '../analysis/sequential/options.ts'
import type { ExpectedTraffic, Step } from '../plan.ts'
import type { Exposure } from './exposure.ts'
import { english, type Part, type Sentence, say } from '../say.ts'

/** `source` for people: `declared` or `measured since 2026-07-07 12:00 UTC`; `said`: as data, for other languages. */
export type KnownTraffic = ExpectedTraffic & { readonly source: string; readonly said: Sentence }

export function trafficFrom(traffic: ExpectedTraffic, said: Sentence): KnownTraffic {
  return { ...traffic, source: english(said), said }
}

/** What a plan, or a spec without an artifact, says of how it will be judged. */
export type Foreseen = {
  readonly rules: readonly Rule[]
  readonly minRequests: number
  readonly tickMs: number
  /** Some router keeps sessions on the side where they began. */
  readonly stickySessions: boolean
  /** How a candidate may begin: see `SequentialOptions`. */
  readonly starting?: Starting
  readonly steps: readonly Step[]
  /** Every component with a router. */
  readonly components: readonly { readonly name: string; readonly traffic: KnownTraffic | null }[]
}

export type StepForecast = Exposure & { readonly effects: readonly DetectableEffect[] }

export type ComponentForecast = {
  readonly component: string
  /** Null where nobody said and nothing was measured; then there are no effects either. */
  readonly traffic: KnownTraffic | null
  readonly steps: readonly StepForecast[]
}

export type Forecast = { readonly components: readonly ComponentForecast[]; readonly warnings: readonly Warning[] }

/** `said`: `text` as data, for other languages. */
export type Warning = { readonly text: string; readonly said: Sentence }

/** What one rule is likely to see of one component in one step. */
export type DetectableEffect = {
  readonly rule: string
  /**
   * Smallest share of errors, 0-1, that it finds within the step in half of all rollouts; null where it finds none, or
   * where it does not judge errors.
   */
  readonly smallest: number | null
  /** A sentence without its subject: `sees 5 times live's errors (5m; …)`. */
  readonly text: string
  /** `text` as data, for other languages. */
  readonly said: Sentence
}

/** As a rule says it, before it is put into words. */
export type Seen = Omit<DetectableEffect, 'text'>

export type Seeing = {
  readonly traffic: ExpectedTraffic
  /** The step and those before it, oldest first: windows and evidence reach back over all of them. */
  readonly exposures: readonly [Exposure, ...Exposure[]]
  readonly minRequests: number
  readonly tickMs: number
  /** Some router keeps sessions on the side where they began. */
  readonly stickySessions: boolean
  readonly starting: Starting
}

export function stepOf({ exposures }: Seeing): Exposure {
  return exposures.at(-1) ?? exposures[0]
}

/** Mean counts at which a Poisson count is `least` or more in 5, 50 and 95 of 100 cases (Wilson and Hilferty 1931). */
export function meansReaching(least: number): {
  readonly seldom: number
  readonly half: number
  readonly sure: number
} {
  const at = (z: number) => least * Math.max(0, 1 - 1 / (9 * least) + z / (3 * Math.sqrt(least))) ** 3
  return { seldom: at(-1.645), half: at(0), sure: at(1.645) }
}

/** ` (4.6 times live's)`, or nothing where live has no errors to multiply. */
export function timesText(rate: number, baseline: number): Part {
  return baseline > 0 ? say` (${times(rate / baseline)} times live's)` : ''
}

export function times(factor: number): number {
  return Number(factor.toFixed(factor < 10 ? 1 : 0))
}
