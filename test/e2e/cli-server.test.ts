import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { serveHttp } from '../../src/http/serve.ts'
import { type CliWorld, startCliWorld } from '../../src/testing/cli-process.ts'
import { until } from '../../src/testing/until.ts'

let world: CliWorld

before(async () => {
  world = await startCliWorld()
})
after(() => world.stop())

describe('[R-D15] the API over a real socket', () => {
  it('stops reading the log for a client that went away', async () => {
    const headers = { Authorization: `Bearer ${await world.token(['read'])}` }
    const gone = new AbortController()
    const response = await fetch(`${world.url}/api/v1/events`, { headers, signal: gone.signal })
    await response.body!.getReader().read()
    await until('the stream listens', () => world.fake.listeners === 1)
    gone.abort()
    await until('nobody listens any more', () => world.fake.listeners === 0)
  })

  it('reads no further than a client takes that is slow', async () => {
    const { fake } = world
    const reason = 'x'.repeat(2000)
    for (let i = 0; i < 20_000; i += 1) fake.append('r-slow', 'Rejected', { by: 'person:sam', reason })
    const read: number[] = []
    const events = fake.events.bind(fake)
    fake.events = async (filter) => {
      read.push(filter.after)
      return await events(filter)
    }
    const headers = { Authorization: `Bearer ${await world.token(['read'])}` }
    const gone = new AbortController()
    const response = await fetch(`${world.url}/api/v1/events`, { headers, signal: gone.signal })
    await response.body!.getReader().read()
    let before = -1
    await until(
      'the server has stopped reading',
      () => {
        const isStill = read.length === before
        before = read.length
        return isStill && read.length > 0
      },
      { everyMs: 300 },
    )
    assert(read.at(-1)! < 10_000, `read up to ${read.at(-1)} of 20,000 events for a client that takes nothing`)
    gone.abort()
    fake.events = events
  })

  it('limits failed attempts of one address, and lets the others of it in', async () => {
    const call = async (secret: string) => {
      const response = await fetch(`${world.url}/api/v1/status`, { headers: { Authorization: `Bearer ${secret}` } })
      await response.body?.cancel()
      return response.status
    }
    const statuses = await Promise.all(Array.from({ length: 15 }, () => call(`stw_${'B'.repeat(43)}`)))
    assert.deepEqual(new Set(statuses), new Set([401, 429]))
    assert.equal(await call(await world.token(['read'])), 200)
  })

  it('says who has the port', async () => {
    const port = Number(new URL(world.url).port)
    await assert.rejects(
      serveHttp(world.app, { port }),
      /cannot listen on 127\.0\.0\.1:\d+: something else listens there/,
    )
  })

  it('ends within its grace time though a client keeps a stream open', async () => {
    const server = await serveHttp(world.app, { port: 0 })
    const headers = { Authorization: `Bearer ${await world.token(['read'])}` }
    const response = await fetch(`${server.url}/api/v1/events`, { headers })
    const reading = response.text()
    await server.close(50)
    await assert.rejects(reading)
  })
})
