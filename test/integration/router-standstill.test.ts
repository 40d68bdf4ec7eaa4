/** Whoever is gone, or takes nothing more, is not in flight for ever, and no drain waits for it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../src/testing/until.ts'
import { put, rawBackend, startRouter, value, desired } from './router-world.ts'

const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'
const UPLOAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n'
const UNENDED = 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart'

type Leaving = 'ends' | 'closes' | 'resets' | 'stays'

type Case = {
  readonly title: string
  readonly says: string
  /** After its request, without end: what the service does not read. */
  readonly pours?: boolean
  readonly service: (socket: net.Socket) => void
  readonly leaves: readonly Leaving[]
}

/** Answers and never reads again, nor ends. */
const deaf = (text: string) => (socket: net.Socket) => {
  socket.once('data', () => {
    socket.pause()
    socket.write(text)
  })
}

/** Reads everything, answers once and never ends. */
const lasting = (text: string) => (socket: net.Socket) => {
  socket.on('data', () => {}).once('data', () => socket.write(text))
}

const CASES: readonly Case[] = [
  {
    title: 'an upgrade refused with an answer that never ends',
    says: UPGRADE,
    service: deaf(UNENDED),
    leaves: ['ends', 'closes', 'resets'],
  },
  { title: 'an upgrade that nobody answers', says: UPGRADE, service: () => {}, leaves: ['ends', 'closes', 'resets'] },
  {
    title: 'a tunnel whose service reads nothing',
    says: `${UPGRADE}hello`,
    service: deaf(SWITCHED),
    leaves: ['ends', 'closes', 'resets'],
  },
  {
    title: 'a tunnel whose service takes nothing more',
    says: UPGRADE,
    pours: true,
    service: deaf(SWITCHED),
    leaves: ['ends', 'closes', 'resets', 'stays'],
  },
  {
    title: 'an upload that the service answers and does not take',
    says: UPLOAD,
    pours: true,
    service: deaf(UNENDED),
    leaves: ['closes', 'resets', 'stays'],
  },
  {
    title: 'an answer that never ends',
    says: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    service: lasting(UNENDED),
    leaves: ['ends', 'closes', 'resets'],
  },
  {
    title: 'an answer that never ends, others asked for behind it',
    says: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3),
    service: lasting(UNENDED),
    leaves: ['closes', 'resets'],
  },
]

type Limits = { readonly timeoutMs: number; readonly drainMs: number }

async function world(t: TestContext, limits: Limits) {
  const { client } = await startRouter(t)
  const route = async (key: string, service: Case['service']) => {
    const upstreams = [await rawBackend(t, service)]
    const routeOf = (generation: number, weight: number) =>
      desired(generation, weight, { blue: upstreams, green: upstreams }, { ...limits, deadlineMs: 300 })
    const address = await put(client, key, routeOf(1, 0))
    return {
      address,
      inFlight: async () => value(await client.get(key)).slots.blue.inFlight,
      drain: () => put(client, key, { ...routeOf(2, 100), listen: address }),
    }
  }
  return { client, route }
}

/** A client in the middle of its exchange, all it has to say having gone as far as it goes. */
async function begin(t: TestContext, address: string, { says, pours = false }: Case): Promise<net.Socket> {
  const [host, port] = address.split(':')
  const socket = net.connect({ host, port: Number(port), allowHalfOpen: true }).on('error', () => {})
  t.after(() => socket.destroy())
  await once(socket.resume(), 'connect')
  socket.write(says)
  if (pours) await pour(socket)
  return socket
}

/** As much as fits into all the buffers on the way. */
async function pour(socket: net.Socket): Promise<void> {
  const chunk = Buffer.alloc(65_536, 'b')
  let isFull = false
  while (!isFull) {
    if (socket.write(chunk)) continue
    const moved = once(socket, 'drain').then(() => false)
    isFull = await Promise.race([moved, delay(500, true)])
  }
}

function leave(socket: net.Socket, leaving: Leaving): void {
  if (leaving === 'ends') socket.end()
  else if (leaving === 'closes') socket.destroy()
  else if (leaving === 'resets') socket.resetAndDestroy()
}

test('whoever is gone or stands still is in flight no longer than the service may take', async (t) => {
  const { route } = await world(t, { timeoutMs: 1_500, drainMs: 60_000 })
  let count = 0
  for (const each of CASES) {
    for (const leaving of each.leaves) {
      await t.test(`${each.title}; the client ${leaving}`, async (t) => {
        const { address, inFlight } = await route(`r${++count}`, each.service)
        const client = await begin(t, address, each)
        if (leaving !== 'stays') await until('it is in flight', async () => (await inFlight()) > 0)
        leave(client, leaving)
        await until('nothing is in flight', async () => (await inFlight()) === 0)
      })
    }
  }
})

test('a drain does not wait for who is gone or stands still', async (t) => {
  const { route } = await world(t, { timeoutMs: 600_000, drainMs: 600_000 })
  await Promise.all(
    CASES.filter(({ says, pours }) => pours || says !== UPGRADE).map(async (each, index) => {
      const { address, inFlight, drain } = await route(`r${index}`, each.service)
      const client = await begin(t, address, each)
      await until(`${each.title}: it is in flight`, async () => (await inFlight()) > 0)
      await drain()
      leave(client, 'closes')
      await until(`${each.title}: drained`, async () => (await inFlight()) === 0, { timeoutMs: 20_000 })
    }),
  )
})

test('a client that vanishes without a word is asked for', { skip: process.platform !== 'linux' }, async (t) => {
  const { route } = await world(t, { timeoutMs: 1_500, drainMs: 60_000 })
  const { address } = await route('app', lasting(SWITCHED))
  const client = await begin(t, address, { ...CASES[0]!, says: UPGRADE })
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, '0')
  const [near, far] = [hex(Number(address.split(':')[1])), hex((client.address() as net.AddressInfo).port)]
  await until('the system keeps a keep-alive timer for it', () => {
    const rows = readFileSync('/proc/self/net/tcp', 'utf8').split('\n')
    const row = rows.find((each) => each.includes(`:${near} `) && new RegExp(`:${near} \\S+:${far} `).test(each))
    return row?.trim().split(/\s+/)[5]?.startsWith('02:')
  })
})
