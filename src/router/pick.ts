/**
 * Which slot a new session gets. Pure: the caller keeps the state.
 *
 * Sessions without an identity go by smooth weighted round robin: in every 100 consecutive picks each slot gets exactly
 * its weight, spread evenly. Sessions with an identity go by a hash, so that the same identity gets the same slot in
 * every worker and after every restart.
 */

export type SlotName = 'blue' | 'green'
export const SLOTS: readonly SlotName[] = ['blue', 'green']

export type Weights = { readonly blue: number; readonly green: number }

/** State of the round robin; both 0 at the start and after every change of the weights. */
export type Balance = { blue: number; green: number }

/** Picks and advances `balance`. Weights are integers that sum to 100, or both are 0: then null. */
export function pickNext(balance: Balance, weights: Weights): SlotName | null {
  const sum = weights.blue + weights.green
  if (sum === 0) return null
  balance.blue += weights.blue
  balance.green += weights.green
  const slot = balance.green > balance.blue ? 'green' : 'blue'
  balance[slot] -= sum
  return slot
}

/**
 * Slot of an identity: its hash is a fixed point on [0, 100), blue owns the part below its weight, green the rest. Moving
 * 10 → 50 reassigns only identities between the two thresholds, all of them towards the slot that grew.
 */
export function pickByHash(point: number, weights: Weights): SlotName | null {
  if (weights.blue + weights.green === 0) return null
  return point < weights.blue ? 'blue' : 'green'
}

/**
 * 53 well-mixed bits of `text`: two FNV-1a passes with different seeds, each through MurmurHash3's finalizer. Plain
 * FNV-1a is badly biased on short keys (10 % of `user1…user300` land below 20 %), which is why the finalizer is there.
 */
export function hash53(text: string): number {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ code, 0x85ebca6b)
  }
  return finalize(a) * 0x200000 + (finalize(b ^ a) >>> 11)
}

/** Where a `hash53` falls on [0, 100). Another salt deals the same sessions anew, so that not always the same come first. */
export function pointOf(hash: number, salt: number): number {
  const high = Math.floor(hash / 0x200000)
  return (finalize(finalize(high ^ salt) ^ (hash % 0x200000)) / 2 ** 32) * 100
}

function finalize(hash: number): number {
  let h = hash >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
