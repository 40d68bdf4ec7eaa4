/** A simulated platform: what stands in two slots, disturbed as the scenario says. */
import { type Order, ok } from '../../ports/result.ts'
import type { Platform, DesiredSlot } from '../../ports/platform.ts'
import type { Slot } from '../../core/observed.ts'
import type { FakePlatform } from '../../testing/fake-platform.ts'
import type { Faults } from './faults.ts'

/** `workers`: releases that have no router here, so that whatever runs takes jobs. */
export type Starts = { readonly seen: Set<string>; again: number; readonly workers: Set<string> }
export type PlatformParts = {
  readonly slots: FakePlatform
  readonly starts: Starts
  readonly faults: Faults
  /** Lets users come up to now: before and after everything that they can notice. */
  readonly settle: () => void
  readonly isWorker: boolean
}

export function platformOf(parts: PlatformParts): Platform {
  const { slots, faults, settle } = parts
  const part = 'platform'
  return {
    capabilities: slots.capabilities,
    logs: (slot, query, signal) => slots.logs(slot, query, signal),
    observe: (slot, signal) => faults.disturb({ part, order: 'observe', perform: () => slots.observe(slot, signal) }),
    ensure: (slot, desired, order) => {
      const perform = () => ensure(parts, slot, { desired, order })
      return faults.disturb({ part, order: 'ensure', ignored: () => ok(slots.peek(slot)), perform })
    },
    stop: (slot, release, order) => {
      const perform = async () => {
        settle()
        const answer = await slots.stop(slot, release, order)
        settle()
        return answer
      }
      return faults.disturb({ part, order: 'stop', ignored: () => ok(slots.peek(slot)), perform })
    },
  }
}

type Ensure = { readonly desired: DesiredSlot; readonly order: Order }

async function ensure({ slots, starts, settle, isWorker }: PlatformParts, slot: Slot, { desired, order }: Ensure) {
  settle()
  const isThere = slots.peek(slot).present
  const answer = await slots.ensure(slot, desired, order)
  if (answer.ok && !isThere && starts.seen.has(desired.release)) starts.again += answer.value.desired
  starts.seen.add(desired.release)
  if (isWorker) starts.workers.add(desired.release)
  settle()
  return answer
}
