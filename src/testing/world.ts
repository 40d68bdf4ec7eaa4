/**
 * A small simulated world for tests of the core: slots, one route per component, users, and a clock that moves only from one
 * event to the next. It performs the commands of a rollout as adapters would, with the faults it was told.
 */
import {
  type Histogram,
  type MetricsSnapshot,
  type ObservedRoute,
  type ObservedSlot,
  type Slot,
  type SlotCounts,
  otherSlot,
} from '../core/observed.ts'
import { decide, type Issued } from '../core/rollout/decide.ts'
import { nextDue } from '../core/rollout/time-shift.ts'
import type { Recorded } from '../core/rollout/events.ts'
import type { Command, CommandName } from '../core/rollout/commands.ts'
import type { CommandFinished, Input, World } from '../core/rollout/inputs.ts'
import { isFinal, pendingOf, type RolloutState } from '../core/rollout/state.ts'
import { instant, type Instant } from '../core/time.ts'

export type Build = {
  /** Milliseconds until its instances are ready; null: never. */
  readonly readyAfterMs?: number | null
  /** Share of its requests that fail, at a share of traffic. */
  readonly errorRate?: (weight: number, servedMs: number) => number
  readonly latencyMs?: number
  /** Its instances exit that long after the start. */
  readonly exitsAfterMs?: number
  readonly smokePasses?: boolean
  /** The checks of this release on live, once it has all traffic; as `smokePasses` where not given. */
  readonly liveSmokePasses?: boolean | ((checksOf: string) => boolean)
  readonly silent?: boolean
  /** What its instances answer while they are not ready. */
  readonly unready?: string
}

export type Hidden = {
  readonly slots?: readonly Slot[]
  readonly route?: true
  readonly metrics?: 'silent' | 'missing' | 'stale' | 'impossible'
}

export type WorldOptions = {
  readonly builds: Readonly<Record<string, Build>>
  readonly requestsPerSecond?: number
  /** Looked up for every command as it is performed: what goes wrong with it. */
  readonly fault?: (
    command: Command,
    now: Instant,
  ) => 'transient' | 'permanent' | 'unknown' | 'lost' | 'unknown-done' | null
  /** What a look does not show at this moment. `missing`: the source answers, but nothing of this component. */
  readonly hidden?: (now: Instant) => Hidden | null
  readonly gateOutcome?: (gate: string) => 'pass' | 'fail' | 'no-evidence'
}

type SlotHeld = { release: string; version: string; startedAt: Instant; instances: number }

export function simulate(options: WorldOptions, start: Instant = instant(1_000_000)) {
  const held: Record<Slot, SlotHeld | null> = { blue: null, green: null }
  let weights: Record<Slot, number> = { blue: 0, green: 0 }
  let maintenance = false
  let generation = 0
  const counts: Record<Slot, { requests: number; errors: number; latency: Record<string, number> }> = {
    blue: { requests: 0, errors: 0, latency: {} },
    green: { requests: 0, errors: 0, latency: {} },
  }
  let now = start
  let served = start
  let state: RolloutState | null = null
  const log: Recorded[] = []
  const inputs: { readonly input: Input; readonly now: Instant }[] = []
  let jobs: Issued[] = []
  /** Requests that had no ready instance to go to: what users would have lost. */
  let lost = 0
  const performed: { at: Instant; command: Command }[] = []

  const buildOf = (slot: Slot): Build => options.builds[held[slot]?.version ?? ''] ?? {}

  function readyCount(slot: Slot): number {
    const holding = held[slot]
    if (!holding) return 0
    const { readyAfterMs = 0, exitsAfterMs } = buildOf(slot)
    if (readyAfterMs === null || now < holding.startedAt + readyAfterMs) return 0
    return exitsAfterMs !== undefined && now >= holding.startedAt + exitsAfterMs
      ? holding.instances - 1
      : holding.instances
  }

  function serve(until: Instant): void {
    const amount = ((options.requestsPerSecond ?? 40) * (until - served)) / 1000
    for (const slot of ['blue', 'green'] as const) {
      const share = Math.round((amount * weights[slot]) / 100)
      const { errorRate = () => 0, latencyMs = 20 } = buildOf(slot)
      if (share > 0 && readyCount(slot) === 0) lost += share
      counts[slot].requests += share
      counts[slot].errors += Math.round(share * errorRate(weights[slot], until - (held[slot]?.startedAt ?? until)))
      const bucket = String(Math.ceil(Math.log(latencyMs / 0.1) / Math.log(1.02)))
      if (share > 0) counts[slot].latency[bucket] = (counts[slot].latency[bucket] ?? 0) + share
    }
    served = until
  }

  function slotSeen(slot: Slot): ObservedSlot {
    const holding = held[slot]
    const ready = readyCount(slot)
    const exited = holding !== null && ready > 0 && ready < holding.instances
    return {
      present: holding !== null,
      digest: holding ? `sha256:${holding.version}` : null,
      version: holding?.version ?? null,
      release: holding?.release ?? null,
      desired: holding?.instances ?? 0,
      running: holding ? holding.instances : 0,
      ready,
      upstreams: Array.from({ length: ready }, (_, index) => `${slot}:${index + 1}`),
      restarts: exited ? 1 : 0,
      crashLooping: false,
      lastExit: exited ? { at: now, code: 1, signal: null, tail: ['boom'] } : null,
      readiness: { probes: Math.max(0, Math.floor((now - start) / 1000)), failures: 0 },
      logLines: buildOf(slot).silent ? 0 : Math.max(0, Math.floor((now - start) / 100)),
      memoryBytes: 50_000_000,
      ...unreadyOf(slot, ready),
    }
  }

  function unreadyOf(slot: Slot, ready: number): Pick<ObservedSlot, 'unready'> {
    const { unready } = buildOf(slot)
    return unready !== undefined && ready === 0 ? { unready } : {}
  }

  function routeSeen(): ObservedRoute {
    return {
      weights,
      upstreams: { blue: slotSeen('blue').upstreams, green: slotSeen('green').upstreams },
      inFlight: { blue: 0, green: 0 },
      maintenance,
      generation,
      url: 'http://shop.test',
    }
  }

  function slotCounts(slot: Slot): SlotCounts {
    const latency: Histogram = { base: 1.02, unitMs: 0.1, counts: { ...counts[slot].latency } }
    return { requests: counts[slot].requests, errors: counts[slot].errors, latency, inFlight: 0, waitingOldestMs: 0 }
  }

  function metricsSeen(): MetricsSnapshot {
    return { epoch: 'e1', at: now, slots: { blue: slotCounts('blue'), green: slotCounts('green') } }
  }

  type Acts = {
    readonly [T in CommandName]: (command: Command<T>, key: string) => CommandFinished['result']
  }

  const occupied = (holding: SlotHeld) =>
    ({ ok: false, kind: 'permanent', message: `occupied by ${holding.release}` }) as const
  const quiet = () => ({ ok: true, answer: { type: 'done', detail: '' } }) as const
  const acts: Acts = {
    CheckGate: ({ gate }) => {
      const outcome = options.gateOutcome?.(gate) ?? 'pass'
      const text = `${gate} ${outcome}`
      const verdict = { rule: gate, outcome, expected: '', actual: '', source: 'test', observedAt: now, text }
      return { ok: true, answer: { type: 'gate', verdict } }
    },
    EnsureSlot: ({ component, slot, release, instances }) => {
      const holding = held[slot]
      if (holding && holding.release !== release) return occupied(holding)
      const version = release === state?.id ? state.plan.artifact.version : (state?.stable?.version ?? '?')
      held[slot] = { release, version, instances, startedAt: holding?.startedAt ?? now }
      return { ok: true, answer: { type: 'slot', component, slot, observed: slotSeen(slot) } }
    },
    StopSlot: ({ component, slot, release }) => {
      const holding = held[slot]
      if (holding && holding.release !== release) return occupied(holding)
      if (weights[slot] > 0) lost += 1
      held[slot] = null
      return { ok: true, answer: { type: 'slot', component, slot, observed: slotSeen(slot) } }
    },
    SetRoute: ({ component, route }, key) => {
      if (Number(key) < generation) return { ok: false, kind: 'permanent', message: 'stale' }
      generation = Number(key)
      weights = { ...route.weights }
      maintenance = route.maintenance
      return { ok: true, answer: { type: 'route', component, observed: routeSeen() } }
    },
    RemoveRoute: ({ component }) => {
      generation = 0
      weights = { blue: 0, green: 0 }
      maintenance = false
      return { ok: true, answer: { type: 'route', component, observed: routeSeen() } }
    },
    RunSmoke: ({ target, release }) => {
      const slot = state?.candidateSlot ?? 'blue'
      const { smokePasses = true, liveSmokePasses = smokePasses } = buildOf(
        target === 'candidate' || weights[slot] === 100 ? slot : otherSlot(slot),
      )
      const live =
        typeof liveSmokePasses === 'function' ? liveSmokePasses(release ?? state?.id ?? '?') : liveSmokePasses
      const passed = target === 'live' ? live : smokePasses
      const check = {
        name: 'home',
        url: 'http://x',
        passed,
        expected: '200',
        actual: passed ? '200' : '500',
        durationMs: 1,
      }
      return { ok: true, answer: { type: 'smoke', report: { passed, checks: [check] } } }
    },
    Observe: ({ metrics }) => {
      const slots = { api: { blue: slotSeen('blue'), green: slotSeen('green') } }
      const seen = metrics ? { api: metricsSeen() } : {}
      const world = { at: now, slots, routes: { api: routeSeen() }, metrics: seen, failures: [] }
      return { ok: true, answer: { type: 'world', world: without(world, options.hidden?.(now) ?? {}) } }
    },
    Migrate: quiet,
    Mitigate: quiet,
    OpenIncident: quiet,
    Notify: quiet,
  }

  function act<T extends CommandName>(command: Command<T>, key: string): CommandFinished['result'] {
    return acts[command.type](command, key)
  }

  function performNext(job: Issued): void {
    jobs = jobs.filter((each) => each !== job)
    if (!state || !pendingOf(state, job.key)) return
    performed.push({ at: now, command: job.command })
    const fault = options.fault?.(job.command, now) ?? null
    if (fault === 'lost') return
    if (fault === 'unknown-done') act(job.command, job.key)
    const kind = fault === 'unknown-done' ? 'unknown' : fault
    const result =
      kind === null ? act(job.command, job.key) : ({ ok: false, kind, message: `injected ${fault}` } as const)
    give({ type: 'command-finished', key: job.key, result })
  }

  function give(input: Input): void {
    inputs.push({ input, now })
    const decision = decide(state, input, now)
    state = decision.state
    log.push(...decision.events)
    jobs.push(...decision.commands)
  }

  /** Performs the next command or lets the next deadline pass; false when nothing is left to happen. */
  function step(): boolean {
    const [job] = jobs.toSorted((left, right) => left.due - right.due)
    const due = state && nextDue(state)
    const next = Math.min(job?.due ?? Number.POSITIVE_INFINITY, due ?? Number.POSITIVE_INFINITY)
    if (!Number.isFinite(next)) return false
    const to = Math.max(now, next) as Instant
    serve(to)
    now = to
    if (job && job.due <= now) performNext(job)
    else give({ type: 'tick' })
    return true
  }

  return {
    /** Puts a release into a slot that serves everything, as an earlier rollout left it. */
    serving(slot: Slot, release: string, version: string): void {
      held[slot] = { release, version, startedAt: start, instances: 2 }
      weights = slot === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 }
    },
    standing(slot: Slot, release: string, version: string): void {
      held[slot] = { release, version, startedAt: start, instances: 2 }
    },
    give,
    step,
    /** Runs until the rollout has ended (or `until` says so), at most `steps` steps. */
    run(until: (state: RolloutState) => boolean = isFinal, steps = 5000): RolloutState {
      for (let count = 0; count < steps; count += 1) {
        if (state && until(state)) return state
        if (!step()) break
      }
      if (!state) throw new Error('nothing was requested')
      if (!until(state)) throw new Error(`no end after ${steps} steps: ${state.status} at ${state.at}`)
      return state
    },
    now: () => now,
    log,
    /** Everything `decide` was ever given here: the same again gives the same events. */
    inputs,
    performed,
    lost: () => lost,
    weights: () => weights,
    held,
    state: () => state,
    jump: (ms: number) => {
      now = (now + ms) as Instant
      served = now
      // Processes do not notice that a clock was set.
      for (const slot of ['blue', 'green'] as const) {
        const holding = held[slot]
        if (holding) held[slot] = { ...holding, startedAt: (holding.startedAt + ms) as Instant }
      }
    },
  }
}

const BEFORE_MS = 1000

/** A look that does not show everything. */
function without(world: World, { slots: hidden = [], route, metrics }: Hidden): World {
  const failed = (what: string) => ({ what, message: 'connection refused' })
  const slots = Object.entries(world.slots['api'] ?? {}).filter(([slot]) => !hidden.includes(slot as Slot))
  const snapshot = metrics === undefined ? world.metrics['api'] : shown(world, metrics)
  return {
    ...world,
    slots: { api: Object.fromEntries(slots) },
    routes: route ? {} : world.routes,
    metrics: snapshot ? { api: snapshot } : {},
    failures: [
      ...hidden.map((slot) => failed(`slot ${slot} of api`)),
      ...(route ? [failed('route of api')] : []),
      ...(metrics === 'silent' && world.metrics['api'] ? [failed('metrics of api')] : []),
    ],
  }
}

function shown({ metrics }: World, how: NonNullable<Hidden['metrics']>): MetricsSnapshot | undefined {
  const { api } = metrics
  if (!api || how === 'silent' || how === 'missing') return undefined
  if (how === 'stale') return { ...api, at: instant(BEFORE_MS) }
  const none = { ...api.slots.green, requests: Number.NaN }
  return { ...api, slots: { blue: none, green: none } }
}
