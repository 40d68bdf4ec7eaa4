/** A simulated router: it sends users where its route says, disturbed as the scenario says. */
import type { Slot } from '../../core/observed.ts'
import { ok } from '../../ports/result.ts'
import type { Router } from '../../ports/router.ts'
import type { Faults } from './faults.ts'
import type { Users } from './users.ts'

const SLOTS = ['blue', 'green'] as const

export type Around = { readonly users: Users; readonly faults: Faults; readonly settle: () => void }

export function routerOf(inner: Router, { users, faults, settle }: Around): Router {
  const part = 'router'
  const inFlight = () => Object.fromEntries(SLOTS.map((slot) => [slot, users.inFlight(slot)])) as Record<Slot, number>
  const seen = async (answer: ReturnType<Router['observe']>) => {
    settle()
    const result = await answer
    return result.ok ? ok({ ...result.value, inFlight: inFlight() }) : result
  }
  return {
    capabilities: inner.capabilities,
    listens: inner.listens,
    observe: (signal) => faults.disturb({ part, order: 'observe', perform: () => seen(inner.observe(signal)) }),
    set: (desired, order) => {
      const ignored = () => seen(inner.observe(order.signal))
      const lied = async () => {
        const truth = await ignored()
        return truth.ok ? ok({ ...truth.value, ...desired, generation: order.fence }) : truth
      }
      return faults.disturb({ part, order: 'set', ignored, lied, perform: () => seen(inner.set(desired, order)) })
    },
    remove: (order) => {
      const ignored = () => seen(inner.observe(order.signal))
      return faults.disturb({ part, order: 'set', ignored, perform: () => seen(inner.remove(order)) })
    },
  }
}
