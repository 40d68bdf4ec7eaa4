/** The router that comes with Stellwerk (`src/router`), a process of its own, spoken to over its admin API. */
import type { z } from 'zod'
import type { ObservedRoute, Slot } from '../../../core/observed.ts'
import { ok, type Result, type Target } from '../../../ports/result.ts'
import type { DesiredRoute } from '../../../ports/router.ts'
import type { RouterClient, RouteView, DesiredRouteInput } from '../../../router/client.ts'
import { router } from '../../kit.ts'
import { counts } from './counts.ts'
import { options, planned } from './options.ts'
import { environmentKey, reach, refusalOf, routeKey, routerOf } from './reach.ts'

type Options = z.output<typeof planned>

const capabilities = { weights: true, drain: true, maintenance: true, counts: true } as const

export const embeddedRouter = router({
  kind: 'embedded',
  hostBound: true,
  options,
  planned,
  describe: ({ listen, sticky }) => ({
    hosts: [],
    secrets: [],
    capabilities,
    listens: [listen],
    sticky: sticky.kind === 'none' ? null : { cookie: sticky.kind === 'cookie' ? sticky.name : null },
  }),
  create(given, context) {
    const { target, host } = context
    const find = () => routerOf(host)
    return {
      capabilities,
      listens: [given.listen],
      observe: () => observe(given, target, find),
      set: async (desired, { fence }) => {
        const client = await reach(find)
        if (!client.ok) return client
        const answer = await putOrTakeOver(client.value, target, desiredFor(given, desired, fence))
        return answer.ok ? ok(observed(answer.value)) : refusalOf(answer.status, answer.problem)
      },
      remove: async ({ fence }) => {
        const client = await reach(find)
        if (!client.ok) return client
        const answer = await client.value.remove(routeKey(target), fence)
        return answer.ok ? ok(nothingSet(given.listen)) : refusalOf(answer.status, answer.problem)
      },
      counts: (signal, segments) => counts(find, context, { signal, segments }),
    }
  },
})

/** The address may be that of another component of this environment, which gives it up with this release. */
async function putOrTakeOver(client: RouterClient, target: Target, desired: DesiredRouteInput) {
  const key = routeKey(target)
  const answer = await client.put(key, desired)
  const holder: unknown = answer.ok ? null : answer.problem['heldBy']
  if (typeof holder !== 'string' || !holder.startsWith(environmentKey(target))) return answer
  return client.put(key, desired, holder)
}

async function observe(
  { listen }: Options,
  target: Target,
  find: () => Promise<RouterClient>,
): Promise<Result<ObservedRoute>> {
  const client = await reach(find)
  if (!client.ok) return client
  const answer = await client.value.get(routeKey(target))
  if (answer.ok) return ok(observed(answer.value))
  return answer.status === 404 ? ok(nothingSet(listen)) : refusalOf(answer.status, answer.problem)
}

const TEXT = 'Please try again in a few minutes. / Bitte versuchen Sie es in ein paar Minuten noch einmal.'

function desiredFor(
  options: Options,
  { weights, upstreams, maintenance, segments }: DesiredRoute,
  generation: number,
): DesiredRouteInput {
  const slot = (name: Slot) => ({ weight: weights[name], upstreams: [...upstreams[name]] })
  return {
    generation,
    listen: options.listen,
    slots: { blue: slot('blue'), green: slot('green') },
    sticky: options.sticky,
    maintenance: maintenance ? { title: 'Maintenance / Wartung', text: TEXT, retryAfterS: 60 } : null,
    timeoutMs: options.timeoutMs,
    deadlineMs: options.deadlineMs,
    drainMs: options.drainMs,
    trustedProxies: options.trustedProxies,
    // An older router, which may run on for days, knows no segments.
    ...(segments === undefined || segments.declared.length === 0
      ? {}
      : { segments: { declared: [...segments.declared], learn: segments.learn } }),
  }
}

/** Weights are those in force in the worker that serves, not those desired (law L4). */
function observed({ generation, desired, slots, listening }: RouteView): ObservedRoute {
  const inForce =
    desired.maintenance === null ? { blue: slots.blue.weight, green: slots.green.weight } : { blue: 0, green: 0 }
  return {
    weights: inForce,
    upstreams: { blue: desired.slots.blue.upstreams, green: desired.slots.green.upstreams },
    inFlight: { blue: slots.blue.inFlight, green: slots.green.inFlight },
    maintenance: desired.maintenance !== null,
    generation,
    url: `http://${listening ?? desired.listen}`,
  }
}

function nothingSet(listen: string): ObservedRoute {
  return {
    weights: { blue: 0, green: 0 },
    upstreams: { blue: [], green: [] },
    inFlight: { blue: 0, green: 0 },
    maintenance: false,
    generation: 0,
    url: `http://${listen}`,
  }
}
