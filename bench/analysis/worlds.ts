/** The worlds that the method was made in, and those that it was shown afterwards (`drawn.ts`). */
import { drawnWorlds } from './drawn.ts'
import {
  HOUR,
  many,
  momentsOf,
  overlap,
  same,
  type SideNow,
  STAGED,
  stickyUsers,
  wandering,
  type World,
  world,
  worseFrom,
} from './world.ts'

export const TRAFFIC = [2, 20, 200] as const
export const BASELINES = [0.001, 0.005, 0.01] as const
export const REGRESSIONS: readonly (readonly [name: string, rate: (baseline: number) => number])[] = [
  ['×1.5', (rate) => 1.5 * rate],
  ['×2', (rate) => 2 * rate],
  ['×5', (rate) => 5 * rate],
  ['+2 pp', (rate) => rate + 0.02],
  ['100 %', () => 1],
]
export const SLOWDOWNS = [1.1, 1.2, 1.5, 2] as const

export function allWorlds(): readonly World[] {
  return [
    ...quietWorlds(),
    ...nastyWorlds(),
    ...healingWorlds(),
    ...drawnWorlds(),
    ...worseWorlds(),
    ...slowerWorlds(),
    ...laterWorlds(),
  ]
}

/** Healthy, with independent errors. */
export function quietWorlds(): readonly World[] {
  const cells = TRAFFIC.flatMap((rps) => BASELINES.map((baseline) => ({ rps, baseline })))
  return [
    ...cells.map((cell) => world({ ...cell, name: 'nothing special' })),
    world({ name: 'nothing special, 10 → 50 → 100 %', weights: STAGED }),
  ]
}

export function worseWorlds(): readonly World[] {
  const cells = TRAFFIC.flatMap((rps) => BASELINES.map((baseline) => ({ rps, baseline })))
  return [
    ...cells.flatMap((cell) =>
      REGRESSIONS.map(([name, rate]) => worseFrom(0, { ...cell, name, group: 'worse' }, rate(cell.baseline))),
    ),
    worseFrom(0, { name: '×4', group: 'worse' }, 0.02),
    ...TRAFFIC.map((rps) => amidBursts('×5 amid bursts of 3', rps, 0.025)),
    amidBursts('100 % amid bursts of 3', 20, 1),
  ]
}

/** Both sides err in bursts, the candidate more often. */
function amidBursts(name: string, rps: number, worse: number): World {
  const now = { live: { rate: 0.005, burst: 3 }, candidate: { rate: worse, burst: worse === 1 ? 1 : 3 } }
  const before = same({ rate: 0.005, burst: 3 })
  const part = world({ name, rps, group: 'worse' })
  return { ...part, onset: 0, worse, release: () => (tick) => (tick < 0 ? before : now) }
}

/** The regression begins under way: the candidate is as good as live until then. */
export function laterWorlds(): readonly World[] {
  const half = { weights: many(720, 50), group: 'later' } as const
  const staged = { weights: STAGED, group: 'later' } as const
  return [
    worseFrom(0, { ...staged, name: '×5 from the start, 10 → 50 → 100 %' }, 0.025),
    worseFrom(360, { ...half, name: '×5 from minute 30, 50 %' }, 0.025),
    worseFrom(360, { ...half, name: '100 % from minute 30, 50 %' }, 1),
    worseFrom(120, { group: 'later', name: 'one route of five dead from minute 10' }, 0.2),
    worseFrom(120, { group: 'later', name: 'one route of twenty dead from minute 10' }, 0.05),
    { ...world({ group: 'later', name: 'one tick in ten fails 40 %' }), onset: 0, worse: 0.045, release: oneTickInTen },
    worseFrom(480, { ...staged, name: '×5 from minute 40, alone at 100 %' }, 0.025),
    worseFrom(480, { ...staged, name: '100 % from minute 40, alone at 100 %' }, 1),
  ]
}

export function slowerWorlds(): readonly World[] {
  const timed = { timed: true, group: 'slower' } as const
  const steady = (slowness: number) => ({ rate: 0.005, slowness })
  return SLOWDOWNS.map((slowness) => ({
    ...world({ ...timed, name: `latency ×${slowness}` }),
    onset: 0,
    worse: slowness,
    release: () => () => ({ live: steady(1), candidate: steady(slowness) }),
  }))
}

/** Healthy all the same: nothing here was brought by the candidate, or nothing of it lasts. */
export function nastyWorlds(): readonly World[] {
  const rate = 0.005
  const both = (side: SideNow) => () => () => ({ live: side, candidate: side })
  return [
    ...TRAFFIC.map((rps) => world({ name: 'bursts of 3', rps, release: both({ rate, burst: 3 }) })),
    world({ name: 'bursts of 3, 50 %', weights: many(720, 50), release: both({ rate, burst: 3 }) }),
    world({ name: 'rare bursts of 40', release: both({ rate, large: 0.02 }) }),
    ...[20, 200].flatMap((rps) => [
      world({ name: 'hiccups of 3 s', rps, release: hiccups(3, 2400) }),
      world({ name: 'hiccups of 10 s', rps, release: hiccups(10, 7200) }),
    ]),
    world({
      name: 'drift 0.2 → 1.2 %, 10 → 50 → 90 %',
      weights: [...many(240, 10), ...many(240, 50), ...many(240, 90)],
      release: () => (tick) => same({ rate: 0.002 + 0.01 * Math.min(1, Math.max(0, tick / 720)) }),
    }),
    ...[6, 20].map((times) =>
      world({
        name: `cold start ×${times} for 1 min`,
        release: () => (tick) => ({ live: { rate }, candidate: { rate: tick < 12 ? times * rate : rate } }),
      }),
    ),
    world({
      name: 'shared outage, 8 % for 6 min',
      release: () => (tick) => same({ rate: tick >= 240 && tick < 312 ? 0.08 : rate }),
    }),
    world({ name: 'rate that wanders, both sides', release: wandering(rate) }),
    ...[
      { name: 'rate that wanders for 90 s, both sides', weights: HOUR },
      { name: 'rate that wanders for 90 s, 10 → 50 → 100 %', weights: STAGED },
      { name: 'rate that wanders for 90 s, alone after 15 min', weights: [...many(180, 10), ...many(540, 100)] },
      { name: 'rate that wanders for 90 s, alone from the start', weights: many(720, 100) },
    ].map((part) => world({ ...part, release: wandering(rate, { spread: 0.8, forgetsS: 90, meanOf: 1 }) })),
    world({ name: 'rate that wanders, 10 → 50 → 100 %', weights: STAGED, release: wandering(rate) }),
    world({ name: 'sticky users, 3 % of them bad', sticky: true, release: stickyUsers(3000, 0.03) }),
    world({ name: 'live noisy, candidate quiet', release: noisyLive }),
    world({ name: 'no traffic at all', rps: 0 }),
    world({ name: 'a request a minute', rps: 1 / 60 }),
    world({
      name: 'slow start, latency ×3 for 1 min',
      timed: true,
      release: () => (tick) => ({ live: { rate, slowness: 1 }, candidate: { rate, slowness: tick < 12 ? 3 : 1 } }),
    }),
    world({ name: 'errors and latencies', timed: true, release: both({ rate, slowness: 1 }) }),
    ...[20, 200].map((rps) => world({ name: 'pauses of 1 s and bursts of 3', rps, timed: true, release: pauses })),
    world({
      name: 'shared slowdown ×2 for 5 min',
      timed: true,
      release: () => (tick) => same({ rate, slowness: tick >= 240 && tick < 300 ? 2 : 1 }),
    }),
  ]
}

/** Healthy, though the candidate is worse at first, below its limits unless more is declared of its warm-up. */
export function healingWorlds(): readonly World[] {
  const rate = 0.005
  const errors = (times: number, minutes: number): World['release'] => {
    const cold = { live: { rate }, candidate: { rate: times * rate } }
    return () => (tick) => (tick >= 0 && tick < 12 * minutes ? cold : same({ rate }))
  }
  const slow = (slowness: (tick: number) => number): World['release'] => {
    return () => (tick) => ({
      live: { rate, slowness: 1 },
      candidate: { rate, slowness: tick < 0 ? 1 : slowness(tick) },
    })
  }
  const timed = { timed: true } as const
  return [
    world({ name: 'cold start ×6 for 30 s', release: errors(6, 0.5) }),
    ...[2, 5, 10].map((minutes) => world({ name: `cold start ×2 for ${minutes} min`, release: errors(2, minutes) })),
    ...[5, 10].map((minutes) =>
      world({
        name: `cold start ×6 for ${minutes} min, declared`,
        warmUpMs: minutes * 60_000,
        release: errors(6, minutes),
      }),
    ),
    ...[0.5, 1.5, 5, 10].map((minutes) =>
      world({
        ...timed,
        name: `cold caches, latency ×1.6 for ${minutes} min`,
        release: slow((tick) => (tick < 12 * minutes ? 1.6 : 1)),
      }),
    ),
    world({
      ...timed,
      name: 'cold caches, latency ×1.6, half of it gone every 3 min',
      release: slow((tick) => 1 + 0.6 * 2 ** (-tick / 36)),
    }),
    world({
      ...timed,
      name: 'a batch job beside the candidate, latency ×1.5 for 4 min',
      release: slow((tick) => (tick >= 120 && tick < 168 ? 1.5 : 1)),
    }),
    world({
      ...timed,
      name: 'cold start, latency ×4 for 10 min, declared',
      warmUpMs: 600_000,
      release: slow((tick) => (tick < 120 ? 4 : 1)),
    }),
  ]
}

/** Half of a side's requests fail for `seconds`, at moments of its own, once in `everyS` on average. */
function hiccups(seconds: number, everyS: number): World['release'] {
  return (random) => {
    const sides = [0, 1].map(() => momentsOf(random, everyS))
    return (tick) => {
      const [live, candidate] = sides.map((moments) => ({ rate: 0.005 + 0.5 * overlap(moments, tick, seconds) }))
      return { live: live!, candidate: candidate! }
    }
  }
}

const oneTickInTen: World['release'] = (random) => (tick) => ({
  live: { rate: 0.005 },
  candidate: { rate: tick >= 0 && random() < 0.1 ? 0.4 : 0.005 },
})

const noisyLive: World['release'] = (random) => {
  const live = hiccups(3, 600)(random)
  return (tick) => ({ live: { ...live(tick).live, burst: 5 }, candidate: { rate: 0.005 } })
}

/** Garbage collection: each side stands still for a second once in 5 minutes, and errs in bursts. */
const pauses: World['release'] = (random) => {
  const sides = [0, 1].map(() => momentsOf(random, 300))
  return (tick) => {
    const [live, candidate] = sides.map((moments) => ({
      rate: 0.005,
      burst: 3,
      slowness: 1,
      paused: overlap(moments, tick, 1),
    }))
    return { live: live!, candidate: candidate! }
  }
}
