/** The HAProxy adapter with a real HAProxy: what every router promises, and what users and people with a socket do to it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { MetricsSnapshot } from '../../src/core/observed.ts'
import type { DesiredRoute, Router } from '../../src/ports/router.ts'
import { routerContract } from '../../src/testing/router-contract.ts'
import { until } from '../../src/testing/until.ts'
import { type Haproxy, missing, startHaproxy } from './haproxy-world.ts'

const skip = missing()
const signal = () => AbortSignal.timeout(20_000)
const order = (fence: number) => ({ key: `test/${fence}/0`, fence, signal: signal() })

/** A service that says who it is; `?wait` has it wait until `release`. */
async function service(t: TestContext, name: string) {
  const held: http.ServerResponse[] = []
  const server = http.createServer((request, response) => {
    if (request.url?.includes('wait')) held.push(response)
    else if (request.url?.includes('fail')) response.writeHead(500).end(name)
    else response.end(name)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const release = () => held.splice(0).forEach((response) => response.end(name))
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, held, release }
}

type House = { readonly proxy: Haproxy; readonly router: Router; readonly at: (path?: string) => Promise<string> }

async function house(
  t: TestContext,
  options: Readonly<Record<string, unknown>> = {},
  config: Parameters<typeof startHaproxy>[0] = {},
): Promise<House> {
  const proxy = await startHaproxy(config)
  const { router, end } = await proxy.connect(options['logs'] === true ? { logs: proxy.logs } : options)
  t.after(async () => {
    end()
    await proxy.end()
  })
  const at = async (path = '/') => (await fetch(`http://${proxy.address}${path}`)).text()
  return { proxy, router, at }
}

function route(green: number, blue: readonly string[], greens: readonly string[]): DesiredRoute {
  return { weights: { blue: 100 - green, green }, upstreams: { blue, green: greens }, maintenance: false }
}

async function seen(router: Router) {
  const observed = await router.observe(signal())
  return observed.ok ? observed.value : assert.fail(observed.message)
}

async function sharesOf(at: House['at'], requests: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let index = 0; index < requests; index++) {
    const name = await at()
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

if (skip === false) {
  routerContract({
    name: 'haproxy',
    setup: async () => {
      const proxy = await startHaproxy()
      const { router, end } = await proxy.connect()
      return {
        router,
        end: async () => {
          end()
          await proxy.end()
        },
      }
    },
    upstreams: ['127.0.0.1:9', '127.0.0.1:10'],
  })
}

describe('a HAProxy under a release', { skip }, () => {
  it('shares requests exactly, without a reload, whatever the number of instances', async (t) => {
    const { router, at, proxy } = await house(t)
    const pid = /Pid: \d+/.exec(await proxy.tell('show info'))?.[0]
    const [blue, one, two] = [await service(t, 'blue'), await service(t, 'green'), await service(t, 'green')]
    for (const share of [10, 50, 100]) {
      const set = await router.set(route(share, [blue.address], [one.address, two.address]), order(share))
      assert.ok(set.ok, JSON.stringify(set))
      const { green = 0 } = await sharesOf(at, 100)
      assert.ok(Math.abs(green - share) <= 1, `${green} of 100 at ${share} %`)
    }
    assert.equal(/Pid: \d+/.exec(await proxy.tell('show info'))?.[0], pid)
  })

  it('a request in flight ends by itself on the slot that gets none any more, and is counted until then', async (t) => {
    const { router, at } = await house(t)
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    assert.ok((await router.set(route(0, [blue.address], []), order(1))).ok)
    const slow = at('/?wait')
    await until('it waits', () => blue.held.length === 1)
    const moved = await router.set(route(100, [blue.address], [green.address]), order(2))
    assert.ok(moved.ok, JSON.stringify(moved))
    assert.deepEqual(moved.value.inFlight, { blue: 1, green: 0 })
    assert.deepEqual(await sharesOf(at, 10), { green: 10 })
    blue.release()
    assert.equal(await slow, 'blue')
    await until('nothing is in flight', async () => (await seen(router)).inFlight.blue === 0)
  })

  it('keeps a session on its side while that has a share, and moves it once that has none', async (t) => {
    const { router, proxy } = await house(t, { sticky: { cookie: 'slot' } }, { cookie: 'slot' })
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    assert.ok((await router.set(route(0, [blue.address], [green.address]), order(1))).ok)
    const first = await fetch(`http://${proxy.address}/`)
    assert.equal(await first.text(), 'blue')
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!
    const asked = async () => (await fetch(`http://${proxy.address}/`, { headers: { cookie } })).text()
    assert.ok((await router.set(route(90, [blue.address], [green.address]), order(2))).ok)
    for (let index = 0; index < 10; index++) assert.equal(await asked(), 'blue')
    assert.ok((await router.set(route(100, [blue.address], [green.address]), order(3))).ok)
    assert.equal(await asked(), 'green')
  })

  it('what is set survives a kill of HAProxy, a reload, and the end of the control plane', async (t) => {
    const { router, at, proxy } = await house(t)
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    const set = await router.set(route(50, [blue.address], [green.address]), order(7))
    assert.ok(set.ok, JSON.stringify(set))
    for (const again of ['kill', 'reload'] as const) {
      if (again === 'kill') {
        await proxy.kill()
        assert.equal((await router.observe(signal())).ok, false)
        await proxy.start()
      } else await proxy.reload()
      const { weights, upstreams, generation } = await seen(router)
      assert.deepEqual({ weights, upstreams, generation }, pick(set.value), again)
      assert.deepEqual(await sharesOf(at, 20), { blue: 10, green: 10 }, again)
    }
    const other = await proxy.connect()
    assert.deepEqual(pick(await seen(other.router)), pick(set.value))
    other.end()
  })

  it('shows what somebody did by hand, and brings back what was desired', async (t) => {
    const { router, at, proxy } = await house(t)
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    const desired = route(50, [blue.address], [green.address])
    assert.ok((await router.set(desired, order(1))).ok)
    await proxy.tell('set server shop-api/blue1 state maint')
    assert.deepEqual((await seen(router)).weights, { blue: 0, green: 100 })
    await proxy.tell('set server shop-api/blue1 state ready')
    await proxy.tell('set server shop-api/green1 weight 3')
    assert.deepEqual((await seen(router)).weights, { blue: 25, green: 75 })
    await proxy.tell('set server shop-api/green1 addr 127.0.0.1 port 9')
    assert.ok((await router.set(desired, order(1))).ok)
    assert.deepEqual(await sharesOf(at, 10), { blue: 5, green: 5 })
  })

  it('its backend is one route’s: a sibling takes it over, anybody else waits until it is free', async (t) => {
    const { router, at, proxy } = await house(t)
    const [one, other] = [await service(t, 'one'), await service(t, 'other')]
    assert.ok((await router.set(route(0, [one.address], []), order(3))).ok)
    const { router: blog, end } = await proxy.connect({ target: { service: 'blog' } })
    assert.deepEqual(
      pick(await seen(blog)),
      pick({ ...(await seen(blog)), generation: 0, weights: { blue: 0, green: 0 } }),
    )
    const refused = await blog.set(route(0, [other.address], []), order(9))
    assert.ok(!refused.ok && refused.kind === 'transient')
    assert.match(refused.message, /backend shop-api is that of api of shop in prod/)
    assert.ok((await blog.remove(order(9))).ok, 'it has none to remove')
    assert.equal(await at(), 'one')
    const sibling = await proxy.connect({ target: { component: 'web' } })
    assert.ok((await sibling.router.set(route(0, [other.address], []), order(4))).ok)
    assert.equal((await seen(router)).generation, 0)
    assert.ok((await router.remove(order(5))).ok)
    assert.equal(await at(), 'other', 'the sibling’s stays')
    assert.ok((await sibling.router.remove(order(6))).ok)
    assert.ok((await blog.set(route(0, [one.address], []), order(1))).ok, 'numbers of another environment do not count')
    sibling.end()
    end()
  })

  it('starts again from its own file and is what it was told, after one was restarted with an old one', async (t) => {
    const { router, at, proxy } = await house(t)
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    assert.ok((await router.set(route(0, [blue.address], []), order(1))).ok)
    const old = readFileSync(proxy.stateFile, 'utf8')
    assert.ok((await router.set(route(100, [blue.address], [green.address]), order(2))).ok)
    await proxy.kill()
    writeFileSync(proxy.stateFile, old)
    await proxy.start()
    assert.deepEqual((await seen(router)).weights, { blue: 100, green: 0 }, 'the difference shows')
    assert.ok((await router.set(route(100, [blue.address], [green.address]), order(2))).ok)
    assert.equal(await at(), 'green')
  })
})

function pick({ weights, upstreams, generation }: Awaited<ReturnType<typeof seen>>) {
  return { weights, upstreams, generation }
}

describe('a HAProxy that cannot be told', { skip }, () => {
  const refusal = async (router: Router, desired = route(0, ['127.0.0.1:9'], [])) => {
    const set = await router.set(desired, order(1))
    return set.ok ? assert.fail('it was set') : set
  }

  it('is not there: transient, and what to look at', async (t) => {
    const { router, proxy } = await house(t)
    await proxy.kill()
    const { kind, message } = await refusal(router)
    assert.equal(kind, 'transient')
    assert.match(message, /admin\.sock: .*; is it running, does haproxy\.cfg have "stats socket … level admin"/)
  })

  it('has no such backend, or one without slots: permanent, by its name', async (t) => {
    const { proxy } = await house(t)
    for (const [backend, wanted] of [
      ['nope', /backend nope: .*find backend/i],
      ['empty', /backend empty has servers that belong to no slot and serve: old/],
    ] as const) {
      const { router, end } = await proxy.connect({ backend })
      const { kind, message } = await refusal(router)
      assert.equal(kind, 'permanent')
      assert.match(message, wanted)
      end()
    }
  })

  it('has too few servers for the instances: permanent, nothing changed', async (t) => {
    const { router } = await house(t, {}, { servers: 1 })
    assert.ok((await router.set(route(0, ['127.0.0.1:9'], []), order(1))).ok)
    const set = await router.set(route(10, ['127.0.0.1:9'], ['127.0.0.1:10', '127.0.0.1:11']), order(2))
    assert.ok(!set.ok && set.kind === 'permanent')
    assert.match(set.message, /green has 2 instances, and the backend only 1 servers/)
    assert.deepEqual((await seen(router)).weights, { blue: 100, green: 0 })
    assert.equal((await seen(router)).generation, 1)
  })

  it('where its file cannot be written, does not count as set: a restart would forget it', async (t) => {
    const { proxy } = await house(t)
    const { router, end } = await proxy.connect({ stateFile: '/proc/shop.state' })
    const { kind, message } = await refusal(router)
    assert.equal(kind, 'transient')
    assert.match(message, /\/proc\/shop\.state/)
    end()
  })

  it('whose record cannot be read is not told anything: which order is older is not known', async (t) => {
    const { router, proxy } = await house(t)
    assert.ok((await router.set(route(0, ['127.0.0.1:9'], []), order(5))).ok)
    const folder = proxy.stateFile.replace(/shop-api\.state$/, 'data/haproxy')
    const file = join(folder, readdirSync(folder)[0]!)
    writeFileSync(file, '{"generation":')
    const { kind, message } = await refusal(router)
    assert.equal(kind, 'transient')
    assert.match(message, /shop-api-[0-9a-f]{12}\.json cannot be read/)
  })
})

describe('what a HAProxy counts', { skip }, () => {
  const counted = async (router: Router) => {
    const counts = await router.counts!(signal())
    return counts.ok ? counts.value : assert.fail(counts.message)
  }

  it('requests, errors and latencies of each slot, and what waits', async (t) => {
    const { router, at } = await house(t, { logs: true })
    const [blue, green] = [await service(t, 'blue'), await service(t, 'green')]
    assert.ok((await router.set(route(50, [blue.address], [green.address]), order(1))).ok)
    const { epoch } = await counted(router)
    for (let index = 0; index < 10; index++) await at(index < 4 ? '/?fail' : '/')
    const all = await until<MetricsSnapshot | false>('all are counted', async () => {
      const found = await counted(router)
      return found.slots.blue.requests + found.slots.green.requests === 10 && found
    })
    assert.ok(all)
    const { slots } = all
    assert.deepEqual([slots.blue.errors, slots.green.errors], [2, 2])
    assert.equal(
      Object.values(slots.blue.latency.counts).reduce((sum, count) => sum + count, 0),
      5,
    )
    const waiting = [at('/?wait'), at('/?wait')]
    const late = await until<MetricsSnapshot | false>('they have waited for a second', async () => {
      const found = await counted(router)
      return found.slots.blue.waitingOldestMs >= 1000 && found.slots.green.waitingOldestMs >= 1000 && found
    })
    assert.ok(late)
    assert.deepEqual([late.slots.blue.inFlight, late.slots.green.inFlight, late.epoch], [1, 1, epoch])
    blue.release()
    green.release()
    await Promise.all(waiting)
  })

  it('where no line of the log comes, says so instead of nothing', async (t) => {
    const { router, at } = await house(t, { logs: true }, { log: false })
    const blue = await service(t, 'blue')
    assert.ok((await router.set(route(0, [blue.address], []), order(1))).ok)
    await counted(router)
    await sharesOf(at, 25)
    const counts = await router.counts!(signal())
    assert.ok(!counts.ok)
    assert.match(
      counts.message,
      /has served 25 requests of backend shop-api, and no line of its log came to 127.*option httplog/,
    )
  })

  it('two plans look at one count, and the address is free once both have ended', async (t) => {
    const { proxy, at } = await house(t)
    const [one, other] = [await proxy.connect({ logs: proxy.logs }), await proxy.connect({ logs: proxy.logs })]
    const blue = await service(t, 'blue')
    assert.ok((await one.router.set(route(0, [blue.address], []), order(1))).ok)
    await at()
    const first = await until<MetricsSnapshot | false>('it is counted', async () => {
      const found = await counted(one.router)
      return found.slots.blue.requests === 1 && found
    })
    assert.ok(first)
    assert.deepEqual({ ...(await counted(other.router)), at: 0 }, { ...first, at: 0 })
    one.end()
    other.end()
    const third = await proxy.connect({ logs: proxy.logs })
    const after = await counted(third.router)
    assert.notEqual(after.epoch, first.epoch)
    assert.equal(after.slots.blue.requests, 0)
    third.end()
  })

  it('without `logs` it has nothing to tell', async (t) => {
    const { router } = await house(t)
    assert.equal(router.capabilities.counts, false)
    assert.equal(router.counts, undefined)
  })
})
