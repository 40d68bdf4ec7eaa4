import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, ensureRouter, type RouterClient } from '../../src/router/client.ts'
import { refusalOf } from '../../src/adapters/router/embedded/reach.ts'
import { until } from '../../src/testing/until.ts'
import {
  ask,
  backend,
  exitOf,
  folder,
  killRouter,
  load,
  named,
  put,
  spawnRouter,
  startRouter,
  stateFile,
  value,
  desired,
} from './router-world.ts'

const health = async (client: RouterClient) => value(await client.health())

test('a worker is replaced under load without a lost request, and counters go on', async (t) => {
  const { client } = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(client, 'app', desired(1, 0, { blue: [blue.address] }))
  for (const keepAlive of [true, false]) {
    const traffic = load(t, address, { keepAlive, pauseMs: 5 })
    for (let i = 0; i < 3; i++) {
      const counted = async () => value(await client.metrics('app')).slots.blue
      const before = (await counted()).requests
      const { pid, retired } = value(await client.replaceWorker())
      assert.notEqual(pid, retired)
      const served = traffic.total()
      await until('the new worker serves', () => traffic.total() > served + 50)
      assert.ok((await counted()).requests >= before, 'counters never go back')
    }
    await traffic.stop()
    assert.deepEqual(traffic.errors, [])
  }
  const { slots, workers } = { ...value(await client.get('app')), ...value(await client.metrics('app')) }
  assert.equal(workers.filter(({ role }) => role === 'serving').length, 1)
  assert.equal(slots.blue.errors, 0)
})

test('a killed worker is replaced at once: only what it had in flight is lost, nobody is refused', async (t) => {
  const { client } = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(client, 'app', desired(1, 0, { blue: [blue.address] }))
  const traffic = load(t, address, { clients: 4, keepAlive: false, pauseMs: 5 })
  await until('traffic flows', () => traffic.total() > 100)
  const before = value(await client.metrics('app'))
  process.kill((await health(client)).worker!, 'SIGKILL')
  const served = traffic.total()
  await until('the new worker serves', () => traffic.total() > served + 100)
  await traffic.stop()
  assert.ok(traffic.errors.length <= 4, `lost: ${traffic.errors}`)
  assert.ok(
    traffic.errors.every((error) => /hang up|ECONNRESET|EPIPE/.test(error)),
    `${traffic.errors}`,
  )
  const after = value(await client.metrics('app'))
  assert.equal(after.epoch, before.epoch)
  assert.ok(after.slots.blue.requests > before.slots.blue.requests, 'counters never go back')
})

test('a hung worker does not hold up a switch for ever', async (t) => {
  const { client } = await startRouter(t)
  const [blue, green] = [await named(t, 'blue'), await named(t, 'green')]
  const sides = { blue: [blue.address], green: [green.address] }
  const address = await put(client, 'app', desired(1, 0, sides))
  const { worker } = await health(client)
  process.kill(worker!, 'SIGSTOP')
  const unsure = await client.get('app')
  assert.equal(unsure.ok ? null : unsure.status, 503, 'no evidence is not an answer')
  const switched = value(await client.put('app', desired(2, 100, sides)))
  assert.equal(switched.slots.green.weight, 100)
  assert.equal((await ask(address)).body, 'green')
  assert.notEqual((await health(client)).worker, worker)
})

test('a killed router comes back with the same routes, weights and address; its epoch is new', async (t) => {
  const { client, dir } = await startRouter(t)
  const [blue, green] = [await named(t, 'blue'), await named(t, 'green')]
  const address = await put(client, 'app', desired(7, 30, { blue: [blue.address], green: [green.address] }))
  const before = value(await client.metrics('app'))
  await killRouter({ client, dir })
  const again = await startRouter(t, dir)
  const view = await until('it listens again', async () => {
    const seen = value(await again.client.get('app'))
    return seen.listening === null ? null : seen
  })
  assert.deepEqual([view!.listening, view!.generation, view!.slots.green.weight], [address, 7, 30])
  const bodies = await Promise.all(Array.from({ length: 100 }, async () => (await ask(address)).body))
  assert.equal(bodies.filter((body) => body === 'green').length, 30)
  assert.notEqual(value(await again.client.metrics('app')).epoch, before.epoch)
  assert.ok((await client.get('app')).ok, 'a client of the old one finds the new one')
})

test('SIGTERM: what is in flight is finished, then exit 0', async (t) => {
  const { client, child, dir } = await startRouter(t)
  let finish: () => void = () => {}
  const slow = await backend(t, (req, res) => {
    if (req.url === '/slow') finish = () => res.end('done')
    else res.end()
  })
  const address = await put(client, 'app', desired(1, 0, { blue: [slow.address] }))
  const asked = ask(address, { path: '/slow' })
  await until('it is in flight', async () => value(await client.get('app')).slots.blue.inFlight === 1)
  child.kill('SIGTERM')
  await until('new connections are refused', () =>
    ask(address).then(
      () => false,
      (error) => error.code === 'ECONNREFUSED',
    ),
  )
  finish()
  assert.equal((await asked).body, 'done')
  assert.equal(await exitOf(child), 0)
  await assert.rejects(connect(dir), /No router is running/)
})

test('a second router on the same folder is refused and told who holds it; a dead holder is not', async (t) => {
  const { child, client, dir } = await startRouter(t)
  const second = spawnRouter(t, ['--data', dir])
  assert.equal(await exitOf(second.child), 3)
  assert.match(second.log(), new RegExp(`held by the router with process id ${child.pid}, running since 20`))
  await killRouter({ client, dir })
  await startRouter(t, dir)
  const usage = spawnRouter(t, [])
  assert.equal(await exitOf(usage.child), 2)
  assert.match(usage.log(), /--data DIR is missing/)
})

test('a torn state file: the copy is used and said; without a copy the router refuses to boot empty', async (t) => {
  const { client, child, dir } = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(client, 'app', desired(3, 0, { blue: [blue.address] }))
  await until('the copy is written', () => readFileSync(join(dir, 'routes.copy.json'), 'utf8') === stateFile(dir))
  assert.equal(statSync(join(dir, 'router.json')).mode & 0o777, 0o600)
  child.kill('SIGTERM')
  await exitOf(child)
  truncateSync(join(dir, 'routes.json'), 100)
  const second = await startRouter(t, dir)
  assert.match(second.log(), /routes\.json cannot be used.*\n.*started from .*routes\.copy\.json/)
  assert.equal((await ask(address)).body, 'blue')
  second.child.kill('SIGTERM')
  await exitOf(second.child)
  for (const name of ['routes.json', 'routes.copy.json']) truncateSync(join(dir, name), 100)
  const third = spawnRouter(t, ['--data', dir])
  assert.equal(await exitOf(third.child), 4)
  assert.match(third.log(), /starting without them would serve nothing[^]*Fix: restore/)
})

test('one port that is gone drops only its own route, which comes back with the port', async (t) => {
  const { client, child, dir } = await startRouter(t)
  const blue = await named(t, 'blue')
  const [lost, kept] = [
    await put(client, 'lost', desired(1, 0, { blue: [blue.address] })),
    await put(client, 'kept', desired(1, 0, { blue: [blue.address] })),
  ]
  child.kill('SIGTERM')
  await exitOf(child)
  const squatter = net.createServer().listen(Number(lost.split(':')[1]), '127.0.0.1')
  await once(squatter, 'listening')
  const again = await startRouter(t, dir)
  assert.equal((await ask(kept)).body, 'blue')
  const view = value(await again.client.get('lost'))
  assert.equal(view.listening, null)
  assert.match(view.problem!, /EADDRINUSE/)
  assert.equal((await health(again.client)).status, 'degraded')
  squatter.close()
  await until('the route is back', () => ask(lost).then(({ body }) => body === 'blue'))
  assert.equal((await health(again.client)).status, 'ok')
})

test('desired routes are fenced, checked and all-or-nothing', async (t) => {
  const { client, dir } = await startRouter(t)
  const [blue, green] = [await named(t, 'blue'), await named(t, 'green')]
  const sides = { blue: [blue.address], green: [green.address] }
  const address = await put(client, 'app', desired(5, 10, sides))
  const refusedWith = async (desired: unknown, key = 'app') => {
    const result = await client.put(key, desired as never)
    assert.ok(!result.ok, 'expected a refusal')
    return [result.status, result.problem.type.split(':').at(-1), result.problem] as const
  }
  assert.ok((await client.put('app', desired(5, 10, sides))).ok, 'the same again is no change')
  const [s1, k1, stale] = await refusedWith(desired(4, 50, sides))
  assert.deepEqual([s1, k1, stale['generation']], [409, 'stale-generation', 5])
  assert.deepEqual((await refusedWith(desired(5, 50, sides))).slice(0, 2), [409, 'conflicting-route'])
  assert.deepEqual((await refusedWith(desired(6, 10, { blue: sides.blue }))).slice(0, 2), [422, 'impossible-route'])
  const [s2, , odd] = await refusedWith({ ...desired(6, 10, sides), typo: 1, listen: 'nowhere' })
  assert.equal(s2, 400)
  assert.match(odd.detail, /typo[^]*127\.0\.0\.1:8080/)
  const lopsided = {
    ...desired(6, 10, sides),
    slots: { blue: { weight: 80, upstreams: sides.blue }, green: { weight: 10, upstreams: sides.green } },
  }
  assert.match((await refusedWith(lopsided))[2].detail, /must sum to 100.*= 90/)

  const squatter = net.createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  t.after(() => squatter.close())
  const taken = `127.0.0.1:${(squatter.address() as AddressInfo).port}`
  const [s3, k3, port] = await refusedWith({ ...desired(6, 50, sides), listen: taken })
  assert.deepEqual([s3, k3, port['address']], [409, 'port-taken', taken])
  const [s4, k4, held] = await refusedWith({ ...desired(1, 0, sides), listen: address }, 'other')
  assert.deepEqual([s4, k4, held['heldBy']], [409, 'port-taken', 'app'], 'which may give it up')
  assert.equal(refusalOf(s4, held).kind, 'transient')
  assert.equal(refusalOf(s3, port).kind, 'permanent', 'another program has it, however often one asks')
  const view = value(await client.get('app'))
  assert.deepEqual(
    [view.generation, view.slots.green.weight, view.listening],
    [5, 10, address],
    'the old state is in force',
  )

  const moved = await put(client, 'app', { ...desired(6, 10, sides), listen: '127.0.0.1:0' })
  assert.equal(moved, address, 'port 0 asks for any port, so the one it has is kept')
  assert.equal((await client.remove('app', 5)).ok, false)
  assert.ok((await client.remove('app', 6)).ok)
  assert.ok((await client.remove('app', 6)).ok, 'removing twice is removing')
  await assert.rejects(ask(address), /ECONNREFUSED/)
  assert.equal((await client.get('app')).ok, false)
  assert.deepEqual(
    (await refusedWith(desired(6, 10, sides))).slice(0, 2),
    [409, 'conflicting-route'],
    'no zombie brings it back',
  )
  assert.ok((await client.put('app', { ...desired(7, 10, sides), listen: address })).ok)
  assert.match(stateFile(dir), /sha256/)
})

test('the admin API wants its token and speaks Prometheus', async (t) => {
  const { client, dir } = await startRouter(t)
  const blue = await named(t, 'blue')
  const address = await put(client, 'app', desired(1, 0, { blue: [blue.address] }))
  await ask(address)
  const { url, token } = JSON.parse(readFileSync(join(dir, 'router.json'), 'utf8'))
  const admin = url.replace('http://', '')
  for (const authorization of ['', 'Bearer nonsense']) {
    const answer = await ask(admin, { path: '/routes', headers: { authorization } })
    assert.deepEqual([answer.status, answer.headers['content-type']], [401, 'application/problem+json'])
  }
  const headers = { authorization: `Bearer ${token}` }
  const { body } = await ask(admin, { path: '/metrics', headers })
  assert.match(body, /^stellwerk_router_requests_total\{route="app",slot="blue"\} 1$/m)
  assert.match(body, /^stellwerk_router_weight\{route="app",slot="blue"\} 100$/m)
  assert.match(body, /^stellwerk_router_request_duration_seconds_bucket\{route="app",slot="blue",le="\+Inf"\} 1$/m)
  assert.equal((await ask(admin, { path: '/nothing', headers })).status, 404)
  assert.equal((await ask(admin, { path: '/routes/app', method: 'PUT', body: '{', headers })).status, 400)
})

test('ensureRouter: racing starters get one router, which outlives them; no start is said with the log', async (t) => {
  const dir = folder(t)
  const clients = await Promise.all(Array.from({ length: 4 }, () => ensureRouter(dir)))
  const pids = new Set(await Promise.all(clients.map(async (client) => (await health(client)).pid)))
  assert.equal(pids.size, 1)
  assert.equal((await health(await ensureRouter(dir))).pid, [...pids][0])
  const broken = folder(t)
  for (const name of ['routes.json', 'routes.copy.json']) writeFileSync(join(broken, name), '{')
  await assert.rejects(ensureRouter(broken), /exit code 4[^]*starting without them/)
})
