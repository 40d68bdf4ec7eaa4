/**
 * A metrics source over a simulated service: requests arrive as a Poisson process split by weight, errors are binomial,
 * latencies lognormal, all from one seed and on whatever clock the test drives. The same seed and the same looks at the
 * same moments give the same counts.
 */
import { bucketOf, emptyHistogram, type Scale } from '../core/histogram.ts'
import type { Histogram, MetricsSnapshot, Slot, SlotCounts } from '../core/observed.ts'
import type { Instant } from '../core/time.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import { type Failure, failure, ok, type Result } from '../ports/result.ts'

export const FAKE_SCALE: Scale = { base: 1.02, unitMs: 0.1 }

/** How one slot answers: `{ errorRate: 0.005, medianMs: 120, sigma: 0.5, frozen: false }`. */
export type Behaviour = {
  readonly errorRate: number
  /** Median and log-spread of the latency; 120 ms and 0.5 have their p95 at 273 ms. */
  readonly medianMs: number
  readonly sigma: number
  /** Accepts requests and answers none of them. */
  readonly frozen: boolean
}

export const HEALTHY: Behaviour = { errorRate: 0.005, medianMs: 120, sigma: 0.5, frozen: false }

export type FakeTraffic = {
  /** Requests per second of all users together. */
  readonly rps: number
  readonly weights: Readonly<Record<Slot, number>>
  readonly blue: Behaviour
  readonly green: Behaviour
}

export type FakeMetrics = MetricsSource & {
  /** From now on. What happened before is simulated with what was set before. */
  change(change: Partial<FakeTraffic>): void
  /** Exactly so many more completed requests, beside the simulated ones. */
  add(slot: Slot, done: { readonly requests: number; readonly errors: number; readonly latencyMs: number }): void
  /** All counters at 0 under a new epoch, as after a restart of the router. */
  restart(): void
  /** What `collect` answers until it is null again. */
  fail(failure: Failure | null): void
}

type Counters = { requests: number; errors: number; counts: Record<string, number>; waiting: Instant[] }

export function fakeMetrics(options: {
  readonly seed: number
  readonly now: () => Instant
  /** The clock that answers are dated by, where that one is set while users come steadily; `now` when absent. */
  readonly dated?: () => Instant
  readonly traffic?: Partial<FakeTraffic>
}): FakeMetrics {
  const random = randomFrom(options.seed)
  const { now, dated = now } = options
  let traffic: FakeTraffic = {
    rps: 0,
    weights: { blue: 100, green: 0 },
    blue: HEALTHY,
    green: HEALTHY,
    ...options.traffic,
  }
  let simulatedTo = now()
  let epoch = 1
  let broken: Failure | null = null
  let slots = { blue: noCounts(), green: noCounts() }

  function simulate(): void {
    const to = now()
    for (const slot of ['blue', 'green'] as const) {
      const arrived = poisson(random, ((traffic.rps * traffic.weights[slot]) / 100) * ((to - simulatedTo) / 1000))
      complete(random, slots[slot], traffic[slot], { arrived, from: simulatedTo, to })
    }
    simulatedTo = to
  }

  function snapshot(): MetricsSnapshot {
    const at = now()
    const counted = { blue: countsAt(slots.blue, at), green: countsAt(slots.green, at) }
    return { epoch: `fake-${epoch}`, at: dated(), slots: counted }
  }

  return {
    name: `fake metrics of seed ${options.seed}`,
    async collect(signal): Promise<Result<MetricsSnapshot>> {
      if (signal.aborted) return failure('transient', 'collecting metrics was stopped before it began')
      simulate()
      return broken ?? ok(snapshot())
    },
    change(change) {
      simulate()
      traffic = { ...traffic, ...change }
    },
    add(slot, { requests, errors, latencyMs }) {
      const counters = slots[slot]
      const bucket = bucketOf(FAKE_SCALE, latencyMs)
      counters.requests += requests
      counters.errors += errors
      counters.counts[bucket] = (counters.counts[bucket] ?? 0) + requests
    },
    restart() {
      simulate()
      epoch += 1
      slots = { blue: noCounts(), green: noCounts() }
    },
    fail(failure) {
      broken = failure
    },
  }
}

/** `count` lognormal latencies as a histogram. */
export function lognormalHistogram(
  random: () => number,
  count: number,
  { medianMs, sigma }: Pick<Behaviour, 'medianMs' | 'sigma'>,
): Histogram {
  const counts: Record<string, number> = {}
  for (let drawn = 0; drawn < count; drawn++) {
    const bucket = bucketOf(FAKE_SCALE, medianMs * Math.exp(sigma * normal(random)))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return { ...emptyHistogram(FAKE_SCALE), counts }
}

function complete(
  random: () => number,
  counters: Counters,
  behaviour: Behaviour,
  { arrived, from, to }: { arrived: number; from: Instant; to: Instant },
): void {
  if (behaviour.frozen) {
    for (let index = 0; index < arrived; index++) counters.waiting.push((from + random() * (to - from)) as Instant)
    return
  }
  const done = arrived + counters.waiting.length
  counters.waiting = []
  counters.requests += done
  counters.errors += binomial(random, done, behaviour.errorRate)
  for (const [bucket, count] of Object.entries(lognormalHistogram(random, done, behaviour).counts)) {
    counters.counts[bucket] = (counters.counts[bucket] ?? 0) + count
  }
}

function noCounts(): Counters {
  return { requests: 0, errors: 0, counts: {}, waiting: [] }
}

function countsAt({ requests, errors, counts, waiting }: Counters, at: Instant): SlotCounts {
  const oldest = Math.min(at, ...waiting)
  const latency = { ...emptyHistogram(FAKE_SCALE), counts: { ...counts } }
  return { requests, errors, latency, inFlight: waiting.length, waitingOldestMs: Math.round(at - oldest) }
}

/** mulberry32: uniform in [0, 1), the same for the same seed on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Exact below a mean of 500, by exponential gaps; above it the normal approximation. */
export function poisson(random: () => number, mean: number): number {
  if (!(mean > 0)) return 0
  if (mean > 500) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  let arrived = 0
  for (let passed = -Math.log(1 - random()); passed < mean; passed -= Math.log(1 - random())) arrived += 1
  return arrived
}

/** Exact, by the gaps between successes: as cheap as there are successes. */
export function binomial(random: () => number, n: number, p: number): number {
  if (!(p > 0)) return 0
  if (p >= 1) return n
  if (p > 0.5) return n - binomial(random, n, 1 - p)
  const perFailure = Math.log1p(-p)
  let successes = 0
  for (let at = gap(random, perFailure); at < n; at += 1 + gap(random, perFailure)) successes += 1
  return successes
}

function gap(random: () => number, perFailure: number): number {
  return Math.floor(Math.log(1 - random()) / perFailure)
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
