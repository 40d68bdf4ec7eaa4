/**
 * What can be looked at, and since when it cannot. No evidence is never a pass (law L3); seen from the other side: users are
 * never left for long on something that nobody can see.
 *
 * - What a platform shows of the candidate, and what a router has in force, is quickly missed: instances may exit unseen. After
 *   `lookLimitMs` the candidate goes back, without asking anybody.
 * - Counts are missed more slowly: platform and router still tell of crashes. Such a release holds, people are called, and after
 *   `noDataForMs` it goes back, unless somebody says by name that it shall go on waiting.
 * - A first release has nothing to go back to but a maintenance page, so that it waits the longer time for everything.
 * - What stands by is missed without consequence for the candidate: it is alarmed.
 */
import { asClause, listed, quote, say, saidOr, type Sentence, type Told } from '../say.ts'
import { type Alarm, alarm } from '../alarm.ts'
import { isEmpty } from '../json.ts'
import type { EventData, RolloutEvent } from './events.ts'
import type { Plan } from '../plan.ts'
import type { Slot } from '../observed.ts'
import { timeOfDay } from '../analysis/text.ts'
import { type Instant, after, formatDuration } from '../time.ts'
import { type RolloutState, liveSlot, type UnseenSince, type Trigger } from './state.ts'

const NO_DATA_FOR_MS = 300_000
const LOOK_LIMIT_MS = 20_000
const LOOK_LIMIT_TICKS = 4
/** One look that fails, or two, may be a moment's overload. */
export const NO_DATA_LOOKS = 3

/** Plans of earlier versions do not say. */
export function lookLimitMs({ timings }: Pick<Plan, 'timings'>): number {
  return timings.lookLimitMs ?? lookLimitFor(timings.tickMs)
}

export function lookLimitFor(tickMs: number): number {
  return Math.max(LOOK_LIMIT_TICKS * tickMs, LOOK_LIMIT_MS)
}

export function noDataForMs({ timings }: Pick<Plan, 'timings'>): number {
  return timings.noDataForMs ?? NO_DATA_FOR_MS
}

/** What a look calls one slot of a component. */
export function slotPart(slot: Slot, component: string): string {
  return `slot ${slot} of ${component}`
}

/** What a look calls the route of a component. */
export function routePart(component: string): string {
  return `route of ${component}`
}

/** What a look calls the numbers of a component. */
export function metricsPart(component: string): string {
  return `metrics of ${component}`
}

/** What of the candidate is seen only here, by its name in a look: `quick` parts are missed within ticks. */
export type Part = {
  readonly name: string
  readonly of: 'slot' | 'route' | 'metrics'
  readonly component: string
  /** Of a slot alone. */
  readonly slot: Slot | null
  readonly importance: 'quick' | 'slow' | 'standby'
}

/** Its name, for people. */
export function partSaid({ of, component, slot }: Pick<Part, 'of' | 'component' | 'slot'>): Sentence {
  if (of === 'slot') return say`slot ${slot ?? ''} of ${component}`
  return of === 'route' ? say`route of ${component}` : say`metrics of ${component}`
}

/** What a look called so, for people; a name that is none of this rollout's stands as it is. */
export function namedPart(state: RolloutState, what: string): Told {
  const part = partsOf(state).find(({ name }) => name === what)
  return part ? partSaid(part) : quote(what)
}

export function partsOf(state: RolloutState): readonly Part[] {
  const { plan, candidateSlot, stable } = state
  const importance = stable ? 'quick' : 'slow'
  const slots = plan.components.map(({ name }) => slotIn(candidateSlot, name, importance))
  const standby = namesOf(state).map((name) => slotIn(liveSlot(state), name, 'standby'))
  const routes = state.parts.routes.map(({ id, candidate }): Part => {
    const missed = candidate === null ? 'standby' : importance
    return { name: routePart(id), of: 'route', component: id, slot: null, importance: missed }
  })
  const counts = countedOf(state).map((id): Part => {
    return { name: metricsPart(id), of: 'metrics', component: id, slot: null, importance: 'slow' }
  })
  return [...slots, ...standby, ...routes, ...counts]
}

function slotIn(slot: Slot, component: string, importance: Part['importance']): Part {
  return { name: slotPart(slot, component), of: 'slot', component, slot, importance }
}

/** Components of this release and of the previous one. */
function namesOf({ plan, parts }: RolloutState): readonly string[] {
  const names = plan.components.map(({ name }) => name)
  return [...names, ...parts.live.filter((name) => !names.includes(name))]
}

/** Routes that are judged now: others have nothing to be counted. */
function countedOf({ parts, analysis }: RolloutState): readonly string[] {
  return parts.routes.filter(({ id, late }) => !late && analysis.components[id] !== undefined).map(({ id }) => id)
}

type Looked = Pick<EventData<'WorldObserved'>, 'slots' | 'routes' | 'failures'>

/** After a look. Counts are seen when they are recorded (`sawCounts`): an answer that cannot be used is none. */
export function lookedAround(
  state: RolloutState,
  { slots, routes, failures }: Looked,
  { at, metrics }: { readonly at: Instant; readonly metrics: boolean },
): Pick<RolloutState, 'unseen' | 'noData'> {
  const why = (name: string) => failures.find(({ what }) => what === name)?.message ?? 'the look did not show it'
  const sawSlot = (name: string, slot: Slot) => slots[name]?.[slot] !== undefined
  const { candidateSlot } = state
  const live = liveSlot(state)
  const seen = new Map<string, boolean>()
  for (const name of namesOf(state)) {
    seen.set(slotPart(candidateSlot, name), sawSlot(name, candidateSlot))
    seen.set(slotPart(live, name), sawSlot(name, live))
  }
  for (const { id } of state.parts.routes) seen.set(routePart(id), routes[id] !== undefined)
  // Nothing can be counted where the router has no route yet: that is the order's answer to miss, and no fault of the counts.
  // Before users met the candidate, a miss says since when, and harms nobody.
  const routed = (id: string) => !state.exposed || routes[id]?.generation !== 0
  if (metrics) for (const id of countedOf(state).filter(routed)) seen.set(metricsPart(id), false)
  return withVisibility(state, seen, { at, why })
}

/** A look that brought nothing at all. */
export function lookFailed(
  state: RolloutState,
  { at, metrics, why }: { readonly at: Instant; readonly metrics: boolean; readonly why: string },
): Pick<RolloutState, 'unseen' | 'noData'> {
  const missed = partsOf(state).filter(({ of }) => metrics || of !== 'metrics')
  return withVisibility(state, new Map(missed.map(({ name }) => [name, false])), { at, why: () => why })
}

export function sawCounts(
  state: RolloutState,
  component: string,
  at: Instant,
): Pick<RolloutState, 'unseen' | 'noData'> {
  return withVisibility(state, new Map([[metricsPart(component), true]]), { at, why: () => '' })
}

type Seen = { readonly at: Instant; readonly why: (part: string) => string }

function withVisibility(state: RolloutState, seen: ReadonlyMap<string, boolean>, { at, why }: Seen) {
  const isCalm = state.noData === null && isEmpty(state.unseen) && [...seen.values()].every(Boolean)
  if (isCalm) return { unseen: state.unseen, noData: null }
  const unseen: Record<string, UnseenSince> = { ...state.unseen }
  for (const [part, isSeen] of seen) {
    const before = state.unseen[part]
    if (isSeen) delete unseen[part]
    else if (before) unseen[part] = { ...before, looks: before.looks + 1, why: why(part) }
    else {
      const since = lastSeen(state, part) ?? at
      unseen[part] = { since, from: since, looks: 1, why: why(part) }
    }
  }
  return { unseen, noData: heardOf(state.noData, unseen, at) }
}

function heardOf(told: RolloutState['noData'], unseen: RolloutState['unseen'], at: Instant): RolloutState['noData'] {
  if (told === null) return null
  // Counts are missed until the same look has recorded them.
  const lasts = told.parts.some((part) => (unseen[part]?.looks ?? 0) > 1)
  return { ...told, quietSince: lasts ? null : (told.quietSince ?? at) }
}

function lastSeen(state: RolloutState, part: string): Instant | null {
  const { slots, routes, metrics } = state
  for (const name of namesOf(state)) {
    if (part === metricsPart(name)) return metrics[name]?.at ?? null
    if (part === routePart(name)) return routes[name]?.at ?? null
    for (const slot of ['blue', 'green'] as const)
      if (part === slotPart(slot, name)) return slots[name]?.[slot]?.at ?? null
  }
  return null
}

/** Users meet the candidate now: nobody could have been harmed before, and no route had anything to count. */
export function countedFrom(unseen: RolloutState['unseen'], at: Instant): RolloutState['unseen'] {
  return mapped(unseen, (each) => ({ ...each, from: at, looks: 0 }))
}

/** Whatever could not be seen because nobody looked does not count. */
export function shiftedVisibility(unseen: RolloutState['unseen'], ms: number): RolloutState['unseen'] {
  const moved = (at: Instant) => (at + ms) as Instant
  return mapped(unseen, (each) => ({
    ...each,
    from: moved(each.from),
    since: ms < 0 ? moved(each.since) : each.since,
  }))
}

function mapped(unseen: RolloutState['unseen'], change: (each: UnseenSince) => UnseenSince): RolloutState['unseen'] {
  return Object.fromEntries(Object.entries(unseen).map(([part, each]) => [part, change(each)]))
}

export type Unseen = Part & UnseenSince

/** What of the candidate, or of its users' way, the newest look did not show. */
export function unseen(state: RolloutState): readonly Unseen[] {
  return partsOf(state).flatMap((part) => {
    const found = state.unseen[part.name]
    return found ? [{ ...part, ...found }] : []
  })
}

/** No step may be left forwards while the newest look did not show this: what was seen before may be gone. */
export function isCandidateUnseen(state: RolloutState): boolean {
  return unseen(state).some(({ of, importance }) => importance !== 'standby' && of !== 'metrics')
}

/** Everything must have been seen for so many ticks before the next gap is another one. */
const QUIET_TICKS = 12

/** A pause stops this no more than any other trigger. */
export function withoutDataTooLong(state: RolloutState, now: Instant): Trigger | null {
  const late = missed(state).filter((part) => part.looks >= NO_DATA_LOOKS && now >= limitOf(state, part))
  if (late.length === 0) return null
  const unasked = late.some(({ importance }) => importance === 'slow') ? say`, and nobody let it wait` : ''
  const said = say`${listed(late.map((part) => lateText(part, now)))}${unasked}`
  return { cause: 'no-data', said, verdict: null }
}

/** People are told of what is missed slowly as soon as it is sure, and when it is over. */
export function noDataNews(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const { noData, plan, exposed } = state
  if (!exposed) return []
  const soonMs = lookLimitMs(plan)
  const sure = missed(state).filter(
    ({ importance, looks, from }) => importance === 'slow' && looks >= NO_DATA_LOOKS && now - from >= soonMs,
  )
  if (sure.some(({ name }) => !noData?.parts.includes(name))) {
    const parts = sure.map((part) => ({ what: part.name, said: partSaid(part), since: part.since, why: part.why }))
    const until = Math.min(...sure.map((part) => limitOf(state, part))) as Instant
    return [{ type: 'NoDataFound', data: { parts, until } }]
  }
  if (!noData?.quietSince || now - noData.quietSince < QUIET_TICKS * plan.timings.tickMs) return []
  return [{ type: 'NoDataEnded', data: { lastedMs: Math.max(0, noData.quietSince - noData.since) } }]
}

/** A person says by name that the release shall wait; empty when there is nothing of which that could be said. */
export function answeredFor(state: RolloutState, by: string): readonly RolloutEvent[] {
  const { status, noData } = state
  if (status !== 'running' || noData === null || noData.answeredBy !== null) return []
  const said = listed(
    noData.parts.map((what) => namedPart(state, what)),
    ', ',
  )
  return [{ type: 'NoDataAnswered', data: { by, parts: noData.parts, said } }]
}

/** When the candidate goes back unless something is seen again or somebody answers; null: it does not. */
export function rollsBackAt(state: RolloutState): Instant | null {
  if (state.status !== 'running' || !state.exposed) return null
  const limits = missed(state).map((part) => limitOf(state, part))
  return limits.length === 0 ? null : (Math.min(...limits) as Instant)
}

/** What cannot be seen, for people: one look that failed is not worth a word. */
export function noDataAlarms(state: RolloutState): readonly Alarm[] {
  const counted = state.status === 'running' && state.exposed ? missed(state) : []
  return unseen(state)
    .filter(({ looks }) => looks > 1)
    .map((part) => {
      const until = counted.some(({ name }) => name === part.name) ? limitOf(state, part) : null
      return alarm({ kind: 'no-data', since: part.since, until }, { what: partSaid(part), why: quote(part.why) })
    })
}

/** What counts against the candidate. */
function missed(state: RolloutState): readonly Unseen[] {
  const { noData } = state
  const answered = (name: string) => noData?.answeredBy != null && noData.parts.includes(name)
  return unseen(state).filter(({ name, importance }) => importance !== 'standby' && !answered(name))
}

function limitOf({ plan }: RolloutState, { importance, from }: Unseen): Instant {
  return after(from, importance === 'slow' ? noDataForMs(plan) : lookLimitMs(plan))
}

function lateText(part: Unseen, now: Instant): Sentence {
  const { since, looks, why } = part
  return say`${partSaid(part)} could not be seen for ${formatDuration(now - since)}, ${looks} looks in a row: ${quote(why)}`
}

/** `metrics of api: not seen since 12:00:05 UTC, connection refused` */
export function noDataText({ what, said, since, why }: EventData<'NoDataFound'>['parts'][number]): Sentence {
  return say`${saidOr(said, what)}: not seen since ${timeOfDay(since)} UTC, ${quote(asClause(why))}`
}
