/**
 * Fuzzes the data plane: a real router, services that misbehave, clients that do, and beside them an ordinary client who must
 * notice nothing. What is said is drawn from a seed; when it is said is the machine's.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import net from 'node:net'
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import type { TestContext } from 'node:test'
import type { RouterClient } from '../../src/router/client.ts'
import { type Random, randomOf } from '../../src/core/random.ts'
import { until } from '../../src/testing/until.ts'
import { answer, below, chance, mutated, noise, pick, pieces, request } from './router-fuzz-words.ts'
import { ask, backend, put, rawBackend, startRouter, value, desired } from './router-world.ts'

export type Fuzz = {
  readonly seed: number
  /** Clients one after the other in each of the lanes; the fuzz ends when all had their turn, or time is up. */
  readonly clients: number
  readonly forMs: number
}

const LANES = 12
const CLIENT_MS = 400
const STICKY = { kind: 'cookie', name: 'side' } as const
const LIMITS = { timeoutMs: 1_500, deadlineMs: 300, drainMs: 1_000 }

/** How many clients played. Throws with the seed when anybody else noticed. */
export async function fuzz(t: TestContext, { seed, clients, forMs }: Fuzz): Promise<number> {
  const { client, log } = await startRouter(t)
  let connections = 0
  const wild = await rawBackend(t, (socket) => void misbehave(randomOf(seed - ++connections), socket))
  const honest = await backend(t, (req, res) => void req.resume().on('end', () => res.end('calm')))
  const sides = { blue: [wild], green: [honest.address] }
  const listening = [
    await put(client, 'calm', desired(1, 0, { blue: [honest.address] }, LIMITS)),
    await put(client, 'wild', desired(1, 30, sides, { ...LIMITS, sticky: STICKY, trustedProxies: ['127.0.0.1'] })),
  ]
  const { worker } = value(await client.health())
  const quiet = await descriptors(worker!)
  const ordinary = askAlways(listening[0]!)
  const played = await attack({ seed, clients, listening, endsAt: performance.now() + forMs })
  const noticed = await ordinary.stop()
  const after = value(await client.health())
  const told = `seed ${seed}, ${played} clients; ${log().slice(-3_000)}`
  assert.deepEqual(noticed.failed, [], told)
  assert.ok(noticed.served > 20, `the ordinary client was hardly served: ${noticed.served}; ${told}`)
  assert.equal(after.worker, worker, told)
  assert.deepEqual(after.faults, { contained: 0, uncaught: 0 }, told)
  await comesToRest(client, worker!, quiet)
  return played
}

/** Nothing is left in flight, no connection open, and counters make sense. */
async function comesToRest(client: RouterClient, worker: number, quiet: number): Promise<void> {
  for (const key of ['calm', 'wild']) {
    const slots = async () => Object.values(value(await client.metrics(key)).slots)
    const isDone = async () => (await slots()).every(({ inFlight }) => inFlight === 0)
    await until(`nothing of ${key} is in flight`, isDone).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await remains(client, key, worker)}`)
    })
    for (const { requests, errors } of await slots()) assert.ok(errors <= requests)
  }
  await until('connections are closed', async () => (await descriptors(worker)) <= quiet + 3, { timeoutMs: 30_000 })
}

/** What is still in flight, and the state of the worker's sockets as the system has it, bytes not read and not sent with it. */
async function remains(client: RouterClient, key: string, worker: number): Promise<string> {
  const { slots } = value(await client.metrics(key))
  const lines = Object.entries(slots).map(([slot, { inFlight, waitingOldestMs }]) => {
    const kind =
      waitingOldestMs > 0
        ? `some for an answer, since ${waitingOldestMs} ms`
        : 'all with a response or tunnel under way'
    return `${slot}: ${inFlight} in flight, ${kind}`
  })
  return [...lines, ...socketsOf(worker)].join('\n')
}

const STATES =
  ' ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING'.split(' ')

function socketsOf(pid: number): readonly string[] {
  try {
    const inodes = new Set(readdirSync(`/proc/${pid}/fd`).map((fd) => inodeOf(`/proc/${pid}/fd/${fd}`)))
    const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').split('\n').slice(1)
    return rows
      .map((row) => row.trim().split(/\s+/))
      .filter((row) => inodes.has(row[9]))
      .map(socketLine)
  } catch {
    return [] // not Linux
  }
}

function inodeOf(fd: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]/.exec(readlinkSync(fd))?.[1]
  } catch {
    return undefined // closed meanwhile
  }
}

function socketLine([, local, remote, state, queues]: readonly string[]): string {
  const port = (address = '') => Number.parseInt(address.split(':')[1]!, 16)
  const [unsent, unread] = queues!.split(':').map((bytes) => Number.parseInt(bytes, 16))
  const name = STATES[Number.parseInt(state!, 16)]
  return `socket ${port(local)} to ${port(remote)}: ${name}, ${unsent} bytes unsent, ${unread} unread`
}

async function descriptors(pid: number): Promise<number> {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0 // not Linux
  }
}

function askAlways(address: string) {
  const seen = { served: 0, failed: [] as string[], isRunning: true }
  const run = async () => {
    for (let i = 0; seen.isRunning; i++) {
      const sent = i % 3 === 0 ? { method: 'POST', body: 'x'.repeat(10_000) } : {}
      try {
        const { status, body } = await ask(address, sent)
        if (status === 200 && body === 'calm') seen.served++
        else seen.failed.push(`${status} ${body.slice(0, 200)}`)
      } catch (error) {
        seen.failed.push(String(error))
      }
    }
  }
  const running = Promise.all([run(), run()])
  return {
    stop: async () => {
      seen.isRunning = false
      await running
      return seen
    },
  }
}

type Attack = {
  readonly seed: number
  readonly clients: number
  readonly listening: readonly string[]
  readonly endsAt: number
}

async function attack({ seed, clients, listening, endsAt }: Attack): Promise<number> {
  let next = 0
  const lane = async () => {
    while (next < clients && performance.now() < endsAt) {
      const draw = randomOf(seed * 1_000_003 + next++)
      await trouble(draw, pick(draw, listening))
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return next
}

/** One client: says what it was drawn, in pieces, and leaves in one of the ways there are. */
async function trouble(draw: Random, address: string): Promise<void> {
  const [host, port] = address.split(':')
  const socket = net.connect({ host, port: Number(port), allowHalfOpen: chance(draw, 0.3) }).on('error', () => {})
  if (chance(draw, 0.7)) socket.resume()
  const gone = new Promise<void>((closed) => socket.once('close', () => closed()))
  for (const piece of pieces(draw, said(draw))) {
    if (socket.destroyed) break
    socket.write(piece, 'latin1')
    if (chance(draw, 0.2)) await delay(below(draw, 20))
    else await turn()
  }
  const leaves = draw()
  if (leaves < 0.2) socket.end()
  else if (leaves < 0.35) socket.resetAndDestroy()
  await Promise.race([gone, delay(below(draw, CLIENT_MS))])
  if (chance(draw, 0.5)) socket.resetAndDestroy()
  else socket.destroy()
}

function said(draw: Random): string {
  if (chance(draw, 0.05)) return noise(draw)
  const requests = Array.from({ length: 1 + below(draw, pick(draw, [1, 3, 12])) }, () => request(draw))
  const text = requests.join('')
  if (chance(draw, 0.3)) return mutated(draw, text)
  return chance(draw, 0.1) ? text + noise(draw) : text
}

/** A service for one connection: answers every piece it reads with something, and closes in some way. */
async function misbehave(draw: Random, socket: net.Socket): Promise<void> {
  if (chance(draw, 0.05)) return void socket.destroy()
  if (chance(draw, 0.2)) socket.pause()
  else socket.resume()
  for (let count = 1 + below(draw, 3); count > 0 && !socket.destroyed; count--) {
    await Promise.race([new Promise((came) => socket.once('data', came)), delay(below(draw, 300))])
    const text = chance(draw, 0.3) ? mutated(draw, answer(draw)) : chance(draw, 0.05) ? noise(draw) : answer(draw)
    for (const piece of pieces(draw, text)) {
      if (socket.destroyed) return
      socket.write(piece, 'latin1')
      await turn()
    }
    if (chance(draw, 0.3)) break
  }
  const leaves = draw()
  if (leaves < 0.4) socket.resetAndDestroy()
  else if (leaves < 0.8) socket.end()
}
