/** Ports for instances: below the range from which the system itself hands out ports, so that none is taken in a pause. */
import { globSync, readdirSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { readOrNull, readSlotRecord } from './record.ts'

const LOWEST = 10_240
const HIGHEST = 32_767
const TRIES = 200

/** A port of 127.0.0.1 that nobody listens on and that no slot beside this one has given to an instance. */
export async function freePort(slotsFolder: string): Promise<number> {
  const given = givenPorts(slotsFolder)
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = LOWEST + Math.floor(Math.random() * (highest() - LOWEST + 1))
    if (!given.has(port) && (await isFree(port))) return port
  }
  throw new Error(`no free port found between ${LOWEST} and ${highest()} on 127.0.0.1 in ${TRIES} tries`)
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/**
 * True when one of the processes listens on the port: what answers there is then what was started, and not somebody else
 * who was quicker. Null where the system cannot tell.
 */
export function listensOn(port: number, pids: readonly number[]): boolean | null {
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readOrNull(path)).filter((table) => table !== null)
  if (tables.length === 0) return null
  const sockets = new Set(tables.flatMap((table) => listeners(table, port)).map((inode) => `socket:[${inode}]`))
  return pids.some((pid) => openFiles(pid).some((file) => sockets.has(file)))
}

/** Inodes of the sockets that listen on `port`, from a table as in proc_net_tcp(5): address, peer, state, …, inode. */
function listeners(table: string, port: number): readonly string[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/))
  const ours = rows.filter(
    ([, address, , state]) => state === '0A' && Number.parseInt(address!.split(':')[1]!, 16) === port,
  )
  return ours.map((row) => row[9]!)
}

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => linkOrEmpty(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

function givenPorts(slotsFolder: string): ReadonlySet<number> {
  const records = globSync('*/*/*/*/slot.json', { cwd: slotsFolder })
  return new Set(records.flatMap((path) => portsOf(join(slotsFolder, dirname(path)))))
}

function portsOf(folder: string): readonly number[] {
  try {
    return readSlotRecord(folder)?.instances.map(({ port }) => port) ?? []
  } catch {
    return []
  }
}

function highest(): number {
  const [first] = (readOrNull('/proc/sys/net/ipv4/ip_local_port_range') ?? '').split(/\s/)
  const below = Number(first) - 1
  return below > LOWEST + TRIES ? Math.min(below, HIGHEST) : HIGHEST
}
