export type Latency = {
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Neighbouring buckets are this factor apart, so a quantile is at most 5 % too high. */
const GROWTH = 1.05
/** 1.05^260 ms ≈ 5 min: nothing a load with a timeout sees is longer. */
const BUCKETS = 260

/** Quantiles of ever so many latencies in constant memory. NaN while nothing was observed. */
export function latencies() {
  const counts = new Uint32Array(BUCKETS)
  let count = 0
  let maxMs = Number.NaN

  function quantile(q: number): number {
    let left = Math.ceil(q * count)
    for (const [index, n] of counts.entries()) {
      left -= n
      if (n > 0 && left <= 0) return Math.min(GROWTH ** index, maxMs)
    }
    return Number.NaN
  }

  return {
    observe(ms: number): void {
      const index = Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log(ms) / Math.log(GROWTH))))
      counts[index] = (counts[index] ?? 0) + 1
      count += 1
      maxMs = count === 1 ? ms : Math.max(maxMs, ms)
    },
    read: (): Latency => ({ p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99), maxMs }),
  }
}
