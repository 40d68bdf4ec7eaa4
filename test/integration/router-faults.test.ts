/** What nobody caught: planted by a signal in the worker or the primary, as a mistake in a callback of theirs would be. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { until } from '../../src/testing/until.ts'
import { ask, load, named, put, startRouter, value, desired } from './router-world.ts'

/** Of a signal that nobody uses and that does nothing by itself. */
const PLANT = `data:text/javascript,process.on('SIGWINCH',()=>{setImmediate(()=>{throw new Error('planted')});Promise.reject(new Error('planted promise'))})`

/** A process has to start meanwhile. */
const SLOW = { timeoutMs: 60_000 }

async function world(t: TestContext) {
  const before = process.env['NODE_OPTIONS']
  process.env['NODE_OPTIONS'] = `${before ?? ''} --import "${PLANT}"`
  t.after(() => {
    if (before === undefined) delete process.env['NODE_OPTIONS']
    else process.env['NODE_OPTIONS'] = before
  })
  const router = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(router.client, 'app', desired(1, 0, { blue: [blue.address] }, { drainMs: 1_000 }))
  const health = async () => value(await router.client.health())
  return { ...router, address, health }
}

test('a fault that nobody caught in the worker costs no request: counted, said, and a fresh worker takes over', async (t) => {
  const { address, health, log, client } = await world(t)
  const { worker } = await health()
  const traffic = load(t, address, { clients: 4, pauseMs: 5 })
  await until('traffic flows', () => traffic.total() > 50)
  process.kill(worker!, 'SIGWINCH')
  await until('another worker serves', async () => (await health()).worker !== worker, SLOW)
  const served = traffic.total()
  await until('it serves on', () => traffic.total() > served + 50)
  await traffic.stop()
  assert.deepEqual(traffic.errors, [])
  assert.deepEqual((await health()).faults, { contained: 0, uncaught: 2 })
  assert.match(log(), /Error: planted\n/)
  assert.match(log(), /Error: planted promise/)
  assert.match(log(), /had a fault that nobody caught; a fresh one takes over/)
  assert.equal(value(await client.metrics('app')).slots.blue.errors, 0)

  // The next one within the minute is served on with: whoever can cause faults must not make workers come and go.
  const second = (await health()).worker
  process.kill(second!, 'SIGWINCH')
  await until('it is counted', async () => (await health()).faults.uncaught === 4, SLOW)
  assert.equal((await ask(address)).body, 'blue')
  assert.equal((await health()).worker, second)
})

test('a fault that nobody caught in the primary: it goes on, serves and takes orders', async (t) => {
  const { address, health, log, client } = await world(t)
  const { worker, pid } = await health()
  process.kill(pid, 'SIGWINCH')
  await until('it is counted', async () => (await health()).faults.uncaught === 2, SLOW)
  assert.equal((await ask(address)).body, 'blue')
  value(await client.put('app', { ...desired(2, 0, { blue: ['127.0.0.1:1'] }), listen: address }))
  assert.equal((await ask(address)).status, 502)
  const after = await health()
  assert.deepEqual([after.worker, after.pid], [worker, pid])
  assert.match(log(), /a fault that nobody caught; going on: Error: planted/)
})
