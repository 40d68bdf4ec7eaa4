/**
 * From what traffic on a trigger can roll back at all, and how soon. It waits for requests, so at little traffic its window
 * reaches back beyond its length, at most to where the step began; what a whole step cannot bring it never sees.
 */
import { countsRequests } from '../analysis/window.ts'
import { formatDuration } from '../time.ts'
import { type LimitRule, type RelativeRule, type Rule, TRIGGER_REQUESTS_MAX } from '../analysis/rules.ts'
import { type Exposure, exposedMs, exposuresOf, exposuresUpTo, requestsIn } from './exposure.ts'
import type { ComponentForecast, Foreseen, Seeing } from './detectable-effect.ts'
import { type Sentence, say } from '../say.ts'

/** Requests of the candidate that the trigger of a limit needs. */
export function requestsNeeded(minRequests: number): number {
  return Math.min(Math.max(1, minRequests), TRIGGER_REQUESTS_MAX)
}

type At = Pick<Seeing, 'exposures' | 'tickMs'> & { readonly traffic: { readonly requestsPerSecond: number } }

/** What the window of a trigger holds by the end of a step, and how long it is then: `forMs`, or what `needed` requests take. */
export function windowAt(
  forMs: number,
  needed: number,
  { exposures, tickMs, traffic: { requestsPerSecond } }: At,
): { readonly requests: number; readonly lastsMs: number } {
  const { weight, holdMs } = exposures.at(-1) ?? exposures[0]
  const declared = requestsIn(exposures, forMs, requestsPerSecond).candidate
  const perMs = (requestsPerSecond * weight) / 100_000
  if (declared >= needed || holdMs <= forMs) return { requests: declared, lastsMs: forMs }
  const lastsMs = Math.ceil(needed / perMs / tickMs) * tickMs
  return lastsMs <= holdMs ? { requests: perMs * lastsMs, lastsMs } : { requests: perMs * holdMs, lastsMs: holdMs }
}

/** What is worth a look: all of them where the traffic is not known, else those that it is too little for. */
export function firingNotes({ traffic }: ComponentForecast, foreseen: Foreseen): readonly Sentence[] {
  return foreseen.rules.flatMap((rule) => {
    const note = firingNote(rule, traffic?.requestsPerSecond ?? null, foreseen)
    return note === null ? [] : [note]
  })
}

function firingNote(rule: Rule, rps: number | null, foreseen: Foreseen): Sentence | null {
  if (rule.kind === 'relative') return comparisonNote(rule, rps, foreseen)
  if (rule.kind !== 'limit' || rule.trigger === null || !countsRequests(rule)) return null
  return triggerNote({ ...rule, trigger: rule.trigger }, rps, foreseen)
}

type Triggered = LimitRule & { readonly trigger: NonNullable<LimitRule['trigger']> }

function triggerNote({ id, trigger: { forMs } }: Triggered, rps: number | null, foreseen: Foreseen): Sentence | null {
  const exposures = firstThatLasts(forMs, foreseen)
  if (exposures === null) return null
  const { weight, holdMs } = exposures.at(-1) ?? exposures[0]
  const needed = requestsNeeded(foreseen.minRequests)
  const [atAll, inTime] = [rateFor(needed, weight, Math.max(holdMs, forMs)), rateFor(needed, weight, forMs)]
  const [where, lasting] = [say`${weight} % for ${formatDuration(holdMs)}`, formatDuration(forMs)]
  if (rps === null)
    return say`"${id}" waits for ${needed} requests of the candidate: in ${where} it can roll back from ${atAll} requests/s on, and after ${lasting} from ${inTime} requests/s on`
  const { requests, lastsMs } = windowAt(forMs, needed, { ...foreseen, exposures, traffic: { requestsPerSecond: rps } })
  if (requests < needed)
    return say`"${id}" cannot roll back in ${where}: ${Math.floor(requests)} requests of the candidate are too few, ${needed} are needed, which take ${atAll} requests/s; hold longer, or begin with a larger share`
  if (lastsMs <= forMs) return null
  return say`"${id}" rolls back after ${formatDuration(lastsMs)} at the earliest in ${where}: its ${lasting} are too short for the ${needed} requests that it needs, below ${inTime} requests/s`
}

function comparisonNote({ id, forMs }: RelativeRule, rps: number | null, foreseen: Foreseen): Sentence | null {
  const exposures = firstThatLasts(forMs, foreseen)
  if (exposures === null) return null
  const { weight } = exposures.at(-1) ?? exposures[0]
  const needed = Math.max(1, foreseen.minRequests)
  const least = rateFor(needed, Math.min(weight, weight < 100 ? 100 - weight : weight), forMs)
  if (rps !== null && rps >= least) return null
  return say`"${id}" needs ${needed} requests of each side in its ${formatDuration(forMs)}: at ${weight} % it can roll back from ${least} requests/s on`
}

/** The first step, with those before it, by whose end users have been on the candidate for that long. */
function firstThatLasts(forMs: number, { steps }: Foreseen): Seeing['exposures'] | null {
  const all: readonly Exposure[] = exposuresOf(steps)
  const index = all.findIndex((_, at) => exposedMs(all.slice(0, at + 1)) >= forMs)
  return index < 0 ? null : exposuresUpTo(all, index)
}

/** Requests per second of all users that bring `needed` of a share in percent within that time; two digits, rounded up. */
function rateFor(needed: number, weight: number, ms: number): number {
  return twoDigitsUp((needed * 100_000) / (weight * ms))
}

export function twoDigitsUp(rate: number): number {
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1)
  return Number((Math.ceil(rate / unit - 1e-9) * unit).toPrecision(6))
}
