/** The servers of a backend: what HAProxy tells of them, and which share of the traffic each slot has by their weights. */
import type { Slot } from '../../../core/observed.ts'

export type Server = {
  /** `blue1`: the slot, and its place in it. */
  readonly name: string
  readonly slot: Slot
  /** `127.0.0.1:9001`, `[::1]:9001`. */
  readonly address: string
  readonly weight: number
  /** It may be given requests: nobody took it out of service or lets it drain. */
  readonly isServing: boolean
}

/** `srv_admin_state`: any of these, and it gets nothing; 0x04, "disabled in haproxy.cfg", stays once it was enabled. */
const OUT_OF_SERVICE = 0x01 | 0x02 | 0x08 | 0x10 | 0x20
const NAME = /^(blue|green)([1-9]\d{0,2})$/

export type Told = {
  readonly servers: readonly Server[]
  /** Servers of the backend that are none of a slot's and serve all the same: what they get is nobody's share. */
  readonly strangers: readonly string[]
}

/** Of `show servers state BACKEND`; null where the answer is no such table. Columns are found by their names. */
export function readServers(text: string): Told | null {
  const [head = '', ...lines] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '1')
  const columns = head.replace(/^# /, '').split(' ')
  const at = (name: string) => columns.indexOf(name)
  const places = ['srv_name', 'srv_addr', 'srv_port', 'srv_uweight', 'srv_admin_state'].map(at)
  if (places.includes(-1)) return null
  const rows = lines.map((line) => {
    const cells = line.split(' ')
    return places.map((place) => cells[place] ?? '')
  })
  const servers = rows.map(serverOf).filter((server) => server !== null)
  const known = new Set(servers.map(({ name }) => name))
  const strangers = rows.filter(([name = '', , , weight, admin]) => {
    return !known.has(name) && Number(weight) > 0 && (Number(admin) & OUT_OF_SERVICE) === 0
  })
  return { servers: servers.toSorted(byPlace), strangers: strangers.map(([name = '']) => name) }
}

function serverOf([name = '', host = '', port = '', weight = '', admin = '']: readonly string[]): Server | null {
  const slot = NAME.exec(name)?.[1]
  if (slot === undefined) return null
  const isServing = (Number(admin) & OUT_OF_SERVICE) === 0
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  return { name, slot: slot as Slot, address, weight: Number(weight), isServing }
}

function byPlace(one: Server, other: Server): number {
  return Number(NAME.exec(one.name)![2]) - Number(NAME.exec(other.name)![2])
}

/** Percent of the traffic for each slot, as their weights share it: both 0 when nobody serves. */
export function sharesOf(servers: readonly Server[]): Readonly<Record<Slot, number>> {
  const sum = (slot: Slot) => inService(servers, slot).reduce((all, { weight }) => all + weight, 0)
  const [blue, green] = [sum('blue'), sum('green')]
  if (blue + green === 0) return { blue: 0, green: 0 }
  const share = Math.round((100 * green) / (blue + green))
  return { blue: 100 - share, green: share }
}

export function inService(servers: readonly Server[], slot: Slot): readonly Server[] {
  return servers.filter((server) => server.slot === slot && server.isServing && server.weight > 0)
}

/** HAProxy's largest weight. */
const WEIGHT_MAX = 256

type Split = Readonly<Record<Slot, { readonly weight: number; readonly servers: number }>>

/**
 * A weight for each server of each slot, so that the slots' shares are those desired to the percent, whatever the number of servers.
 * The smallest that do it, so that HAProxy's rounds are short. The slot with the smaller share may have to do without some of
 * its `servers`: 1 % for four of them beside one of 99 % cannot be said in weights up to 256.
 */
export function weightsFor(shares: Readonly<Record<Slot, number>>, counts: Readonly<Record<Slot, number>>): Split {
  if (shares.blue === 0 || shares.green === 0) {
    return { blue: { weight: 1, servers: counts.blue }, green: { weight: 1, servers: counts.green } }
  }
  const { blue, green } = closest(shares, counts)
  if (Math.round(shareOfGreen({ blue, green }, counts)) === shares.green) {
    return { blue: { weight: blue, servers: counts.blue }, green: { weight: green, servers: counts.green } }
  }
  const smaller: Slot = shares.blue < shares.green ? 'blue' : 'green'
  return weightsFor(shares, { ...counts, [smaller]: counts[smaller] - 1 })
}

function closest(shares: Readonly<Record<Slot, number>>, counts: Readonly<Record<Slot, number>>) {
  const ratio = (shares.green * counts.blue) / (shares.blue * counts.green)
  let best = { blue: 1, green: 1, error: 100 }
  for (let blue = 1; blue <= WEIGHT_MAX; blue++) {
    const green = Math.min(WEIGHT_MAX, Math.max(1, Math.round(blue * ratio)))
    const error = Math.abs(shareOfGreen({ blue, green }, counts) - shares.green)
    if (error < best.error - SAME) best = { blue, green, error }
  }
  return best
}

/** Percent. Less than this is rounding. */
const SAME = 1e-9

function shareOfGreen(weights: Readonly<Record<Slot, number>>, counts: Readonly<Record<Slot, number>>): number {
  const [blue, green] = [weights.blue * counts.blue, weights.green * counts.green]
  return (100 * green) / (blue + green)
}
