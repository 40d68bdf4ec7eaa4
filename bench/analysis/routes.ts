/** Worlds with routes: one of them dead, or all of them healthy though some look bad. */
import { many, same, type SideNow, STAGED, type World, world } from './world.ts'

const RATE = 0.005
/** All alike; and as usual: the second has half of the first's, the third a third. */
const alike = (routes: number): readonly number[] => many(routes, 1 / routes)
export const USUAL = usual(20)

function usual(routes: number): readonly number[] {
  const raw = Array.from({ length: routes }, (_, route) => 1 / (route + 1))
  const all = raw.reduce((sum, share) => sum + share, 0)
  return raw.map((share) => share / all)
}

const HALF = many(720, 50)

/** One route of the candidate is worse from `onset` on. */
function one(
  name: string,
  route: Partial<SideNow>,
  part: Partial<World> & { readonly routes: readonly number[] },
): World {
  const onset = part.onset ?? 0
  const candidate: SideNow = { rate: RATE, slowness: 1, route: (index) => (index === 0 ? route : {}) }
  const live: SideNow = { rate: RATE, slowness: 1 }
  const release = () => (tick: number) => (tick >= onset ? { live, candidate } : same(live))
  return world({ group: 'routes', name, worse: 1, release, ...part, onset })
}

export function worseRoutes(): readonly World[] {
  const dead = { rate: 1 }
  return [
    one('one route of 5 dead', dead, { routes: alike(5) }),
    one('one route of 5 dead from minute 30, 50 %', dead, { routes: alike(5), onset: 360, weights: HALF }),
    one('one route of 5 dead from minute 40, alone at 100 %', dead, { routes: alike(5), onset: 480, weights: STAGED }),
    one('one route of 20 dead', dead, { routes: alike(20) }),
    one('one route of 20 dead from minute 30, 50 %', dead, { routes: alike(20), onset: 360, weights: HALF }),
    one('one route of 20 dead from minute 40, alone at 100 %', dead, {
      routes: alike(20),
      onset: 480,
      weights: STAGED,
    }),
    one('one route of 20 fails half of the time', { rate: 0.5 }, { routes: alike(20) }),
    one('one route of 20 slow ×4', { slowness: 4 }, { routes: alike(20), timed: true }),
    one('one route of 100 dead', dead, { routes: alike(100) }),
    one('one route of 20 dead', dead, { routes: alike(20), rps: 200 }),
  ]
}

/** What is bad at a route is no matter of the candidate's. */
export function healthyRoutes(): readonly World[] {
  const both = (name: string, route: (index: number, tick: number) => Partial<SideNow>, part: Partial<World> = {}) =>
    world({
      name,
      routes: USUAL,
      release: () => (tick) => same({ rate: RATE, slowness: 1, route: (index) => route(index, tick) }),
      ...part,
    })
  const outage = (index: number, tick: number) => (index === 4 && tick >= 240 && tick < 312 ? { rate: 1 } : {})
  const cold = (times: number): World['release'] => {
    const begins = (index: number) => (index === 4 ? { rate: times * RATE } : {})
    return () => (tick) => ({
      live: { rate: RATE },
      candidate: { rate: RATE, ...(tick < 12 && { route: begins }) },
    })
  }
  return [
    both('routes: nothing special', () => ({})),
    both('routes: nothing special, 10 → 50 → 100 %', () => ({}), { weights: STAGED }),
    both('routes: three of 20 fail on both sides, 30 to 100 %', (index) =>
      index % 7 === 3 ? { rate: 0.3 + 0.05 * index } : {},
    ),
    both(
      'routes: three of 20 fail on both sides, alone after 15 min',
      (index) => (index % 7 === 3 ? { rate: 0.3 + 0.05 * index } : {}),
      {
        weights: [...many(180, 10), ...many(540, 100)],
      },
    ),
    both('routes: one dead for 6 min on both sides', outage),
    both('routes: one dead for 6 min on both sides, 50 %', outage, { weights: HALF }),
    both('routes: one dead for 6 min on both sides, 95 %', outage, { weights: many(720, 95) }),
    both('routes: bursts of 40 at one', (index) => (index === 4 ? { rate: 0.02, large: 0.1 } : {})),
    both('routes: one wanders between 0 and 20 %', (index, tick) =>
      index === 4 ? { rate: 0.1 + 0.1 * Math.sin(tick / 10) } : {},
    ),
    both('routes: three slow on both sides', (index) => (index % 7 === 3 ? { slowness: 5 } : {}), { timed: true }),
    ...[20, 40].map((times) =>
      world({ name: `routes: one starts ×${times} for 1 min`, routes: USUAL, release: cold(times) }),
    ),
  ]
}
