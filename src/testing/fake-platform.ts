/**
 * A platform in memory whose time is what `now` says: for tests of the engine and for rehearsals. It passes the contract
 * suite of `platform-contract.ts`, so what it does well, a real platform does too; what goes wrong is ordered beforehand.
 */
import { EMPTY_SLOT, type ObservedSlot, type Slot } from '../core/observed.ts'
import { type Instant, instant } from '../core/time.ts'
import type { LogLine, LogQuery, Platform, PlatformCapabilities, DesiredSlot } from '../ports/platform.ts'
import { type FailureKind, type Order, type Result, failure, ok } from '../ports/result.ts'
import {
  type Behaviour,
  exit,
  type FakeInstance,
  HEALTHY,
  isCrashLooping,
  isReady,
  memoryOf,
  probesIn,
  settle,
  startInstance,
} from './fake-instances.ts'

export type FakeCall = {
  readonly method: 'observe' | 'ensure' | 'stop' | 'logs'
  readonly slot: Slot
  readonly release: string | null
  readonly instances: number | null
  /** Null for `observe` and `logs`, which are no orders. */
  readonly key: string | null
  readonly at: Instant
  /** 1 for the first call of this method. */
  readonly count: number
}

/** `performed: true` is a lost acknowledgement: it happened, and the caller is told that it failed. */
export type Fault = { readonly kind: FailureKind; readonly performed: boolean; readonly message?: string }

export type FakePlatformOptions = {
  readonly now: () => Instant
  /** How the instances of a desired slot behave, over `HEALTHY`. */
  readonly behaviour?: (desired: DesiredSlot) => Partial<Behaviour>
  /** Asked at every call. */
  readonly fault?: (call: FakeCall) => Fault | null
  readonly capabilities?: PlatformCapabilities
  /** 0–255, default 0: platforms of different networks never give the same address. */
  readonly network?: number
  /** False for runs of days, whose calls nobody reads; default: true. */
  readonly keepsCalls?: boolean
}

export type FakePlatform = Platform & {
  /** Every call so far, faulty ones included. */
  readonly calls: readonly FakeCall[]
  /** Makes the slot's instance number `index` (default 0) exit now. */
  crash(slot: Slot, index?: number): void
  /** From now on the slot's instances behave like this as well. */
  change(slot: Slot, behaviour: Partial<Behaviour>): void
  /** Everything in the slot is away from now on, as after somebody's mistake; nobody was asked. */
  vanish(slot: Slot): void
  /** What is there, without a call. */
  peek(slot: Slot): ObservedSlot
}

type Occupant = {
  readonly ordered: DesiredSlot
  behaviour: Behaviour
  desired: number
  instances: FakeInstance[]
  settledAt: number
  seen: Pick<ObservedSlot, 'restarts' | 'crashLooping' | 'lastExit' | 'readiness'>
  /** Lines of instances that are gone. */
  printedBefore: number
}

const UNSEEN: Occupant['seen'] = {
  restarts: 0,
  crashLooping: false,
  lastExit: null,
  readiness: { probes: 0, failures: 0 },
}

export function fakePlatform(options: FakePlatformOptions): FakePlatform {
  const { now } = options
  const slots = new Map<Slot, Occupant>()
  const fences = new Map<Slot, number>()
  /** What releases printed that have left their slot. */
  const gone: LogLine[] = []
  const calls: FakeCall[] = []
  const counts = new Map<FakeCall['method'], number>()
  let addresses = 0

  function perform<T>(call: Omit<FakeCall, 'at' | 'count'>, effect: () => Result<T>): Promise<Result<T>> {
    const count = (counts.get(call.method) ?? 0) + 1
    counts.set(call.method, count)
    const recorded = { ...call, at: now(), count }
    if (options.keepsCalls !== false) calls.push(recorded)
    const fault = options.fault?.(recorded) ?? null
    if (fault === null) return Promise.resolve(effect())
    if (fault.performed) effect()
    return Promise.resolve(failure(fault.kind, fault.message ?? `fault ordered for ${call.method} ${call.slot}`))
  }

  function ordered<T>(slot: Slot, order: Order, effect: () => Result<T>): Result<T> {
    if (order.signal.aborted) return failure('transient', "not begun: the order's time was up")
    const seen = fences.get(slot) ?? 0
    if (order.fence < seen) return failure('permanent', `stale order: its fence ${order.fence} is below ${seen}`)
    fences.set(slot, order.fence)
    return effect()
  }

  function ensure(slot: Slot, desired: DesiredSlot): Result<ObservedSlot> {
    const here = slots.get(slot)
    if (
      here &&
      (here.ordered.release !== desired.release || here.ordered.artifact.digest !== desired.artifact.digest)
    ) {
      return occupied(here)
    }
    const behaviour = here?.behaviour ?? { ...HEALTHY, ...options.behaviour?.(desired) }
    const { actualDigest } = behaviour
    if (actualDigest !== null && actualDigest !== desired.artifact.digest) {
      return failure('permanent', `artifact: expected ${desired.artifact.digest}, found ${actualDigest}`)
    }
    const occupant = here ?? newOccupant(desired, behaviour, now())
    slots.set(slot, occupant)
    settleOccupant(occupant, now())
    scale(
      occupant,
      desired.instances,
      now(),
      () => `10.0.${options.network ?? 0}.${slot === 'blue' ? 1 : 2}:${8000 + (addresses += 1)}`,
    )
    return ok(view(occupant, now()))
  }

  function stop(slot: Slot, release: string): Result<ObservedSlot> {
    const here = slots.get(slot)
    if (here && here.ordered.release !== release) return occupied(here)
    if (here) gone.push(...linesOf(slot, here, now()))
    slots.delete(slot)
    return ok(EMPTY_SLOT)
  }

  function peek(slot: Slot): ObservedSlot {
    const here = slots.get(slot)
    if (!here) return EMPTY_SLOT
    settleOccupant(here, now())
    return view(here, now())
  }

  return {
    calls,
    peek,
    capabilities: options.capabilities ?? { slots: 2, logs: true },
    observe: (slot) => perform(callOf('observe', slot), () => ok(peek(slot))),
    ensure: (slot, desired, order) =>
      perform({ method: 'ensure', slot, release: desired.release, instances: desired.instances, key: order.key }, () =>
        ordered(slot, order, () => ensure(slot, desired)),
      ),
    stop: (slot, release, order) =>
      perform({ method: 'stop', slot, release, instances: null, key: order.key }, () =>
        ordered(slot, order, () => stop(slot, release)),
      ),
    logs: (slot, query) =>
      perform(callOf('logs', slot), () => {
        const here = slots.get(slot)
        const all = [...gone.filter((line) => line.slot === slot), ...(here ? linesOf(slot, here, now()) : [])]
        return ok(chosen(all, query))
      }),
    crash: (slot, index = 0) => {
      const here = slots.get(slot)
      const instance = here?.instances[index]
      if (!here || !instance || instance.startedAt === null) throw new Error(`no instance ${index} runs in ${slot}`)
      settleOccupant(here, now())
      exit(instance, here.behaviour, now())
      noteExit(here, instance, now())
    },
    vanish: (slot) => void slots.delete(slot),
    change: (slot, behaviour) => {
      const here = slots.get(slot)
      if (!here) throw new Error(`${slot} is empty`)
      settleOccupant(here, now())
      here.behaviour = { ...here.behaviour, ...behaviour }
    },
  }
}

function callOf(method: 'observe' | 'logs', slot: Slot): Omit<FakeCall, 'at' | 'count'> {
  return { method, slot, release: null, instances: null, key: null }
}

function newOccupant(desired: DesiredSlot, behaviour: Behaviour, at: number): Occupant {
  return { ordered: desired, behaviour, desired: 0, instances: [], settledAt: at, seen: UNSEEN, printedBefore: 0 }
}

function occupied({ ordered }: Occupant): Result<never> {
  return failure(
    'permanent',
    `the slot is occupied by release ${ordered.release} (${ordered.version}); stop that first`,
  )
}

function scale(occupant: Occupant, wanted: number, at: number, address: () => string): void {
  occupant.desired = wanted
  for (const gone of occupant.instances.splice(wanted)) occupant.printedBefore += gone.printed
  while (occupant.instances.length < wanted) occupant.instances.push(startInstance(address(), at))
}

function settleOccupant(occupant: Occupant, now: number): void {
  for (const instance of occupant.instances) {
    const { probes, failures } = probesIn(instance, occupant.behaviour, occupant.settledAt, now)
    const { readiness } = occupant.seen
    const counted = { probes: readiness.probes + probes, failures: readiness.failures + failures }
    occupant.seen = { ...occupant.seen, readiness: counted }
    for (const { at } of settle(instance, occupant.behaviour, now)) noteExit(occupant, instance, at)
  }
  occupant.settledAt = now
}

function noteExit(occupant: Occupant, instance: FakeInstance, at: number): void {
  const { restarts, crashLooping, readiness } = occupant.seen
  const tail = instance.lines.slice(-20).map(({ text }) => text)
  occupant.seen = {
    restarts: restarts + 1,
    crashLooping: crashLooping || isCrashLooping(instance),
    lastExit: { at: instant(at), code: 1, signal: null, tail },
    readiness,
  }
}

function view(occupant: Occupant, now: number): ObservedSlot {
  const { ordered, behaviour, desired, instances, seen, printedBefore } = occupant
  const serving = instances.filter((instance) => isReady(instance, behaviour, now))
  const memory = instances.flatMap((instance) => memoryOf(instance, behaviour, now) ?? [])
  return {
    present: true,
    digest: ordered.artifact.digest,
    version: ordered.version,
    release: ordered.release,
    desired,
    running: instances.filter(({ startedAt }) => startedAt !== null).length,
    ready: serving.length,
    upstreams: serving.map(({ address }) => address),
    ...seen,
    logLines: Math.floor(instances.reduce((sum, { printed }) => sum + printed, printedBefore)),
    memoryBytes: memory.length === 0 ? null : Math.max(...memory),
  }
}

function linesOf(slot: Slot, occupant: Occupant, now: number): readonly LogLine[] {
  settleOccupant(occupant, now)
  const { release, version } = occupant.ordered
  return occupant.instances.flatMap((instance, index) =>
    instance.lines.map(({ at, text }) => {
      return { at, release, version, slot, instance: `instance-${index}`, stream: 'out' as const, text }
    }),
  )
}

function chosen(all: readonly LogLine[], { release, lines, since }: LogQuery): readonly LogLine[] {
  const wanted = all.filter(
    (line) => (release === null || line.release === release) && (since === null || line.at >= since),
  )
  return lines > 0 ? wanted.sort((left, right) => left.at - right.at).slice(-lines) : []
}
