/**
 * The control plane of a rehearsal: the real engine over a store in memory. It can be killed at any moment, as by SIGKILL:
 * what it was in the middle of never ends, whoever waited for its answer sees the connection reset, and what it had written
 * is all that the next life finds.
 */
import type { ControlPlane, PlannedRollout } from '../engine/control-plane.ts'
import { createControlPlane } from '../engine/create-control-plane.ts'
import { createEngine } from '../engine/engine.ts'
import { silent } from '../ports/log.ts'
import type { Broken, Engine } from '../engine/running.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Store } from '../ports/store.ts'
import { type MemoryStore, memoryStore } from '../testing/memory-store.ts'
import type { VirtualClock } from '../testing/virtual-clock.ts'
import { connectionTo } from './connection.ts'
import { RehearsalQueue } from './queue.ts'

export type House = {
  readonly store: MemoryStore
  readonly queue: RehearsalQueue
  /** The living control plane; null while it is dead. */
  controlPlane(): ControlPlane | null
  start(): Promise<void>
  kill(): void
  /** What must never happen: an interlock that stopped a rollout, a handler that threw. */
  failures(): readonly unknown[]
}

export type HouseOptions = {
  readonly clock: VirtualClock
  readonly adapters: Adapters
  /** What the next request is compiled to. */
  readonly planned: () => PlannedRollout
}

/** Between orders nothing hurries: hand-overs happen at once, sweeps only find what a crash left. */
const SWEEP_MS = 60_000
const RECONCILE_MS = 30_000

type Life = { readonly controlPlane: ControlPlane; readonly engine: Engine; readonly die: () => void }

export function rehearsalHouse(options: HouseOptions): House {
  const store = memoryStore({ clock: options.clock, trusting: true })
  const queue = new RehearsalQueue({ clock: options.clock, store })
  const said: unknown[] = []
  let life: Life | null = null
  return {
    store,
    queue,
    failures: () => [...queue.failures, ...said],
    controlPlane: () => life?.controlPlane ?? null,
    async start() {
      if (life) return
      life = live(options, { store, queue, said })
      await life.engine.start()
    },
    kill() {
      life?.die()
      void life?.engine.stop(0)
      life = null
    },
  }
}

type Parts = { readonly store: Store; readonly queue: RehearsalQueue; readonly said: unknown[] }

function live({ clock, adapters, planned }: HouseOptions, { store, queue, said }: Parts): Life {
  const mortal = mortalStore(store)
  const shared = {
    store: mortal.store,
    queue: queue.connect(mortal.store),
    clock,
    adapters,
    log: silent,
    broken: (what: Broken) => said.push(textOf(what)),
    sweepMs: SWEEP_MS,
    reconcileMs: RECONCILE_MS,
  }
  const engine = createEngine(shared)
  const compile = async () => ({ ok: true, value: planned() }) as const
  const health = async () => ({ ok: true, checks: [] })
  const connection = connectionTo(createControlPlane({ ...shared, engine, compile, audit: NO_AUDIT, health }))
  const die = () => {
    mortal.die()
    connection.reset()
  }
  return { controlPlane: connection.controlPlane, engine, die }
}

const none = () => {
  throw new Error('a rehearsal has no audit log')
}
const NO_AUDIT = { verify: async () => none(), checkpoint: async () => none(), export: none }

/** What a dead process still asks is never answered, and what it still writes is never written. */
function mortalStore(store: Store): { readonly store: Store; readonly die: () => void } {
  let isDead = false
  const mortal = new Proxy(store, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver)
      if (typeof member !== 'function') return member
      return (...given: readonly unknown[]) => (isDead ? never : survives(member.apply(target, given), () => isDead))
    },
  })
  return {
    store: mortal,
    die: () => {
      isDead = true
    },
  }
}

const never = new Promise<never>(() => undefined)

function survives(answer: unknown, isDead: () => boolean): unknown {
  if (!(answer instanceof Promise)) return answer
  return answer.then(
    (value) => (isDead() ? never : value),
    (error) => (isDead() ? never : Promise.reject(error)),
  )
}

function textOf(broken: Broken): string {
  if (broken.what === 'background work') return `background work failed: ${broken.error}`
  return `an interlock stopped ${broken.stream}: ${broken.error}`
}
