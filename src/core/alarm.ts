import type { Instant } from './time.ts'

/**
 * Something that somebody should know now. `no-data`: `what` cannot be looked at since then. `unwell`: what serves is not as it
 * should be. `not-driven`: Stellwerk itself fails to go on with it.
 * `disk`: its own disk is nearly full. `undelivered`: messages were given up that nobody has sent again.
 */
export type Alarm = {
  readonly kind: 'no-data' | 'unwell' | 'not-driven' | 'disk' | 'undelivered'
  /** `metrics of api`, `api`, `shop-prod-7`, `control plane`, `messages` */
  readonly what: string
  readonly since: Instant
  /** When the candidate goes back for it, unless it ends or a person answers; null: it does not. */
  readonly until: Instant | null
  readonly why: string
}

/** An alarm with where it is; null: it is the control plane's own. */
export type PlacedAlarm = Alarm & { readonly service: string | null; readonly environment: string | null }
