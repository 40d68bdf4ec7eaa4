/** How many addresses are remembered; beyond, the one idle longest is forgotten. */
const ADDRESSES_MAX = 10_000

export type FailureLimiter = {
  /** Records one failure of `address`; true when it has used up its share. Ms until it is worth trying again otherwise. */
  failed(address: string, now: number): { readonly limited: boolean; readonly retryAfterMs: number }
  /** Whether it has used up its share already; records nothing. */
  isLimited(address: string, now: number): boolean
}

type Bucket = { readonly left: number; readonly at: number }

/** A token bucket per address: `perMinute` failures at once, refilled evenly over a minute. */
export function createFailureLimiter(perMinute: number): FailureLimiter {
  const buckets = new Map<string, Bucket>()
  const refillMs = 60_000 / perMinute
  const leftOf = (address: string, now: number) => {
    const bucket = buckets.get(address) ?? { left: perMinute, at: now }
    return Math.min(perMinute, bucket.left + Math.max(0, now - bucket.at) / refillMs)
  }
  return {
    isLimited: (address, now) => leftOf(address, now) < 1,
    failed(address, now) {
      const left = leftOf(address, now)
      buckets.delete(address)
      buckets.set(address, { left: Math.max(0, left - 1), at: now })
      if (buckets.size > ADDRESSES_MAX) buckets.delete(buckets.keys().next().value!)
      return { limited: left < 1, retryAfterMs: left < 1 ? Math.ceil((1 - left) * refillMs) : 0 }
    },
  }
}
