/**
 * What users get, as last observed: the sentence that stands in every message (law L10). And everything in which that can
 * differ from what it should be, compared in this one place: shares, the maintenance page, a route that is missing, versions
 * and digests, instances that run and that are ready. A share that is as ordered says nothing of whether anybody stands
 * behind it.
 */
import { english, listed, say, saidOr, type Sentence, type Told } from '../say.ts'
import type { RoutePart } from '../parts.ts'
import type { ServingView } from '../views.ts'
import { EMPTY_SLOT, type ObservedSlot, type Slot } from '../observed.ts'
import { exitText } from './steps/deploy.ts'
import { isClosed } from './routes.ts'
import { readyText } from './readiness.ts'
import { type RolloutState, behind, slotOf, desiredInstances, type Difference } from './state.ts'

const SLOTS: readonly Slot[] = ['blue', 'green']

export function versionIn(state: RolloutState, slot: Slot): string | null {
  return slot === state.candidateSlot ? state.plan.artifact.version : (state.stable?.version ?? null)
}

export function serving(state: RolloutState): readonly ServingView[] {
  return state.parts.routes.filter((part) => !isClosed(state, part)).map((part) => partServing(state, part))
}

/** `api: v1 90 %, v2 10 %`; components that serve the same are named together. */
export function servingText(state: RolloutState): Sentence {
  const open = state.parts.routes.filter((part) => !isClosed(state, part))
  const texts = open.map((part) => ({ component: part.id, said: partText(state, part, slotsOf(state, part)) }))
  const [first] = texts
  if (!first) return say`no component gets traffic`
  if (texts.every(({ said }) => english(said) === english(first.said))) return first.said
  return listed(texts.map(({ component, said }) => listed([component, said], ': ')))
}

function slotsOf(state: RolloutState, part: RoutePart): ServingView['slots'] {
  const route = state.routes[part.id] ?? null
  const desired = state.desired[part.id] ?? null
  return SLOTS.map((slot) => ({
    slot,
    weight: route?.value.weights[slot] ?? 0,
    desiredWeight: desired?.[slot] ?? null,
    inFlight: route?.value.inFlight[slot] ?? 0,
    ...occupantOf(state, behind(state, part, slot), slot),
  }))
}

function partText(state: RolloutState, part: RoutePart, slots: ServingView['slots']): Sentence {
  const route = state.routes[part.id]
  return route ? textOf(slots, route.value.maintenance) : unseenText(state)
}

function partServing(state: RolloutState, part: RoutePart): ServingView {
  const component = part.id
  const route = state.routes[component] ?? null
  const slots = slotsOf(state, part)
  const differences = routeDifferences(state, part).map(({ said, text }) => saidOr(said, text))
  return alarmed(
    {
      component,
      url: route?.value.url ?? null,
      observedAt: route?.at ?? null,
      maintenance: route?.value.maintenance ?? false,
      slots,
      ...saying(partText(state, part, slots)),
    },
    differences,
  )
}

function saying(text: Sentence) {
  return { alarm: null, text: english(text), said: { text, alarm: null } }
}

/** The same, with this amiss as well; said before what is known already where `first` is set. */
export function alarmed(view: ServingView, amiss: readonly Told[], first = false): ServingView {
  if (amiss.length === 0) return view
  const known = view.said.alarm === null ? [] : [view.said.alarm]
  const alarm = listed(first ? [...amiss, ...known] : [...known, ...amiss])
  return { ...view, alarm: english(alarm), said: { ...view.said, alarm } }
}

/** What runs in a slot; where nobody looked yet, what should. */
function occupantOf(state: RolloutState, component: string | null, slot: Slot) {
  const seen = (component === null ? undefined : slotOf(state, component, slot)?.value) ?? EMPTY_SLOT
  const version = seen.present ? seen.version : component === null ? null : versionIn(state, slot)
  return { version, ready: seen.ready, desired: seen.desired, unready: seen.unready ?? null }
}

/** A release that waits at its gates has not looked yet: what it found there is what it may say. */
function unseenText({ stable }: RolloutState): Sentence {
  return stable ? say`${stable.version}, last seen before this release` : say`nothing was released here before`
}

function textOf(slots: ServingView['slots'], maintenance: boolean): Sentence {
  if (maintenance) return say`maintenance page`
  const parts = slots
    .filter(({ weight }) => weight > 0)
    .map(({ version, weight }) => listed([version ?? say`unknown version`, `${weight} %`], ' '))
  return parts.length > 0 ? listed(parts, ', ') : say`nothing`
}

/** Nothing is said of what was never seen: that is no data. */
export function routeDifferences(state: RolloutState, part: RoutePart): readonly Difference[] {
  const route = state.routes[part.id]?.value
  if (!route || isClosed(state, part)) return []
  const desired = state.desired[part.id] ?? null
  const served = SLOTS.filter((slot) => route.weights[slot] > 0)
  const found = [
    wrongShares(route, desired),
    ...served.map((slot) => instancesDiffer(state, behind(state, part, slot), slot)),
    ...served.map((slot) =>
      (route.upstreams[slot] ?? []).length === 0 ? say`the route knows no instance of ${slot}` : null,
    ),
  ]
  const differ = found.filter((said) => said !== null)
  const able = served.some((slot) => isAble(state, behind(state, part, slot), slot))
  return differ.map((said) => ({ what: part.id, text: english(said), said, isDown: !able }))
}

type Route = RolloutState['routes'][string]['value']

function wrongShares(route: Route, desired: Readonly<Record<Slot, number>> | null): Sentence | null {
  if (desired === null) return null
  const isOff = desired.blue + desired.green === 0
  if (route.maintenance && !isOff) return say`the maintenance page is shown to everybody`
  if (!route.maintenance && isOff) return say`the maintenance page is desired, but not shown`
  if (route.weights.blue === desired.blue && route.weights.green === desired.green) return null
  if (route.weights.blue + route.weights.green === 0)
    return say`no route is in force: desired blue ${desired.blue} % and green ${desired.green} %`
  return say`desired blue ${desired.blue} % and green ${desired.green} %, observed otherwise`
}

/** A component without a route works all the same: from its start to its end, in the release that is in force. */
export function unroutedDifferences(state: RolloutState): readonly Difference[] {
  if (state.status !== 'finalized') return []
  const routed = new Set(state.parts.routes.map(({ candidate }) => candidate))
  return state.plan.components
    .filter(({ name }) => !routed.has(name))
    .flatMap(({ name }) => {
      const said = instancesDiffer(state, name, state.candidateSlot)
      return said === null
        ? []
        : [{ what: name, text: english(said), said, isDown: !isAble(state, name, state.candidateSlot) }]
    })
}

function isAble(state: RolloutState, component: string | null, slot: Slot): boolean {
  const seen = component === null ? null : slotOf(state, component, slot)
  return seen === null || seen.value.ready > 0
}

function instancesDiffer(state: RolloutState, component: string | null, slot: Slot): Sentence | null {
  const found = component === null ? null : slotOf(state, component, slot)
  if (component === null || found === null) return null
  const seen = found.value
  if (!seen.present) return say`nothing of ${component} runs in ${slot}`
  const other = wrongOccupant(state, component, { slot, seen })
  if (other !== null) return other
  const wanted = slot === state.candidateSlot ? desiredInstances(state, component) : seen.desired
  if (seen.crashLooping) return say`${component} keeps exiting, ${readyText(seen, wanted)}${exitText(seen)}`
  if (seen.ready < wanted) return listed([component, listed([readyText(seen, wanted), exitText(seen)], '')], ' ')
  return null
}

type Occupied = { readonly slot: Slot; readonly seen: ObservedSlot }

function wrongOccupant(state: RolloutState, component: string, { slot, seen }: Occupied): Sentence | null {
  const { version, release, digest } = { ...EMPTY_SLOT, ...seen }
  const wanted = slot === state.candidateSlot ? state.id : (state.stable?.rollout ?? null)
  if (wanted !== null && release !== null && release !== wanted)
    return say`${slot} runs ${version ?? say`an unknown version`} of ${component}, put there by ${release} and not by ${wanted}`
  const planned = state.plan.components.find(({ name }) => name === component)?.artifact.digest
  const differs = slot === state.candidateSlot && digest !== null && planned !== undefined && digest !== planned
  return differs ? say`${slot} runs ${digest} of ${component}, desired ${planned!}` : null
}

export function allDifferences(state: RolloutState): readonly Difference[] {
  return [...state.parts.routes.flatMap((part) => routeDifferences(state, part)), ...unroutedDifferences(state)]
}
