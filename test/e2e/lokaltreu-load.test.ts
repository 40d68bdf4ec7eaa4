import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { startLoad } from '../../examples/lokaltreu/load.ts'
import { latencies } from '../../examples/lokaltreu/load/quantiles.ts'
import { shots } from '../../examples/lokaltreu/load/mix.ts'
import { freePort } from '../../examples/lokaltreu/testing/instance.ts'
import { until } from '../../src/testing/until.ts'

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the mix claims, redeems what it claimed, looks at cards and asks for refusals; a seed fixes its order', () => {
  const take = (seed: number) => {
    const next = shots(seed)
    return Array.from({ length: 2000 }, () => {
      const shot = next()
      shot.done?.(200)
      return shot
    })
  }
  const kinds = take(1).map(
    ({ path, expect }) => `${path.split('/')[3] === 'claim' ? 'claim' : path.split('/')[2]} ${expect}`,
  )
  const share = (kind: string) => kinds.filter((one) => one === kind).length / kinds.length
  assert.ok(Math.abs(share('claim 200') - 0.5) < 0.04)
  assert.ok(Math.abs(share('rewards 200') - 0.2) < 0.04)
  assert.ok(Math.abs(share('cards 200') - 0.2) < 0.04)
  assert.ok(Math.abs(share('claim 401') - 0.05) < 0.02)
  assert.ok(Math.abs(share('claim 403') - 0.05) < 0.02)
  const order = (seed: number) => take(seed).map(({ path, token }) => `${path} ${token}`)
  assert.deepEqual(order(1), order(1))
  assert.notDeepEqual(order(1), order(2))
})

test('quantiles are at most 5 % too high, and NaN without observations', () => {
  const seen = latencies()
  assert.deepEqual(Object.values(seen.read()), [Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  for (let ms = 1; ms <= 1000; ms += 1) seen.observe(ms)
  const { p50Ms, p95Ms, p99Ms, maxMs } = seen.read()
  for (const [got, exact] of [
    [p50Ms, 500],
    [p95Ms, 950],
    [p99Ms, 990],
  ] as const) {
    assert.ok(got >= exact && got <= exact * 1.05, `${got} for ${exact}`)
  }
  assert.equal(maxMs, 1000)
})

test('every answer is counted under what it was, and every request under exactly one', async (t) => {
  let count = 0
  const url = await serve(t, (request, response) => {
    count += 1
    const token = request.headers.authorization
    if (token === 'Bearer starter-plan') response.statusCode = 403
    else if (token === 'Bearer bad-device') response.statusCode = 200
    else response.statusCode = count % 4 === 0 ? 502 : 200
    response.setHeader('x-version', count % 2 === 0 ? 'v2' : 'v1')
    response.end('{}')
  })
  const load = startLoad({ url, perSecond: 300 })
  await until('300 sent', () => load.counters.sent >= 300)
  const end = await load.stop()
  const { ok, expectedRefusals, badAnswers, unexpected, lost } = end
  assert.equal(ok + expectedRefusals + badAnswers + unexpected, end.sent)
  assert.equal(count, end.sent)
  assert.deepEqual([lost, end.inFlight, end.skipped], [0, 0, 0])
  assert.ok(ok > 0 && expectedRefusals > 0 && badAnswers > 0 && unexpected > 0)
  assert.equal((end.byVersion.v1?.answers ?? 0) + (end.byVersion.v2?.answers ?? 0), end.sent)
  assert.equal(end.byVersion.v2?.badAnswers, badAnswers)
  assert.ok(end.latency.p95Ms > 0)
})

test('a request is lost when no complete answer came: refused, reset, truncated, too late', async (t) => {
  const nobody = startLoad({ url: `http://127.0.0.1:${await freePort()}`, perSecond: 100 })
  await until('some lost', () => nobody.counters.lost >= 10)
  const refused = await nobody.stop()
  assert.deepEqual(refused.lostBy, { ECONNREFUSED: refused.sent })

  let count = 0
  const url = await serve(t, (_request, response) => {
    count += 1
    if (count % 3 === 0) response.socket?.resetAndDestroy()
    else if (count % 3 === 1) response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy())
  })
  const load = startLoad({ url, perSecond: 100, timeoutMs: 200 })
  await until('some lost', () => load.counters.lost >= 30)
  const end = await load.stop()
  assert.equal(end.lost, end.sent)
  assert.ok(Object.keys(end.lostBy).length >= 2, JSON.stringify(end.lostBy))
})

test('the rate is kept while answers are slow, and what waits is bounded', async (t) => {
  const url = await serve(t, () => {})
  const load = startLoad({ url, perSecond: 200, timeoutMs: 1500, inFlightMax: 20 })
  await until('the bound is reached', () => load.counters.skipped > 20)
  assert.equal(load.counters.inFlight, 20)
  const end = await load.stop()
  assert.deepEqual([end.inFlight, end.lost], [0, end.sent])
})
