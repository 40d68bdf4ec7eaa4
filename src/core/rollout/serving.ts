/** What users get, as last observed: the sentence that stands in every message (law L10). */
import { EMPTY_SLOT, type Slot } from '../observed.ts'
import type { ServingView } from '../views.ts'
import { routeDifferences } from './differences.ts'
import type { RoutePart } from '../parts.ts'
import { isClosed } from './routes.ts'
import { behind, type RolloutState, slotOf } from './state.ts'

const SLOTS: readonly Slot[] = ['blue', 'green']

export function versionIn(state: RolloutState, slot: Slot): string | null {
  return slot === state.candidateSlot ? state.plan.artifact.version : (state.stable?.version ?? null)
}

export function serving(state: RolloutState): readonly ServingView[] {
  return state.parts.routes.filter((part) => !isClosed(state, part)).map((part) => partServing(state, part))
}

/** `api: v1 90 %, v2 10 %`; components that serve the same are named together. */
export function servingText(state: RolloutState): string {
  const texts = serving(state).map(({ component, text }) => ({ component, text }))
  const [first] = texts
  if (!first) return 'no component gets traffic'
  if (texts.every(({ text }) => text === first.text)) return first.text
  return texts.map(({ component, text }) => `${component}: ${text}`).join('; ')
}

function partServing(state: RolloutState, part: RoutePart): ServingView {
  const component = part.id
  const route = state.routes[component] ?? null
  const desired = state.desired[component] ?? null
  const slots = SLOTS.map((slot) => ({
    slot,
    weight: route?.value.weights[slot] ?? 0,
    desiredWeight: desired?.[slot] ?? null,
    inFlight: route?.value.inFlight[slot] ?? 0,
    ...occupantOf(state, behind(state, part, slot), slot),
  }))
  const differences = routeDifferences(state, part).map(({ text }) => text)
  return {
    component,
    url: route?.value.url ?? null,
    observedAt: route?.at ?? null,
    maintenance: route?.value.maintenance ?? false,
    slots,
    alarm: differences.length > 0 ? differences.join('; ') : null,
    text: route ? textOf(slots, route.value.maintenance) : unseenText(state),
  }
}

/** What runs in a slot; where nobody looked yet, what should. */
function occupantOf(state: RolloutState, component: string | null, slot: Slot) {
  const seen = (component === null ? undefined : slotOf(state, component, slot)?.value) ?? EMPTY_SLOT
  const version = seen.present ? seen.version : component === null ? null : versionIn(state, slot)
  return { version, ready: seen.ready, desired: seen.desired, unready: seen.unready ?? null }
}

/** A release that waits at its gates has not looked yet: what it found there is what it may say. */
function unseenText({ stable }: RolloutState): string {
  return stable ? `${stable.version}, last seen before this release` : 'nothing was released here before'
}

function textOf(slots: ServingView['slots'], maintenance: boolean): string {
  if (maintenance) return 'maintenance page'
  const parts = slots
    .filter(({ weight }) => weight > 0)
    .map(({ version, weight }) => `${version ?? 'unknown version'} ${weight} %`)
  return parts.length > 0 ? parts.join(', ') : 'nothing'
}
