import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type TestApp, testApp } from '../testing/http-app.ts'
import { until } from '../testing/until.ts'

type Sent = { readonly id: number; readonly event: string; readonly data: unknown }

/** Reads a stream of events until `count` came; comments and `retry` are kept apart. */
async function read(
  response: Response,
  count: number,
  commented: (comment: string) => void = () => {},
): Promise<{ events: Sent[]; comments: string[] }> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const events: Sent[] = []
  const comments: string[] = []
  let text = ''
  while (events.length < count) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
    const blocks = text.split('\n\n')
    text = blocks.pop()!
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]))
      if (fields.has('data'))
        events.push({
          id: Number(fields.get('id')),
          event: fields.get('event')!,
          data: JSON.parse(fields.get('data')!),
        })
      else {
        comments.push(block)
        commented(block)
      }
    }
  }
  await reader.cancel()
  return { events, comments }
}

function fill({ fake }: TestApp, count: number, rollout = 'r-1'): void {
  for (let i = 0; i < count; i += 1) fake.append(rollout, 'Resumed', { by: `person:p${i}` })
}

describe('events as a stream', () => {
  it('[R-D15] sends the log from the beginning, then what happens, as the very events', async () => {
    const test = testApp()
    fill(test, 3)
    const response = await test.call('GET /api/v1/events', await test.token(['read']))
    assert.match(response.headers.get('content-type')!, /^text\/event-stream/)
    const reading = read(response, 4)
    await until('the stream listens', () => test.fake.listeners === 1)
    fill(test, 1)
    const { events } = await reading
    assert.deepEqual(
      events.map(({ data }) => data),
      test.fake.log,
    )
    assert.deepEqual(
      events.map(({ id, event }) => [id, event]),
      [1, 2, 3, 4].map((id) => [id, 'Resumed']),
    )
  })

  it('resumes after Last-Event-ID without loss or repetition, across batches', async () => {
    const test = testApp()
    fill(test, 350)
    const secret = await test.token(['read'])
    const first = await read(await test.call('GET /api/v1/events', secret), 120)
    const last = first.events.at(-1)!.id
    fill(test, 50)
    const again = await test.call('GET /api/v1/events?after=0', secret, undefined, { 'Last-Event-ID': String(last) })
    const second = await read(again, 400 - last)
    const ids = [...first.events, ...second.events].map(({ id }) => id)
    assert.deepEqual(
      ids,
      Array.from({ length: 400 }, (_, i) => i + 1),
    )
  })

  it('sends one rollout only when asked for it', async () => {
    const test = testApp()
    test.fake.put('r-1')
    fill(test, 2, 'r-1')
    fill(test, 5, 'r-2')
    fill(test, 2, 'r-1')
    const response = await test.call('GET /api/v1/events?rollout=r-1', await test.token(['read']))
    const { events } = await read(response, 4)
    assert.deepEqual(
      events.map(({ id }) => id),
      [1, 2, 8, 9],
    )
  })

  it('refuses an unknown rollout and a position that is none', async () => {
    const test = testApp()
    const secret = await test.token(['read'])
    assert.equal((await test.call('GET /api/v1/events?rollout=none', secret)).status, 404)
    assert.equal((await test.call('GET /api/v1/events?after=-1', secret)).status, 400)
    const bad = await test.call('GET /api/v1/events', secret, undefined, { 'Last-Event-ID': 'x' })
    assert.equal(bad.status, 400)
  })

  it('sends heartbeats while nothing happens', async () => {
    const test = testApp({ limits: { heartbeatMs: 5 } })
    const response = await test.call('GET /api/v1/events', await test.token(['read']))
    let beats = 0
    const { events } = await read(response, 1, (comment) => {
      if (comment !== ': nothing new') return
      beats += 1
      if (beats === 2) fill(test, 1)
    })
    assert.equal(events.length, 1)
    assert(beats >= 2)
  })

  it('reads no further than the client takes, and cuts off one that takes nothing', async () => {
    const test = testApp({ limits: { stallMs: 1000 } })
    fill(test, 1000)
    const read: number[] = []
    const events = test.fake.events.bind(test.fake)
    test.fake.events = async (filter) => {
      read.push(filter.after)
      return await events(filter)
    }
    const response = await test.call('GET /api/v1/events', await test.token(['read']))
    const reader = response.body!.getReader()
    await reader.read()
    await reader.read()
    await until('the slow client is cut off', () => test.fake.listeners === 0)
    assert.deepEqual(read, [0])
    await assert.rejects(reader.read(), /took nothing/)
  })

  it('holds the number of open streams, and lets one in when another ends', async () => {
    const test = testApp({ limits: { streams: 1 } })
    const secret = await test.token(['read'])
    const first = await test.call('GET /api/v1/events', secret)
    const refused = await test.call('GET /api/v1/events', secret)
    assert.equal(refused.status, 503)
    assert.equal(refused.headers.get('retry-after'), '5')
    await first.body!.cancel()
    const second = await test.call('GET /api/v1/events', secret)
    assert.equal(second.status, 200)
    await second.body!.cancel()
    await until('nobody listens any more', () => test.fake.listeners === 0)
  })

  it('holds the streams of one token, so that another one still gets its own', async () => {
    const test = testApp({ limits: { streamsPerToken: 2 } })
    const [greedy, other] = [await test.token(['read']), await test.token(['read'])]
    const open = [await test.call('GET /api/v1/events', greedy), await test.call('GET /api/v1/events', greedy)]
    const refused = await test.call('GET /api/v1/events', greedy)
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '5'])
    assert.match(await refused.text(), /2 event streams of your token are open/)
    open.push(await test.call('GET /api/v1/events', other))
    assert.equal(open[2]!.status, 200)
    await open[0]!.body!.cancel()
    open.push(await test.call('GET /api/v1/events', greedy))
    assert.equal(open[3]!.status, 200)
    for (const each of open.slice(1)) await each.body!.cancel()
    await until('nobody listens any more', () => test.fake.listeners === 0)
  })

  it('ends when the log cannot be read, without saying why to the client', async () => {
    const test = testApp()
    test.fake.events = () => Promise.reject(new Error('connection string of the database'))
    const response = await test.call('GET /api/v1/events', await test.token(['read']))
    await assert.rejects(response.text(), /cannot be read now/)
    assert(test.logged.some(({ message }) => message === 'event stream failed'))
  })
})
