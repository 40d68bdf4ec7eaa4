/** The shell on a virtual clock: real store semantics, real queue semantics, the real core, and a world that can fail. */
import type { Plan } from '../../src/core/plan.ts'
import type { Actor } from '../../src/core/rollout/inputs.ts'
import type { Instant } from '../../src/core/time.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { fakeOutside, type OutsideOptions } from '../../src/testing/fake-outside.ts'
import { memoryQueue } from '../../src/testing/memory-queue.ts'
import { memoryStore } from '../../src/testing/memory-store.ts'
import { planFor } from '../../src/testing/plans.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

const alex: Actor = { id: 'person:alex', roles: ['release-captain'] }

/** No error at all: with few requests a single one is above any small limit. */
const FAULTLESS = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }

export type EngineWorldOptions = Omit<OutsideOptions, 'now'> & {
  /** Stands between the engine and what is outside. */
  readonly wrap?: (adapters: Adapters, now: () => Instant) => Adapters
}

/** A started engine on a virtual clock: `release` asks for one, `until` and `end` let time pass. */
export async function engineWorld({ wrap = (adapters) => adapters, ...options }: EngineWorldOptions = {}) {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const failures: unknown[] = []
  const queue = memoryQueue({ clock, store, failed: (_, error) => failures.push(error) })
  const traffic = { blue: FAULTLESS, green: FAULTLESS }
  const outside = fakeOutside({ now: () => clock.now(), traffic, ...options })
  const shared = { store, queue, clock, adapters: wrap(outside.adapters, () => clock.now()), log: silent }
  const engine = createEngine(shared)
  await engine.start()
  let next: Plan = planFor()
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => ({
      ok: true,
      value: {
        plan: next,
        planHash: `hash of ${next.artifact.version}`,
        identity: `identity of ${next.artifact.version}`,
      },
    }),
    audit: {
      verify: () => Promise.reject(new Error('not under test')),
      checkpoint: () => Promise.reject(new Error('not under test')),
      export: () => {
        throw new Error('not under test')
      },
    },
    health: async () => ({ ok: true, checks: [] }),
  })
  const release = async (version: string, changes: Partial<Plan> = {}, by: Actor = alex) => {
    const plan = planFor(changes)
    next = {
      ...plan,
      artifact: { ...plan.artifact, version },
      components: plan.components.map((each) => ({
        ...each,
        artifact: { ref: `/builds/${version}`, digest: `sha256:${version}` },
      })),
    }
    const answer = await controlPlane.request({} as never, by, null)
    if (!answer.ok) throw new Error(answer.message)
    return answer.value.id
  }
  const view = async (id: string) => {
    const seen = await controlPlane.rollout(id)
    if (!seen.ok) throw new Error(seen.message)
    return seen.value
  }
  const until = async (id: string, wanted: (phase: string) => boolean, limitMs = 600_000) => {
    for (let waited = 0; waited <= limitMs; waited += 250) {
      const seen = await view(id)
      if (wanted(seen.phase)) return seen
      await clock.advance(250)
    }
    throw new Error(`${id} is still ${(await view(id)).phase} after ${limitMs} ms`)
  }
  const end = (id: string) =>
    until(id, (phase) => ['finalized', 'aborted', 'rolled-back', 'needs-human'].includes(phase))
  return { clock, store, engine, controlPlane, outside, release, until, end, view, failures }
}
