/**
 * Is the candidate slower than live, by more than a tolerance? Requests are sorted into 15 bins at quantiles of what live
 * was before; experts bet on density ratios that rise with the bin: a shift of everything, or a heavier tail. Valid for any
 * distribution of latencies and any drift that both sides share; needs 2-4 times fewer requests than comparing one quantile.
 */
import { type Bins, QUANTILES, REFERENCE_REQUESTS } from './bins.ts'
import { normalScore } from './normal.ts'

/** Each twice the one before, so that its ratios are the squares. */
const SHIFTS = [0.2, 0.4, 0.8, 1.6] as const
const TAILS = [0.9, 0.95, 0.99].flatMap((quantile) => [2, 5, 20].map((odds) => ({ quantile, odds })))
export const ORDINAL_PRIOR: readonly number[] = [...SHIFTS.map(() => 1 / 8), ...TAILS.map(() => 1 / 18)]

/**
 * One way of being slower: density ratios candidate : live that never fall from one group of neighbouring bins to the next.
 * `ends` holds the bin after each group's last; `ratios` and their logarithms `logs` one number per group.
 */
export type Expert = {
  readonly ends: readonly number[]
  readonly ratios: readonly number[]
  readonly logs: readonly number[]
}

/** Made once for the bins of a rollout, which never change; its state only holds the little that they are made of. */
export function ordinalExperts(bins: Bins): readonly Expert[] {
  const known = made.get(bins)
  if (known !== undefined) return known
  const experts = [...shiftExperts(bins.masses), ...TAILS.map((tail) => tailExpert(bins.masses, tail))]
  made.set(bins, experts)
  return experts
}

const made = new WeakMap<Bins, readonly Expert[]>()

/** The ratio of a bin is `exp(shift · score)`, with a mean of 1 over live. */
function shiftExperts(masses: readonly number[]): readonly Expert[] {
  const scores = scoresOf(masses)
  const ends = masses.map((_, bin) => bin + 1)
  const raw = scores.map((score) => Math.exp(SHIFTS[0] * score))
  return SHIFTS.map((shift, index) => {
    let mean = 0
    for (let bin = 0; bin < raw.length; bin++) {
      if (index > 0) raw[bin]! *= raw[bin]!
      mean += masses[bin]! * raw[bin]!
    }
    const ratios: number[] = []
    const logs: number[] = []
    for (let bin = 0; bin < raw.length; bin++) {
      ratios.push(raw[bin]! / mean)
      logs.push(shift * scores[bin]! - Math.log(mean))
    }
    return { ends, ratios, logs }
  })
}

/** Normal score of each bin's middle rank. */
function scoresOf(masses: readonly number[]): readonly number[] {
  let below = 0
  return masses.map((mass) => {
    const middle = below + mass / 2
    below += mass
    return normalScore(Math.min(1 - 1e-9, Math.max(1e-9, middle)))
  })
}

/** `odds` times as many requests beyond live's `quantile` as live has. */
function tailExpert(masses: readonly number[], { quantile, odds }: (typeof TAILS)[number]): Expert {
  const first = QUANTILES.indexOf(quantile) + 1
  let mass = 0
  for (let bin = first; bin < masses.length; bin++) mass += masses[bin]!
  if (!(mass > 0 && mass < 1)) return { ends: [masses.length], ratios: [1], logs: [0] }
  const more = (odds * mass) / (1 - mass + odds * mass)
  const below = (1 - more) / (1 - mass)
  const above = more / mass
  return { ends: [first, masses.length], ratios: [below, above], logs: [Math.log(below), Math.log(above)] }
}

/** Requests of the candidate per bin, sorted with some slowness forgiven and without. */
export type Sorted = { readonly tolerant: readonly number[]; readonly strict: readonly number[] }

/**
 * Against "the candidate is not slower than live", for counts per bin of both sides in one tick; uncapped, one per expert.
 *
 * With c and b requests of candidate and live in a group of ratio r, and w the candidate's share of all requests, the sum
 * over the groups of `c·(ln r - ln(1 + w·(r - 1))) - b·ln(1 + w·(r - 1))`. Where the candidate's requests fell, and so which
 * of its two sortings it is, changes no logarithm.
 */
export function ordinalIncrements(
  { tolerant, strict }: Sorted,
  live: readonly number[],
  experts: readonly Expert[],
): Sorted {
  const [some, all, theirs] = [runningSums(tolerant), runningSums(strict), runningSums(live)]
  const share = all.at(-1)! / (all.at(-1)! + theirs.at(-1)!)
  if (!(share > 0 && share < 1)) return { tolerant: experts.map(() => 0), strict: experts.map(() => 0) }
  const won: { tolerant: number[]; strict: number[] } = { tolerant: [], strict: [] }
  for (const { ends, ratios, logs } of experts) {
    let [more, most, lost, from] = [0, 0, 0, 0]
    for (let group = 0; group < ends.length; group++) {
      const end = ends[group]!
      const norm = Math.log1p(share * (ratios[group]! - 1))
      const gain = logs[group]! - norm
      more += (some[end]! - some[from]!) * gain
      most += (all[end]! - all[from]!) * gain
      lost += (theirs[end]! - theirs[from]!) * norm
      from = end
    }
    won.tolerant.push(more - lost)
    won.strict.push(most - lost)
  }
  return won
}

/** The same where live has no traffic any more: against live's past, its mean of the ratios plus three standard errors. */
export function ordinalIncrementsAlone(
  candidate: readonly number[],
  past: readonly number[],
  experts: readonly Expert[],
): readonly number[] {
  const theirs = runningSums(past)
  const pastN = theirs.at(-1)!
  if (pastN < REFERENCE_REQUESTS) return experts.map(() => 0)
  const ours = runningSums(candidate)
  return experts.map(({ ends, ratios, logs }) => {
    const mean = weighted(theirs, ends, ratios) / pastN
    const squares = ratios.map((ratio) => (ratio - mean) ** 2)
    const worst = mean + (3 * Math.sqrt(weighted(theirs, ends, squares))) / pastN
    return weighted(ours, ends, logs) - ours.at(-1)! * Math.log(worst)
  })
}

/** Requests before each bin, and at the end in all bins. */
function runningSums(counts: readonly number[]): readonly number[] {
  const sums = [0]
  let before = 0
  for (let bin = 0; bin < counts.length; bin++) sums.push((before += counts[bin]!))
  return sums
}

function weighted(sums: readonly number[], ends: readonly number[], weights: readonly number[]): number {
  let total = 0
  let from = 0
  for (let group = 0; group < ends.length; group++) {
    total += (sums[ends[group]!]! - sums[from]!) * weights[group]!
    from = ends[group]!
  }
  return total
}
