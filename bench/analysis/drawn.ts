/**
 * Worlds that nothing of the method was chosen by: drawn on 2026-11-30, after it was fixed. All are healthy, most of them in
 * a way that some comparison takes for a regression.
 */
import type { Random } from '../../src/core/random.ts'
import { binomial } from '../../src/testing/fake-metrics.ts'
import { many, noiseOf, same, STAGED, stickyUsers, TICK_S, wandering, type World, world } from './world.ts'

const RATE = 0.005
/** 10 % for 10 minutes, 50 % for 20, then 95 %: live keeps a control share. */
const CONTROLLED = STAGED.map((weight) => Math.min(95, weight))

export function drawnWorlds(): readonly World[] {
  const all = [...wanderingWorlds(), ...startingWorlds(), ...trafficWorlds(), ...onOneSide(), ...timedWorlds()]
  return all.map((each) => ({ ...each, group: 'drawn' }))
}

function wanderingWorlds(): readonly World[] {
  const far = wandering(RATE, { spread: 1, forgetsS: 60, meanOf: 1 })
  const slow = wandering(RATE, { spread: 0.6, forgetsS: 240, meanOf: 1 })
  return [
    world({ name: 'rates that wander apart, each side its own', release: apart }),
    world({ name: 'rate that wanders far for 60 s, both sides', release: far }),
    world({ name: 'rate that wanders far for 60 s, 10 → 50 → 95 %', weights: CONTROLLED, release: far }),
    world({ name: 'rate that wanders far for 60 s, alone from the start', weights: many(720, 100), release: far }),
    world({ name: 'rate that wanders for 4 min, 10 → 50 → 100 %', weights: STAGED, release: slow }),
    world({ name: 'rate that wanders for 4 min, alone from the start', weights: many(720, 100), release: slow }),
  ]
}

const apart: World['release'] = (random) => {
  const [live, candidate] = [noiseOf(random, 45), noiseOf(random, 45)]
  const rate = (noise: number) => RATE * Math.exp(0.5 * noise)
  return (tick) => ({ live: { rate: rate(live(tick)) }, candidate: { rate: rate(candidate(tick)) } })
}

/** Undeclared starts, below every limit after the first minute at the latest. */
function startingWorlds(): readonly World[] {
  const errors = (times: (tick: number) => number): World['release'] => {
    return () => (tick) => ({ live: { rate: RATE }, candidate: { rate: RATE * (tick < 0 ? 1 : times(tick)) } })
  }
  const slow = (slowness: (tick: number) => number): World['release'] => {
    return () => (tick) => ({
      live: { rate: RATE, slowness: 1 },
      candidate: { rate: RATE, slowness: tick < 0 ? 1 : slowness(tick) },
    })
  }
  return [
    world({
      name: 'errors ×4 at first, half of it gone every 45 s',
      release: errors((tick) => 1 + 3 * 2 ** (-tick / 9)),
    }),
    world({ name: 'errors ×1.6 for 8 min', release: errors((tick) => (tick < 96 ? 1.6 : 1)) }),
    world({
      name: 'latency ×1.35 for 3 min, then ×1.15 for 4',
      timed: true,
      release: slow((tick) => (tick < 36 ? 1.35 : tick < 84 ? 1.15 : 1)),
    }),
    world({
      name: 'latency ×2 at first, half of it gone every 90 s',
      timed: true,
      release: slow((tick) => 1 + 2 ** (-tick / 18)),
    }),
  ]
}

/** Between `from` and `to` minutes after the first shift. */
function within(tick: number, from: number, to: number): boolean {
  const minute = (tick * TICK_S) / 60
  return minute >= from && minute < to
}

function trafficWorlds(): readonly World[] {
  return [
    world({ name: 'retry storms, both sides', release: retryStorms }),
    world({
      name: 'traffic falls to a third',
      release: () => (tick) => same({ rate: RATE, load: within(tick, -5, 12) ? 1 : 1 / 3 }),
    }),
    world({
      name: 'traffic falls to a third and errors double, 10 → 50 → 100 %',
      weights: STAGED,
      release: () => (tick) => (within(tick, -5, 20) ? same({ rate: RATE }) : same({ rate: 2 * RATE, load: 1 / 3 })),
    }),
    world({
      name: 'probes that never fail, 2/s to each side',
      release: () => () => same({ rate: RATE, probes: 2 }),
    }),
    world({
      name: 'probes that never fail, 3/s to live',
      release: () => () => ({ live: { rate: RATE, probes: 3 }, candidate: { rate: RATE } }),
    }),
  ]
}

/** Once in 12 min something behind both sides fails for 20 s, and for 2 min everybody tries again. */
const retryStorms: World['release'] = (random) => {
  const begins = Array.from({ length: 5 }, (_, index) => Math.floor(144 * (index + random())))
  return (tick) => {
    const since = Math.min(...begins.map((begin) => (tick >= begin ? tick - begin : Number.POSITIVE_INFINITY)))
    if (since < 4) return same({ rate: 0.3, load: 2, burst: 2 })
    return since < 28 ? same({ rate: 0.03, load: 1.5, burst: 2 }) : same({ rate: RATE })
  }
}

function onOneSide(): readonly World[] {
  const job = (side: 'live' | 'candidate', times: number, minutes: number): World['release'] => {
    return () => (tick) => {
      const busy = { rate: within(tick, 15, 15 + minutes) ? times * RATE : RATE }
      return { live: { rate: RATE }, candidate: { rate: RATE }, [side]: busy }
    }
  }
  return [
    world({ name: 'a batch job beside the candidate, errors ×2.5 for 2 min', release: job('candidate', 2.5, 2) }),
    world({ name: 'a batch job beside live, errors ×4 for 5 min', release: job('live', 4, 5) }),
    world({ name: 'users kept by something the router does not know, 3 % bad', release: stickyUsers(3000, 0.03) }),
    world({ name: 'hiccups of the candidate of 20 s, once an hour', release: hiccupsOf20 }),
  ]
}

/** Half of the candidate's requests fail for exactly four ticks, once. */
const hiccupsOf20: World['release'] = (random) => {
  const begins = 12 + Math.floor(700 * random())
  return (tick) => ({
    live: { rate: RATE },
    candidate: { rate: tick >= begins && tick < begins + 4 ? 0.5 : RATE },
  })
}

function timedWorlds(): readonly World[] {
  const timed = { timed: true } as const
  return [
    world({ ...timed, name: 'pauses out of phase', release: outOfPhase }),
    world({
      ...timed,
      name: 'latencies of two humps, both sides',
      release: () => () => same({ rate: RATE, slowness: 0.35, far: 0.3 }),
    }),
    world({ ...timed, name: 'latencies of two humps that wander, both sides', release: humps }),
    world({ ...timed, name: 'latency that wanders, 10 → 50 → 95 %', weights: CONTROLLED, release: wanderingLatency }),
    world({ ...timed, name: 'latency that wanders, 10 → 50 → 100 %', weights: STAGED, release: wanderingLatency }),
    world({
      ...timed,
      name: 'a batch job beside live, latency ×1.5 for 4 min',
      release: () => (tick) => ({
        live: { rate: RATE, slowness: within(tick, 10, 14) ? 1.5 : 1 },
        candidate: { rate: RATE, slowness: 1 },
      }),
    }),
  ]
}

/** A tenth of each side's requests wait, for 10 s in every minute; live's when the candidate's do not. */
const outOfPhase: World['release'] = (random) => {
  const phase = binomial(random, 12, 0.5)
  const paused = (tick: number) => ((tick % 12) + 12) % 12 < 2
  return (tick) => ({
    live: { rate: RATE, paused: paused(tick + phase) ? 0.1 : 0 },
    candidate: { rate: RATE, paused: paused(tick + phase + 6) ? 0.1 : 0 },
  })
}

const humps: World['release'] = (random) => {
  const noise = noiseOf(random, 120)
  return (tick) => same({ rate: RATE, slowness: 0.35, far: Math.min(0.9, 0.25 * Math.exp(0.4 * noise(tick))) })
}

const wanderingLatency: World['release'] = (random: Random) => {
  const noise = noiseOf(random, 120)
  return (tick) => same({ rate: RATE, slowness: Math.exp(0.15 * noise(tick)) })
}
