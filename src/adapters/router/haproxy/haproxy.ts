/**
 * A HAProxy of the team's own, told by its runtime socket: weights and servers change at once and nothing is reloaded, so that no
 * connection is lost. What is in force is written to HAProxy's own state file, from which it starts again.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { ObservedRoute, Slot } from '../../../core/observed.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { type Failure, failure, ok, type Result } from '../../../ports/result.ts'
import type { DesiredRoute, Router } from '../../../ports/router.ts'
import { router } from '../../kit.ts'
import { counts } from './counts.ts'
import { countedFrom } from './logs.ts'
import { NOWHERE, ordersFor } from './orders.ts'
import { type Options, options, planned } from './options.ts'
import { isBeside, type Kept, NOTHING, type Owner, readRecord, replaceFile, standingOf } from './record.ts'
import { inService, readServers, type Server, sharesOf } from './servers.ts'
import { ask } from './socket.ts'
import { statOf } from './stats.ts'

const capabilitiesOf = ({ logs }: Pick<Options, 'logs'>) =>
  ({ weights: true, drain: true, maintenance: true, counts: logs !== null }) as const

export const haproxy = router({
  kind: 'haproxy',
  hostBound: true,
  options,
  planned,
  describe: (given) => ({
    hosts: [],
    secrets: [],
    capabilities: capabilitiesOf(given),
    listens: [],
    sticky: given.sticky,
  }),
  create(given, context): Router {
    const route = { given, file: recordFile(given, context), owner: ownerOf(context) }
    const logs = given.logs === null ? null : countedFrom(given.logs, given.backend, context)
    return {
      capabilities: capabilitiesOf(given),
      listens: [],
      observe: (signal) => guarded(() => observe(route, signal)),
      set: (desired, order) => inTurn(route.file, () => guarded(() => set(route, desired, order))),
      remove: (order) => inTurn(route.file, () => guarded(() => set(route, null, order))),
      ...(logs && { counts: (signal: AbortSignal) => counts(given, { clock: context.clock, logs }, signal) }),
    }
  },
})

type Route = { readonly given: Options; readonly file: string; readonly owner: Owner }
type Ordered = { readonly fence: number; readonly signal: AbortSignal }

/** One record for each backend: no two routes can have the same one. */
function recordFile({ socket, backend }: Options, { host }: AdapterContext): string {
  const which = createHash('sha256').update(socket).digest('hex').slice(0, 12)
  return join(host.dataFolder, 'haproxy', `${backend}-${which}.json`)
}

function ownerOf({ target: { service, environment, component } }: AdapterContext): Owner {
  return { service, environment, component }
}

/** Orders of one route one after the other, whichever plan's adapter they come by: each begins with what the last one left. */
const lines = new Map<string, Promise<unknown>>()

async function inTurn<T>(file: string, work: () => Promise<T>): Promise<T> {
  const before = lines.get(file)
  // Whoever was before has answered its own failure to its own caller.
  const turn = (before ?? Promise.resolve()).then(work, work)
  lines.set(file, turn)
  try {
    return await turn
  } finally {
    if (lines.get(file) === turn) lines.delete(file)
  }
}

/** What the disk refuses may be mended by people while the order is repeated. */
async function guarded<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    return failure('transient', `HAProxy: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const NONE: DesiredRoute = {
  weights: { blue: 0, green: 0 },
  upstreams: { blue: [], green: [] },
  maintenance: true,
}

/** `desired`: null takes the route away. */
async function set(
  route: Route,
  desired: DesiredRoute | null,
  { fence, signal }: Ordered,
): Promise<Result<ObservedRoute>> {
  const { given, file, owner } = route
  const kept = await readRecord(file)
  if (desired === null && standingOf(kept, owner) !== 'ours') return observe(route, signal)
  const refused = refusalOf(given, kept, { owner, fence })
  if (refused) return refused
  const before = await look(given, signal)
  if (!before.ok) return before
  const orders = ordersFor(given.backend, before.value.servers, desired ?? NONE)
  if ('why' in orders) return failure('permanent', `HAProxy: backend ${given.backend}: ${orders.why}`)
  // Before it is done: an older order is refused from here on, and one that was cut short shows in what is observed.
  const { maintenance, upstreams } = desired ?? NONE
  const now: Kept = { owner, generation: fence, route: desired === null ? null : { maintenance, upstreams } }
  await replaceFile(file, `${JSON.stringify(now)}\n`, 0o600)
  const done = await carryOut(given, orders.commands, signal)
  return done.ok ? confirmed(route, desired ?? NONE, now, signal) : done
}

/** Numbers of orders grow within an environment, so only those of one can be compared. */
function refusalOf(
  { backend }: Options,
  kept: Kept,
  { owner, fence }: { readonly owner: Owner; readonly fence: number },
): Failure | null {
  if (standingOf(kept, owner) === 'elsewhere' && kept.owner !== null) {
    const { service, environment, component } = kept.owner
    return failure('transient', `HAProxy: backend ${backend} is that of ${component} of ${service} in ${environment}`)
  }
  if (fence >= kept.generation || !isBeside(kept.owner, owner)) return null
  const message = `HAProxy: this order is stale: ${fence} is older than ${kept.generation}, which is in force`
  return failure('permanent', message)
}

/** Answers of commands that changed something, or had nothing to change. */
const WELL = /^$|^no need to change|changed from|^Socket/

async function carryOut({ socket }: Options, commands: readonly string[], signal: AbortSignal): Promise<Result<null>> {
  if (commands.length === 0) return ok(null)
  const said = await ask(socket, commands, signal)
  if (!said.ok) return said
  const wrong = said.value.split('\n').find((line) => !WELL.test(line.trim()))
  return wrong === undefined ? ok(null) : failure('transient', `HAProxy answered "${wrong.trim()}" to an order`)
}

/** In force is what HAProxy shows (law L4); and it lasts once it stands in the file from which HAProxy starts. */
async function confirmed(
  { given }: Route,
  { weights }: DesiredRoute,
  kept: Kept,
  signal: AbortSignal,
): Promise<Result<ObservedRoute>> {
  const seen = await look(given, signal)
  if (!seen.ok) return seen
  const route = routeOf(given, kept, seen.value)
  if (route.weights.blue !== weights.blue || route.weights.green !== weights.green) {
    const { blue, green } = route.weights
    return failure(
      'transient',
      `HAProxy shows blue ${blue} %, green ${green} % after it was told ${weights.blue} and ${weights.green}: does somebody else change its servers?`,
    )
  }
  await replaceFile(given.stateFile, seen.value.stateText, 0o644)
  return ok(route)
}

/** A backend that is another's holds no route of ours. */
async function observe({ given, file, owner }: Route, signal: AbortSignal): Promise<Result<ObservedRoute>> {
  const kept = await readRecord(file)
  const seen = await look(given, signal)
  if (!seen.ok) return seen
  if (standingOf(kept, owner) === 'ours') return ok(routeOf(given, kept, seen.value))
  return ok(routeOf(given, NOTHING, { ...seen.value, servers: [], inFlight: { blue: 0, green: 0 } }))
}

type Seen = {
  readonly servers: readonly Server[]
  readonly inFlight: Readonly<Record<Slot, number>>
  /** As HAProxy reads it again. */
  readonly stateText: string
}

async function look({ socket, backend }: Options, signal: AbortSignal): Promise<Result<Seen>> {
  const said = await ask(socket, [`show servers state ${backend}`, 'show stat'], signal)
  if (!said.ok) return said
  const end = said.value.indexOf('# pxname')
  const stateText = said.value.slice(0, end < 0 ? undefined : end).trim()
  const told = readServers(stateText)
  if (told === null) return failure('permanent', `HAProxy: backend ${backend}: ${stateText.split('\n')[0]}`)
  const { servers, strangers } = told
  if (strangers.length > 0) {
    return failure(
      'permanent',
      `HAProxy: backend ${backend} has servers that belong to no slot and serve: ${strangers.join(', ')}; take them out, or call them blue1, green1 …`,
    )
  }
  const missing = (['blue', 'green'] as const).find((slot) => servers.every((server) => server.slot !== slot))
  if (missing) {
    return failure('permanent', `HAProxy: backend ${backend} has no server ${missing}1; see docs/guides/haproxy.md`)
  }
  return ok({ servers, inFlight: statOf(said.value, backend, 'scur'), stateText: `${stateText}\n` })
}

function routeOf({ url }: Options, { generation, route }: Kept, { servers, inFlight }: Seen): ObservedRoute {
  const weights = sharesOf(servers)
  const isClosed = weights.blue + weights.green === 0
  return {
    weights,
    upstreams: { blue: named(servers, 'blue', route), green: named(servers, 'green', route) },
    inFlight,
    maintenance: isClosed && route !== null && route.maintenance,
    generation: route === null ? 0 : generation,
    url,
  }
}

/** In the order in which they were given, where these are the same. */
function named(servers: readonly Server[], slot: Slot, route: Kept['route']): readonly string[] {
  const serving = inService(servers, slot)
  const addresses = servers
    .filter((server) => server.slot === slot && (server.address !== NOWHERE || serving.includes(server)))
    .map(({ address }) => address)
  const given = route?.upstreams[slot] ?? []
  const isSame = given.length === addresses.length && given.every((address) => addresses.includes(address))
  return isSame ? given : addresses
}
