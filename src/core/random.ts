/**
 * Numbers that look random and are not: the same for the same seed on every machine. xoshiro128** of Blackman and Vigna
 * (2018), its state filled by splitmix32, so that neighbouring seeds have nothing in common. Never for secrets.
 */
export type Random = () => number

/** Uniform in [0, 1), in steps of 2^-32. */
export function randomOf(seed: number): Random {
  const next = splitmix(seed)
  let a = next()
  let b = next()
  let c = next()
  let d = next()
  return () => {
    const drawn = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotated(d, 11)
    return drawn / 4_294_967_296
  }
}

function splitmix(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    const once = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97)
    return twice ^ (twice >>> 15)
  }
}

function rotated(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by))
}

/** Draws how many events of a Poisson process with this mean happen: from a table up to a mean of 500, else the normal approximation. */
export function poissonOf(mean: number, random: Random): () => number {
  if (!(mean > 0)) return () => 0
  if (mean > 500) return () => Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)))
  const below = cumulated(mean)
  return () => {
    const at = random()
    let low = 0
    let high = below.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if (at < below[middle]!) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** P(at most k), for k from 0 to where less than 2^-32 is left. */
function cumulated(mean: number): Float64Array {
  const table = new Float64Array(Math.ceil(mean + 7 * Math.sqrt(mean) + 12))
  let log = -mean
  let sum = 0
  for (let k = 0; k < table.length; k++) {
    sum += Math.exp(log)
    table[k] = sum
    log += Math.log(mean / (k + 1))
  }
  return table
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
