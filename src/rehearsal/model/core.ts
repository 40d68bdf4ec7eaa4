import { decide } from '../../core/rollout/decide.ts'
import { nextDue } from '../../core/rollout/time-shift.ts'

/** What is checked: the decider of this program, or a copy of it with a planted mistake. */
export type Core = { readonly decide: typeof decide; readonly nextDue: typeof nextDue }

export const realCore: Core = { decide, nextDue }
