/**
 * Load generator: clients that ask, read the answer, pause and ask again; three quarters of them on connections they
 * keep, the others on a new one each time. Prints the number of answers every 20 ms and `!why` for every request that was not answered with 200. Ends when
 * its input does.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Client, Pool } from 'undici'

const KEEPING = 12
const FRESH = 4
/** Keeps the load at a few thousand requests per second: a switch is not timed on a starved machine. */
const PAUSE_MS = 2
const url = process.argv[2]!
const state = { isRunning: true, done: 0 }

process.stdin.resume()
process.stdin.once('end', () => (state.isRunning = false))

const pool = new Pool(url, { connections: KEEPING })
setInterval(() => console.log(state.done), 20).unref()
await Promise.all([
  ...Array.from({ length: KEEPING }, () => ask(keeping)),
  ...Array.from({ length: FRESH }, () => ask(fresh)),
])
console.log(state.done)
await pool.close()

async function ask(request: () => Promise<number>): Promise<void> {
  while (state.isRunning) {
    try {
      const status = await request()
      if (status !== 200) console.log(`!status ${status}`)
    } catch (error) {
      console.log(`!${(error as Error).message}`)
    }
    state.done++
    await delay(PAUSE_MS)
  }
}

async function keeping(): Promise<number> {
  const { statusCode, body } = await pool.request({ path: '/', method: 'GET' })
  await body.dump()
  return statusCode
}

async function fresh(): Promise<number> {
  const client = new Client(url, { pipelining: 0 })
  const { statusCode, body } = await client.request({ path: '/', method: 'GET' })
  await body.dump()
  await client.close()
  return statusCode
}
