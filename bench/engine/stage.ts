/** The real engine on a real PostgreSQL and queue, with an outside that answers at once: what is left is our own work. */
import { setImmediate as turn } from 'node:timers/promises'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { systemClock } from '../../src/composition/clock.ts'
import type { Plan } from '../../src/core/plan.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import type { ControlPlane } from '../../src/engine/control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { type FakeOutside, fakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor } from '../../src/testing/plans.ts'
import { type Spans, watchedQueue, watchedStore } from './watched.ts'

export type Stage = {
  readonly controlPlane: ControlPlane
  readonly outside: FakeOutside
  readonly spans: Spans
  /** Asks for a rollout of `version` and waits for one of `phases`; answers its id. */
  release(version: string, changes: Partial<Plan>): Promise<string>
  ended(id: string, phases?: readonly string[]): Promise<void>
  events(id: string): Promise<readonly StoredEvent[]>
}

const FAULTLESS = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }
const BY = { id: 'person:alex', roles: ['release-captain'] }
const LIMIT_MS = 60_000

export type StageOptions = {
  readonly connectionString: string
  readonly decorate?: (outside: FakeOutside) => Adapters
}

export async function withEngine<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
  const { connectionString, decorate = ({ adapters }) => adapters } = options
  const store = await openPostgresStore({ connectionString })
  const spans: Spans = { transactions: [], deciding: [], waiting: [], looking: [], jobs: [] }
  const queue = watchedQueue(pgBossQueue({ connectionString, store, log: () => undefined }), spans)
  const outside = fakeOutside({
    now: () => systemClock.now(),
    platform: { behaviour: () => ({ readyAfterMs: 0 }) },
    traffic: { rps: 2000, blue: FAULTLESS, green: FAULTLESS },
  })
  const shared = {
    store: watchedStore(store, spans),
    queue,
    log: silent,
    clock: systemClock,
    adapters: decorate(outside),
  }
  const engine = createEngine(shared)
  let next = planFor()
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => ({ ok: true, value: { plan: next, planHash: 'hash', identity: next.artifact.version } }),
    audit: { verify: unused, checkpoint: unused, export: unused },
    health: async () => ({ ok: true, checks: [] }),
  })
  await engine.start()
  const finished = followed(controlPlane)
  try {
    return await work({
      controlPlane,
      outside,
      spans,
      release: async (version, changes) => {
        next = planOf(version, changes)
        const answer = await controlPlane.request({} as never, BY, null)
        if (!answer.ok) throw new Error(answer.message)
        return answer.value.id
      },
      ended: finished,
      events: (id) => store.read(id),
    })
  } finally {
    await engine.stop(5000)
    await store.close()
  }
}

function planOf(version: string, changes: Partial<Plan>): Plan {
  const plan = planFor(changes)
  const components = plan.components.map((each) => ({
    ...each,
    artifact: { ref: `/builds/${version}`, digest: `sha256:${version}` },
  }))
  return { ...plan, artifact: { ...plan.artifact, version }, components }
}

/** Waits by the log's own notifications: a poll would measure itself. */
function followed(controlPlane: ControlPlane) {
  const FINAL = ['finalized', 'aborted', 'rolled-back', 'needs-human']
  return async (id: string, phases: readonly string[] = ['finalized']): Promise<void> => {
    let wake = () => {}
    const unlisten = await controlPlane.listen(() => wake())
    const deadline = Date.now() + LIMIT_MS
    try {
      for (;;) {
        const news = new Promise<void>((resolve) => {
          wake = resolve
          setTimeout(resolve, 250)
        })
        const view = await controlPlane.rollout(id)
        if (!view.ok) throw new Error(view.message)
        const { phase, paused, reason } = view.value
        if (phases.includes(phase)) return
        if (FINAL.includes(phase) || paused || Date.now() > deadline)
          throw new Error(`${id} is ${phase}${paused ? `, paused: ${paused.reason}` : ''}: ${reason}`)
        await news
        await turn()
      }
    } finally {
      await unlisten()
    }
  }
}

function unused(): never {
  throw new Error('not part of this benchmark')
}
