/** Routes of the simulated traffic: which requests go to which, and what is told of each by itself. */
import { countAbove, emptyHistogram } from '../../core/histogram.ts'
import type { Segments, Slot } from '../../core/observed.ts'
import type { SegmentsQuery } from '../../ports/metrics-source.ts'
import type { Scenario } from '../scenario/schema.ts'
import { type Buckets, type Random, SCALE, successes } from './draw.ts'

/** A share of the traffic; null is what no route of the scenario has. */
export type RouteShare = { readonly name: string | null; readonly ofRest: number }

/** Each with its share of what those before it left, so that one draw after the other splits a number of requests. */
export function routeShares(routes: Scenario['traffic']['routes']): readonly RouteShare[] {
  let left = 1
  const named = Object.entries(routes).map(([name, share]) => {
    const ofRest = left > 0 ? Math.min(1, share / left) : 0
    left -= share
    return { name, ofRest }
  })
  return [...named, { name: null, ofRest: 1 }]
}

/** So many requests of a route. */
export type Part = { readonly name: string | null; readonly count: number }

export function splitByRoute(random: Random, shares: readonly RouteShare[], count: number): readonly Part[] {
  let left = count
  return shares.flatMap(({ name, ofRest }) => {
    const here = successes(random, left, ofRest)
    left -= here
    return here > 0 ? [{ name, count: here }] : []
  })
}

/** What was counted of one route in one slot. */
export type RouteCounters = { requests: number; errors: number; readonly counts: Buckets }
export type CountedRoutes = Map<string, RouteCounters>

export function countersOf(routes: CountedRoutes, name: string): RouteCounters {
  const known = routes.get(name) ?? { requests: 0, errors: 0, counts: {} }
  routes.set(name, known)
  return known
}

/** As the router tells them: those that were declared, then as many of the others as were asked for, the largest first. */
export function segmentsTold(
  slots: Readonly<Record<Slot, CountedRoutes>>,
  { declared, learn, slowMs }: SegmentsQuery,
): Readonly<Record<Slot, Segments>> {
  const requests = (name: string) => (slots.blue.get(name)?.requests ?? 0) + (slots.green.get(name)?.requests ?? 0)
  const known = [...new Set([...slots.blue.keys(), ...slots.green.keys()])].toSorted(
    (left, right) => requests(right) - requests(left),
  )
  const learned = known.filter((name) => !declared.includes(name)).slice(0, learn)
  const names = [...known.filter((name) => declared.includes(name)), ...learned]
  const of = (slot: Slot) => Object.fromEntries(names.map((name) => [name, segmentOf(slots[slot].get(name), slowMs)]))
  return { blue: of('blue'), green: of('green') }
}

function segmentOf(counted: RouteCounters | undefined, slowMs: number | null): Segments[string] {
  if (counted === undefined) return [0, 0, 0]
  const { requests, errors, counts } = counted
  return [requests, errors, slowMs === null ? 0 : countAbove({ ...emptyHistogram(SCALE), counts }, slowMs)]
}
