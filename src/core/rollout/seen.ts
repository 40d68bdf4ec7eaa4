/** Observations with the moment they were made: newer ones replace older ones, slot by slot. */
import type { ObservedSlot, Slot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { EventData } from './events.ts'
import type { RolloutState, Seen } from './state.ts'

export function withSlot(state: RolloutState, data: EventData<'SlotObserved'>, at: Instant): RolloutState['slots'] {
  return mergeSlots(state, { [data.component]: { [data.slot]: data.observed } }, at)
}

export function mergeSlots(
  state: RolloutState,
  seen: Readonly<Record<string, Readonly<Partial<Record<Slot, ObservedSlot>>>>>,
  at: Instant,
): RolloutState['slots'] {
  const merged: Record<string, Partial<Record<Slot, Seen<ObservedSlot>>>> = { ...state.slots }
  for (const [component, slots] of Object.entries(seen))
    merged[component] = { ...merged[component], ...seenAll(slots, at) }
  return merged
}

export function seenAll<T>(values: Readonly<Record<string, T>>, at: Instant): Record<string, Seen<T>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, at }]))
}

/** Until a look says what is there now. */
export function doubted(
  slots: RolloutState['slots'],
  { component, slot }: { readonly component: string; readonly slot: Slot },
): RolloutState['slots'] {
  const seen = slots[component]?.[slot]
  return seen ? { ...slots, [component]: { ...slots[component], [slot]: { ...seen, doubted: true } } } : slots
}

/** What a look calls one slot of a component. */
export function slotPart(slot: Slot, component: string): string {
  return `slot ${slot} of ${component}`
}

/** What a look calls the route of a component. */
export function routePart(component: string): string {
  return `route of ${component}`
}

const METRICS_OF = 'metrics of '

/** What a look calls the numbers of a component, where it could not have them. */
export function metricsPart(component: string): string {
  return METRICS_OF + component
}

export function metricsFailures(failures: EventData<'WorldObserved'>['failures']) {
  return failures
    .filter(({ what }) => what.startsWith(METRICS_OF))
    .map(({ what, message }) => ({ component: what.slice(METRICS_OF.length), message }))
}
