/** One slot of a route in this worker: its upstreams, what is in flight, and what has been counted. */
import { bucketOf, denseCounts, sparse } from '../histogram.ts'
import type { SlotName } from '../pick.ts'
import type { SlotConfig, SlotReport } from '../protocol.ts'
import { Line } from './line.ts'
import { Upstream } from './upstream.ts'

export class Slot {
  readonly name: SlotName
  weight = 0
  cookie = ''
  upstreams: readonly Upstream[] = []
  /** `performance.now()` since when the slot takes nothing new; null while it serves. */
  drainingSince: number | null = null

  inFlight = 0
  /** Requests without response headers, the longest waiting first. */
  readonly waiting = new Line()
  /** Requests whose response has begun (tunnels too), the oldest response first. */
  readonly responding = new Line()

  requests = 0
  errors = 0
  clientAborts = 0
  connectFailures = 0
  retries = 0
  completions = 0
  latencySumMs = 0
  readonly latency = denseCounts()

  #next = 0

  constructor(name: SlotName) {
    this.name = name
  }

  configure(config: SlotConfig, now: number): void {
    this.weight = config.weight
    this.cookie = config.cookie
    if (config.weight > 0) this.drainingSince = null
    else this.drainingSince ??= now
    const known = new Map(this.upstreams.map((upstream) => [upstream.address, upstream]))
    this.upstreams = config.upstreams.map((address) => known.get(address) ?? new Upstream(address))
    for (const upstream of known.values()) if (!this.upstreams.includes(upstream)) upstream.retire()
  }

  /** Round robin over the upstreams: where the next request begins. */
  turn(): number {
    this.#next = (this.#next + 1) % this.upstreams.length
    return this.#next
  }

  /** Counts one request with its outcome; every request is counted once, so errors never exceed requests. */
  count(latencyMs: number, isError: boolean): void {
    this.requests++
    if (isError) this.errors++
    this.latencySumMs += latencyMs
    this.latency[bucketOf(latencyMs)]!++
  }

  report(now: number, segments: SlotReport['segments'] = {}): SlotReport {
    const { requests, errors, clientAborts, connectFailures, retries, completions, latencySumMs, inFlight } = this
    const waitingOldestMs = this.waiting.head === null ? 0 : Math.max(0, Math.round(now - this.waiting.head.since))
    const counts = { requests, errors, clientAborts, connectFailures, retries, completions, latencySumMs }
    return { ...counts, latency: sparse(this.latency), segments, inFlight, waitingOldestMs }
  }

  /** Closes idle connections; those in use close with their request. */
  retireUpstreams(): void {
    for (const upstream of this.upstreams) upstream.retire()
    this.upstreams = []
  }
}
