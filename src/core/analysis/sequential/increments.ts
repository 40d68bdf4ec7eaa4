/**
 * Log-likelihood ratios of one tick, per expert: what a bet multiplies by. Sources and proofs: Hoeffding 1963 and Turner,
 * Ly, Grünwald 2021 for the labels of errors, Wald 1945 for the absolute test.
 *
 * Each is divided by how many errors come at once where live is, and capped per tick. Both only take from the gambler, so
 * the bet stays fair; without them every such test takes errors that come in groups (a retry storm, one instance that
 * hiccups) for a regression: the cap helps against rare groups, however large, the divisor against frequent ones.
 */

/** `n` requests, `x` of them bad. */
export type Counts = { readonly n: number; readonly x: number }

/**
 * What was known before this tick: live's rate of the same bad requests, and how many of them come at once (1: singly).
 * `burstTicks`: so many of the candidate's newest ticks, in a row, were as bad as a burst.
 */
export type Past = { readonly rate: number; readonly clustering: number; readonly burstTicks?: number }

/**
 * Sizes of regressions, and how much of the stake is bet on each. Every bet costs the logarithm of its share, so most is
 * where requests are dear: a large regression shows in a few errors, whatever was bet on it. At 20 requests/s it takes 1.4-1.8
 * times the bound after the warm-up (`docs/policies.md`).
 */
export const ODDS_EXPERTS = [1.5, 2.5, 5, 15, 50] as const
export const ODDS_PRIOR: readonly number[] = [0.3, 0.3, 0.24, 0.12, 0.04]
export const ABSOLUTE_EXPERTS = [1.5, 2.5, 5, 15, 40] as const
export const ABSOLUTE_PRIOR: readonly number[] = [0.25, 0.25, 0.25, 0.15, 0.1]

/** A burst of any size inside one tick is worth this much at most where the limit itself says less, nats. */
export const TICK_NATS = 1.5

/**
 * No tick tells more than this, nats, however many errors are usual at this traffic: three in a row make 121 of 1, and of the
 * 0.8 that are bet at first that is no rollback. Hiccups of 10 s fill three ticks at most: at 200 requests/s they are taken for
 * a regression in 0.5 % of rollouts with it, most of them in the first minute, in 1.8 % with 2.2, in 3 % with 3.5 and in 39 %
 * without. Five times the errors take 5 % more requests there than with 2.2.
 */
export const TICK_NATS_MOST = 1.6

/**
 * Against live, one bad tick among good ones tells up to `FIRST`, and those that follow it at once `NEXT` each, until it lasts:
 * three in a row make 4 nats, fewer than with the same for each (4.8), while two errors in one tick, which chance brings to one
 * of 60 ticks at four times the errors, are worth two. At 20 requests/s four times the errors take 410 s (median) instead of 460,
 * and one tick in ten that fails 40 % is found after 5 min instead of 7.
 */
export const FIRST_TICK_NATS = 2.4
export const NEXT_TICK_NATS = 0.8

/** Ticks in a row that a burst may fill. What goes on after them is none: a tick then tells up to `LASTING_NATS`. */
export const BURST_TICKS = 3
export const LASTING_NATS = 12

/** The bad ticks go on for longer than any burst does. */
export function isLasting({ burstTicks = 0 }: Past): boolean {
  return burstTicks >= BURST_TICKS
}

/** So many bad requests at once, beside the limit, that a tick could tell more than it may. */
export function isBurst(counts: Counts, limit: number): boolean {
  return counts.x > 0 && ABSOLUTE_EXPERTS.some((factor) => absoluteNats(counts, limit, factor) > TICK_NATS_MOST)
}

/**
 * Against "the candidate's odds of an error are at most `tolerated` times live's". Only which side had the tick's errors
 * counts, so anything that moves both sides alike moves nothing.
 *
 * There is no mirror image for "at least twice live's": where many requests fail, a bet on less is not fair (adding up all
 * outcomes gives up to 3.4 for 1). That a candidate is good enough is therefore shown against the limit only.
 */
export function relativeIncrements(candidate: Counts, live: Counts, tolerated: number, past: Past): readonly number[] {
  const errors = candidate.x + live.x
  if (errors === 0) return NOTHING_TOLD
  const cap = errorsPerTick(past.rate * (candidate.n + live.n))
  const most = (past.burstTicks ?? 0) > 0 ? NEXT_TICK_NATS : FIRST_TICK_NATS
  return ODDS_EXPERTS.map((o, expert) => {
    const log = ODDS_LOGS[expert]!
    const norm = labelNorm(candidate.n, live.n, tolerated, o)
    const nats = (candidate.x * log - errors * norm) / past.clustering
    return Math.min(nats, isLasting(past) ? LASTING_NATS : Math.min(cap * (log - norm), most))
  })
}

/**
 * So many errors of the candidate one tick may tell at most, where `expected` are due on both sides: one and a half, and
 * those. A half more, and bursts of three that are not known of go back more often; a half less takes 10 % more requests.
 */
export function errorsPerTick(expected: number): number {
  return 1.5 + expected
}

const ODDS_LOGS = ODDS_EXPERTS.map(Math.log)
const NOTHING_TOLD = ODDS_EXPERTS.map(() => 0)

function labelNorm(candidateN: number, liveN: number, tolerated: number, o: number): number {
  if (candidateN === 0) return 0
  return Math.log((candidateN * tolerated * o + liveN) / (candidateN * tolerated + liveN))
}

/**
 * Against "at most `limit` of the candidate's requests are bad".
 * A rate whose odds are f times those of `limit` is f / (1 + limit·(f - 1)) times it: one logarithm per expert says all.
 */
export function absoluteIncrements(
  { n, x }: Counts,
  limit: number,
  past: Past,
  factors: readonly number[] = ABSOLUTE_EXPERTS,
): readonly number[] {
  const cap = 1 + 2 * past.rate * n
  return factors.map((factor) => {
    const usual = Math.min(TICK_NATS_MOST, cap * absoluteNats({ n: 1, x: 1 }, limit, factor))
    const most = isLasting(past) ? LASTING_NATS : Math.max(TICK_NATS, usual)
    return Math.min(absoluteNats({ n, x }, limit, factor) / past.clustering, most)
  })
}

function absoluteNats({ n, x }: Counts, limit: number, factor: number): number {
  return x * Math.log(factor) - n * Math.log1p(limit * (factor - 1))
}

/** Shares of bad requests up to which a candidate may just be starting: of errors, and of slow ones, where it is usual. */
export const COLD_RATES = { errors: 0.15, slow: 0.5 } as const

/** While the candidate starts, two ticks in which everything fails are a late start, and three are a rollback. */
export const COLD_TICK_NATS = 3

/**
 * Against "it is just starting, or keeps the limit": while the cold start lasts, at most the share `cold` is bad. What is
 * at most the limit is at most that too, so these bets go on with the wealth of those on the limit.
 */
export function coldIncrements(counts: Counts, limit: number, cold: number, { clustering }: Past): readonly number[] {
  return ABSOLUTE_EXPERTS.map((factor) =>
    Math.min(absoluteNats(counts, Math.max(limit, cold), factor) / clustering, COLD_TICK_NATS),
  )
}

/** Log-likelihood ratio of `rate` against `reference` for n requests with x bad ones. */
export function bernoulli({ n, x }: Counts, rate: number, reference: number): number {
  const good = n - x
  return (
    (x === 0 ? 0 : x * Math.log(rate / reference)) +
    (good === 0 ? 0 : good * (Math.log1p(-rate) - Math.log1p(-reference)))
  )
}

/** The rate whose odds are `factor` times those of `rate`. */
export function timesOdds(rate: number, factor: number): number {
  const odds = (factor * rate) / (1 - rate)
  return odds / (1 + odds)
}

/**
 * Smallest rate at which seeing `x` of `n` or fewer would have a chance below 1e-4 (Chernoff): what live's past may have
 * been at worst. 1 where nothing is known.
 */
export function worstRate({ n, x }: Counts): number {
  if (n <= 0) return 1
  const seen = Math.min(1, x / n)
  let low = seen
  let high = 1
  for (let halving = 0; halving < 44; halving++) {
    const middle = (low + high) / 2
    if (n * divergence(seen, middle) >= Math.log(1e4)) high = middle
    else low = middle
  }
  return high
}

/** Kullback-Leibler divergence of two coins, nats. */
export function divergence(p: number, q: number): number {
  const heads = p === 0 ? 0 : p * Math.log(p / q)
  const tails = p === 1 ? 0 : (1 - p) * Math.log((1 - p) / (1 - q))
  return heads + tails
}
