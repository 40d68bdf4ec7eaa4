/**
 * How an instance of the fake platform lives, as a function of time alone: the same behaviour and the same moments give
 * the same observations, be it looked at every second or once a week.
 */
export type Behaviour = {
  /** Time from a start until ready; null: never. */
  readonly readyAfterMs: number | null
  /** Time from each start until it exits by itself; null: it stays. */
  readonly exitsAfterMs: number | null
  /** Once ready, it is not ready for the last `forMs` of every `everyMs`. */
  readonly flapping: { readonly everyMs: number; readonly forMs: number } | null
  readonly memoryBytes: number
  readonly memoryGrowthBytesPerMinute: number
  /** Lines printed per second while running; one more at each start. */
  readonly linesPerSecond: number
  /** Digest of what is really at the artifact's reference; null: what was pinned. */
  readonly actualDigest: string | null
}

export const HEALTHY: Behaviour = {
  readyAfterMs: 1000,
  exitsAfterMs: null,
  flapping: null,
  memoryBytes: 50_000_000,
  memoryGrowthBytesPerMinute: 0,
  linesPerSecond: 1,
  actualDigest: null,
}

export type FakeInstance = {
  readonly address: string
  /** Null while it waits to be started again. */
  startedAt: number | null
  /** When it starts again, while it waits. */
  startsAt: number
  exits: number[]
  lines: { at: number; text: string }[]
  /** Counted in earlier lives and up to `settledAt`. */
  printed: number
  settledAt: number
}

export type FakeExit = { readonly at: number }

const CRASH_LOOP_EXITS = 3
const CRASH_LOOP_MS = 60_000
const PAUSE_FIRST_MS = 500
const PAUSE_MAX_MS = 30_000
const PROBE_MS = 1000

export function startInstance(address: string, at: number): FakeInstance {
  const lines = [{ at, text: 'starting' }]
  return { address, startedAt: at, startsAt: at, exits: [], lines, printed: 1, settledAt: at }
}

/** Lets time pass until `now`; answers the exits that happened by themselves. */
export function settle(instance: FakeInstance, behaviour: Behaviour, now: number): readonly FakeExit[] {
  const exits: FakeExit[] = []
  for (
    let next = nextChange(instance, behaviour);
    next !== null && next <= now;
    next = nextChange(instance, behaviour)
  ) {
    if (instance.startedAt === null) restart(instance, next)
    else {
      exits.push({ at: next })
      exit(instance, behaviour, next)
    }
  }
  count(instance, behaviour, now)
  return exits
}

/** Ends this life; the next one begins after a pause that grows with every exit of the last minute. */
export function exit(instance: FakeInstance, behaviour: Behaviour, at: number): void {
  count(instance, behaviour, at)
  instance.exits = [...instance.exits.filter((earlier) => earlier > at - CRASH_LOOP_MS), at]
  instance.startedAt = null
  instance.startsAt = at + Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** (instance.exits.length - 1))
}

export function isCrashLooping(instance: FakeInstance): boolean {
  return instance.exits.length >= CRASH_LOOP_EXITS
}

export function isReady({ startedAt }: FakeInstance, { readyAfterMs, flapping }: Behaviour, at: number): boolean {
  if (startedAt === null || readyAfterMs === null) return false
  const readyFor = at - startedAt - readyAfterMs
  if (readyFor < 0) return false
  return flapping === null || readyFor % flapping.everyMs < flapping.everyMs - flapping.forMs
}

/** Probes in `(from, to]`, one a second since the start, and how many of them failed after the first success. */
export function probesIn(
  instance: FakeInstance,
  behaviour: Behaviour,
  from: number,
  to: number,
): { readonly probes: number; readonly failures: number } {
  const { startedAt } = instance
  if (startedAt === null) return { probes: 0, failures: 0 }
  const first = Math.floor((Math.max(from, startedAt) - startedAt) / PROBE_MS) + 1
  const last = Math.floor((to - startedAt) / PROBE_MS)
  const probes = Math.max(0, last - first + 1)
  if (behaviour.flapping === null || behaviour.readyAfterMs === null) return { probes, failures: 0 }
  let failures = 0
  for (let tick = first; tick <= last; tick += 1) {
    const after = tick * PROBE_MS >= behaviour.readyAfterMs
    if (after && !isReady(instance, behaviour, startedAt + tick * PROBE_MS)) failures += 1
  }
  return { probes, failures }
}

export function memoryOf({ startedAt }: FakeInstance, behaviour: Behaviour, at: number): number | null {
  if (startedAt === null) return null
  return Math.round(behaviour.memoryBytes + ((at - startedAt) / 60_000) * behaviour.memoryGrowthBytesPerMinute)
}

function nextChange({ startedAt, startsAt }: FakeInstance, { exitsAfterMs }: Behaviour): number | null {
  if (startedAt === null) return startsAt
  return exitsAfterMs === null ? null : startedAt + exitsAfterMs
}

function restart(instance: FakeInstance, at: number): void {
  instance.startedAt = at
  instance.settledAt = at
  instance.printed += 1
  instance.lines = [...instance.lines.slice(-99), { at, text: 'starting' }]
}

function count(instance: FakeInstance, behaviour: Behaviour, now: number): void {
  if (instance.startedAt !== null) instance.printed += ((now - instance.settledAt) / 1000) * behaviour.linesPerSecond
  instance.settledAt = now
}
