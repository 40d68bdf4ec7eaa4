/** Ends everything that a control plane's rollouts have started, router included: for demos and tests, never for production. */
import { environmentFacts, stateFrom } from '../engine/rollouts.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Store } from '../ports/store.ts'
import type { Plan } from '../core/plan.ts'
import type { DataPlane } from './data-plane.ts'
import { timeLimit } from '../timers.ts'

const LIMIT_MS = 30_000

export async function tearDown(store: Store, adapters: Adapters, dataPlane: DataPlane): Promise<void> {
  const fence = (await store.size()) + 1
  for (const { service, environment } of await store.environments()) {
    const plans = await plansOf(store, { service, environment })
    for (const plan of plans) await stopSlots(adapters, plan, fence)
  }
  const health = await (await dataPlane.client()).health()
  await dataPlane.stop()
  if (health.ok) process.kill(health.value.pid, 'SIGTERM')
}

async function plansOf(
  store: Store,
  { service, environment }: { service: string; environment: string },
): Promise<readonly Plan[]> {
  const row = await store.environment(service, environment)
  if (!row) return []
  const ids = [row.holder, environmentFacts(row).stable?.rollout ?? null].filter((id) => id !== null)
  const states = await Promise.all(
    ids.map(async (id) => store.row(id).then((found) => found && stateFrom(store, found))),
  )
  return states.filter((state) => state !== null).map(({ plan }) => plan)
}

async function stopSlots(adapters: Adapters, plan: Plan, fence: number): Promise<void> {
  for (const component of plan.components) {
    const platform = adapters.platform(plan, component)
    for (const slot of ['blue', 'green'] as const) {
      const seen = await platform.observe(slot, timeLimit(LIMIT_MS))
      if (!seen.ok || !seen.value.present || seen.value.release === null) continue
      await platform.stop(slot, seen.value.release, { key: 'tear-down', fence, signal: timeLimit(LIMIT_MS) })
    }
  }
}
