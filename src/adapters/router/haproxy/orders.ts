/** From the servers as they are to those desired: the commands, in an order in which somebody serves all the time. */
import { isIP } from 'node:net'
import type { Slot } from '../../../core/observed.ts'
import type { DesiredRoute } from '../../../ports/router.ts'
import { type Server, weightsFor } from './servers.ts'

/** Where a server leads that stands for no instance. Nobody listens there, and it is never in service. */
export const NOWHERE = '127.0.0.1:1'

const SLOTS = ['blue', 'green'] as const

/** What a server is to be: `weight` 0 and out of service, or its weight. */
type Wanted = { readonly server: Server; readonly address: string; readonly weight: number }

export type Orders = { readonly commands: readonly string[] } | { readonly why: string }

export function ordersFor(backend: string, servers: readonly Server[], desired: DesiredRoute): Orders {
  const assigned = SLOTS.map((slot) => assign(slot, servers, desired.upstreams[slot]))
  const [blue, green] = assigned
  if (blue === undefined || green === undefined) throw new Error('two slots')
  if ('why' in blue) return blue
  if ('why' in green) return green
  const counts = { blue: blue.pairs.length, green: green.pairs.length }
  const weights = weightsFor(desired.maintenance ? { blue: 0, green: 0 } : desired.weights, counts)
  const wanted = [blue, green].flatMap(({ slot, pairs, spare }) => {
    const { weight, servers: most } = weights[slot]
    const isServing = !desired.maintenance && desired.weights[slot] > 0
    const named = pairs.map(({ server, address }, index) => ({
      server,
      address,
      weight: isServing && index < most ? weight : 0,
    }))
    return [...named, ...spare.map((server) => ({ server, address: NOWHERE, weight: 0 }))]
  })
  return { commands: commandsFor(backend, wanted) }
}

type Assigned = {
  readonly slot: Slot
  readonly pairs: readonly { readonly server: Server; readonly address: string }[]
  readonly spare: readonly Server[]
}

/** An instance keeps its server: sessions are kept by it. The others take what is free, in the order of their numbers. */
function assign(
  slot: Slot,
  servers: readonly Server[],
  upstreams: readonly string[],
): Assigned | { readonly why: string } {
  const odd = upstreams.find((address) => ipAndPort(address) === null)
  if (odd !== undefined)
    return { why: `"${odd}" is no IP address with a port, which is all that HAProxy can be sent to` }
  const own = servers.filter((server) => server.slot === slot)
  if (upstreams.length > own.length) {
    return {
      why: `${slot} has ${upstreams.length} instances, and the backend only ${own.length} servers for them; add "server ${slot}${own.length + 1} ${NOWHERE} …" to haproxy.cfg and reload it`,
    }
  }
  const keepers = new Map(
    upstreams.map((address) => [address, own.find((server) => server.address === address)] as const),
  )
  const free = own.filter((server) => ![...keepers.values()].includes(server))
  const pairs = upstreams.map((address) => ({ address, server: keepers.get(address) ?? free.shift()! }))
  const taken = new Set(pairs.map(({ server }) => server))
  return { slot, pairs, spare: own.filter((server) => !taken.has(server)) }
}

/**
 * Who comes is there before who goes is gone. One that serves and is to lead elsewhere is first taken out: what it is sent meanwhile
 * would otherwise go on to the old place.
 */
function commandsFor(backend: string, wanted: readonly Wanted[]): readonly string[] {
  const set = (server: Server, rest: string) => `set server ${backend}/${server.name} ${rest}`
  const out = ({ server }: Wanted) => set(server, 'state maint')
  const lead = ({ server, address }: Wanted) => {
    const { ip, port } = ipAndPort(address)!
    return set(server, `addr ${ip} port ${port}`)
  }
  const moves = ({ server, address }: Wanted) => server.address !== address
  const coming = wanted.filter(({ weight }) => weight > 0)
  const going = wanted.filter(({ weight }) => weight === 0)
  return [
    ...coming.flatMap((each) => [
      ...(moves(each) ? [...(each.server.isServing ? [out(each)] : []), lead(each)] : []),
      ...(each.server.weight === each.weight ? [] : [set(each.server, `weight ${each.weight}`)]),
      ...(each.server.isServing && !moves(each) ? [] : [set(each.server, 'state ready')]),
    ]),
    ...going.filter(({ server }) => server.isServing).map(out),
    ...going.filter(moves).map(lead),
  ]
}

function ipAndPort(address: string): { readonly ip: string; readonly port: number } | null {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address) ?? []
  const ip = bracketed ?? plain ?? ''
  const port = Number(digits)
  const family = bracketed === undefined ? 4 : 6
  return isIP(ip) === family && port >= 1 && port <= 65_535 ? { ip, port } : null
}
