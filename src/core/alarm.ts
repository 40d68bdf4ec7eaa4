import { english, type Told } from './say.ts'
import type { Instant } from './time.ts'

/**
 * Something that somebody should know now. `no-data`: `what` cannot be looked at since then. `unwell`: what serves is not as it
 * should be. `not-driven`: Stellwerk itself fails to go on with it.
 * `disk`: its own disk is nearly full. `undelivered`: messages were given up that nobody has sent again.
 */
export const ALARM_KINDS = ['no-data', 'unwell', 'not-driven', 'disk', 'undelivered'] as const

export type Alarm = {
  readonly kind: (typeof ALARM_KINDS)[number]
  /** `metrics of api`, `api`, `shop-prod-7`, `control plane`, `messages` */
  readonly what: string
  readonly since: Instant
  /** When the candidate goes back for it, unless it ends or a person answers; null: it does not. */
  readonly until: Instant | null
  readonly why: string
  /** `what` and `why` as data, for other languages. */
  readonly said: { readonly what: Told; readonly why: Told }
}

/** An alarm with where it is; null: it is the control plane's own. */
export type PlacedAlarm = Alarm & { readonly service: string | null; readonly environment: string | null }

type About = Pick<Alarm, 'kind' | 'since'> & { readonly until?: Instant | null }

export function alarm({ kind, since, until = null }: About, said: Alarm['said']): Alarm {
  return { kind, what: english(said.what), since, until, why: english(said.why), said }
}
