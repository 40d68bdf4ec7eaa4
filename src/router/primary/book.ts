/**
 * The book of routes: pure functions from the stored state and a desired route to the next state. No sockets, no workers.
 */
import { createHash, createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { SlotName } from '../pick.ts'
import { refused, type Outcome } from '../problem.ts'
import type { RouteConfig, SlotConfig } from '../protocol.ts'
import { contradiction, RouteKey, DesiredRoute } from '../desired-route.ts'
import type { State, StoredRoute } from './state-file.ts'

const REMOVED_MAX = 1_000

export function readDesired(key: string, body: unknown): Outcome<DesiredRoute> {
  const name = RouteKey.safeParse(key)
  if (!name.success) return refused('bad-request', 400, z.prettifyError(name.error))
  const parsed = DesiredRoute.safeParse(body)
  if (!parsed.success) {
    return refused('bad-request', 400, z.prettifyError(parsed.error), { issues: parsed.error.issues })
  }
  const why = contradiction(parsed.data)
  return why === null ? { ok: true, value: parsed.data } : refused('impossible-route', 422, why)
}

/** Lets the desired route pass, or says that it is `same`; a desired route from the past is refused. */
export function fence(state: State, key: string, desired: DesiredRoute): Outcome<'new' | 'same'> {
  const stored = find(state, key)
  const floor = stored?.desired.generation ?? state.removed[key] ?? -1
  if (desired.generation > floor) return { ok: true, value: 'new' }
  if (stored && isDeepStrictEqual(stored.desired, desired)) return { ok: true, value: 'same' }
  const generation = { generation: floor }
  if (desired.generation < floor) {
    return refused(
      'stale-generation',
      409,
      `Generation ${desired.generation} is older than ${floor}, which is in force.`,
      generation,
    )
  }
  const what = stored ? 'is in force with a different content' : 'removed this route'
  return refused('conflicting-route', 409, `Generation ${floor} ${what}; use a higher one.`, generation)
}

export function find(state: State, key: string): StoredRoute | undefined {
  return state.routes.find((route) => route.key === key)
}

export function withRoute(state: State, key: string, desired: DesiredRoute, address: string): State {
  const old = find(state, key)
  const incarnations = old ? state.incarnations : state.incarnations + 1
  const route: StoredRoute = {
    key,
    incarnation: old?.incarnation ?? incarnations,
    tenure: { blue: tenure('blue', old, desired), green: tenure('green', old, desired) },
    address,
    desired,
  }
  const { [key]: _, ...removed } = state.removed
  return { ...state, incarnations, removed, routes: [...state.routes.filter((other) => other.key !== key), route] }
}

export function withoutRoute(state: State, key: string, generation: number): State {
  const removed = { ...state.removed, [key]: generation }
  const recent = Object.fromEntries(Object.entries(removed).slice(-REMOVED_MAX))
  return { ...state, removed: recent, routes: state.routes.filter((route) => route.key !== key) }
}

export function toConfig(state: State, { key, incarnation, tenure, address, desired }: StoredRoute): RouteConfig {
  const { slots: _slots, listen: _listen, ...rest } = desired
  const slot = (name: SlotName): SlotConfig => ({
    ...desired.slots[name],
    cookie: createHmac('sha256', state.secret)
      .update(`${key} ${incarnation} ${name} ${tenure[name]}`)
      .digest('base64url')
      .slice(0, 22),
  })
  const slots = { blue: slot('blue'), green: slot('green') }
  const salt = createHash('sha256').update(`${key} ${tenure.blue} ${tenure.green}`).digest().readUInt32LE()
  return { ...rest, key, incarnation, address, slots, salt }
}

/** Another route of this router that has the address. */
export function neighbour(state: State, key: string, listen: string): StoredRoute | undefined {
  return state.routes.find((route) => route.key !== key && route.address === listen)
}

/** A slot that comes back from weight 0 begins a new tenure: sessions from its last one are not its own any more. */
function tenure(name: SlotName, old: StoredRoute | undefined, desired: DesiredRoute): number {
  if (!old) return 1
  const returns = old.desired.slots[name].weight === 0 && desired.slots[name].weight > 0
  return old.tenure[name] + (returns ? 1 : 0)
}
