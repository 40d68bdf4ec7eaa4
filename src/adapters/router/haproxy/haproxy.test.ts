import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { haproxy } from './haproxy.ts'
import { readLine } from './logs.ts'
import { NOWHERE, ordersFor } from './orders.ts'
import { readServers, type Server, sharesOf, weightsFor } from './servers.ts'
import { oldestWaiting, statOf } from './stats.ts'

const WRITTEN = { backend: 'shop', stateFile: '/var/lib/haproxy/shop', url: 'https://shop.example.com' }

adapterKeys({
  port: 'router',
  kind: 'haproxy',
  written: WRITTEN,
  keys: {
    socket: ['/run/other.sock'],
    backend: ['other'],
    stateFile: ['/var/lib/haproxy/other'],
    url: ['https://other.example.com'],
    logs: ['127.0.0.1:9514'],
    'sticky.cookie': ['other', { ...WRITTEN, sticky: { cookie: 'slot' } }],
  },
})

adapterContract({ adapter: haproxy, written: WRITTEN, context: adapterContext() })

test('refuses what HAProxy could not be told or reached by, each with what it expects', () => {
  const wrong = {
    socket: ['run/haproxy.sock', `/${'x'.repeat(107)}`, 3],
    backend: ['', 'a b', 'a;shutdown', 'x'.repeat(101)],
    stateFile: ['state', ''],
    url: ['shop.example.com', 'ftp://shop', 'https://shop.example.com/path', 'https://a b'],
    logs: ['0.0.0.0:9514', '127.0.0.1', 'localhost:9514', '10.0.0.1:514'],
    sticky: [{ cookie: 'a;b' }, { header: 'x' }, 'cookie'],
  }
  for (const [key, values] of Object.entries(wrong)) {
    for (const value of values) {
      const { success, error } = haproxy.options.safeParse({ kind: 'haproxy', ...WRITTEN, [key]: value })
      assert.equal(success, false, `${key}: ${JSON.stringify(value)}`)
      assert.ok(error?.issues.some(({ path }) => path[0] === key))
    }
  }
})

describe('weights of servers', () => {
  const slots = fc.record({ share: fc.integer({ min: 0, max: 100 }), blue: fc.integer({ min: 1, max: 20 }) })

  test('share the traffic as desired, whatever the number of instances', () => {
    fc.assert(
      fc.property(slots, fc.integer({ min: 1, max: 20 }), ({ share, blue }, green) => {
        const shares = { blue: 100 - share, green: share }
        const of = weightsFor(shares, { blue, green })
        for (const slot of ['blue', 'green'] as const) {
          assert.ok(Number.isInteger(of[slot].weight) && of[slot].weight >= 1 && of[slot].weight <= 256)
          assert.ok(of[slot].servers >= 1)
        }
        if (share === 0 || share === 100) return
        const sum = { blue: of.blue.weight * of.blue.servers, green: of.green.weight * of.green.servers }
        assert.equal(Math.round((100 * sum.green) / (sum.blue + sum.green)), share)
        const larger = share > 50 ? 'green' : 'blue'
        assert.equal(of[larger].servers, { blue, green }[larger], 'who serves most serves with all')
      }),
    )
  })

  test('leave out instances of a small share only where weights cannot say it', () => {
    const of = (share: number, blue: number, green: number) =>
      weightsFor({ blue: 100 - share, green: share }, { blue, green })
    assert.deepEqual(of(10, 3, 2), { blue: { weight: 6, servers: 3 }, green: { weight: 1, servers: 2 } })
    assert.deepEqual(of(1, 1, 4), { blue: { weight: 256, servers: 1 }, green: { weight: 1, servers: 3 } })
    assert.deepEqual(of(50, 1, 1), { blue: { weight: 1, servers: 1 }, green: { weight: 1, servers: 1 } })
  })
})

const server = (name: string, changes: Partial<Server> = {}): Server => ({
  name,
  slot: name.startsWith('blue') ? 'blue' : 'green',
  address: NOWHERE,
  weight: 1,
  isServing: false,
  ...changes,
})

describe('orders', () => {
  const route = (green: number, upstreams: { blue: readonly string[]; green: readonly string[] }) => ({
    weights: { blue: 100 - green, green },
    upstreams,
    maintenance: false,
  })
  const blue1 = server('blue1', { address: '127.0.0.1:9001', isServing: true })

  test('bring in who comes before they take out who goes', () => {
    const orders = ordersFor('shop', [blue1, server('green1')], route(100, { blue: [], green: ['127.0.0.1:9002'] }))
    assert.deepEqual(orders, {
      commands: [
        'set server shop/green1 addr 127.0.0.1 port 9002',
        'set server shop/green1 state ready',
        'set server shop/blue1 state maint',
        'set server shop/blue1 addr 127.0.0.1 port 1',
      ],
    })
  })

  test('say nothing of what is so already', () => {
    const upstreams = { blue: ['127.0.0.1:9001'], green: [] }
    assert.deepEqual(ordersFor('shop', [blue1, server('green1')], route(0, upstreams)), { commands: [] })
  })

  test('keep an instance on its server, and take a serving one out before it leads elsewhere', () => {
    const blue2 = server('blue2', { address: '127.0.0.1:9003', isServing: true })
    const upstreams = { blue: ['127.0.0.1:9003', '[::1]:9004'], green: [] }
    assert.deepEqual(ordersFor('shop', [blue1, blue2, server('green1')], route(0, upstreams)), {
      commands: [
        'set server shop/blue1 state maint',
        'set server shop/blue1 addr ::1 port 9004',
        'set server shop/blue1 state ready',
      ],
    })
  })

  test('name a slot without traffic, and keep it out of service', () => {
    const upstreams = { blue: ['127.0.0.1:9001'], green: ['127.0.0.1:9002'] }
    const { commands } = ordersFor('shop', [blue1, server('green1')], route(0, upstreams)) as { commands: unknown }
    assert.deepEqual(commands, ['set server shop/green1 addr 127.0.0.1 port 9002'])
  })

  test('are refused for more instances than servers, and for what is no IP address', () => {
    const why = (green: readonly string[]) => {
      const orders = ordersFor('shop', [blue1, server('green1')], route(10, { blue: ['127.0.0.1:9001'], green }))
      return 'why' in orders ? orders.why : assert.fail('it was ordered')
    }
    assert.match(why(['127.0.0.1:1000', '127.0.0.1:1001']), /green has 2 instances, .* only 1 servers .*server green2/)
    for (const odd of ['web:80', '127.0.0.1:0', '127.0.0.1:65536', '::1:80', '127.0.0.1', '127.0.0.1:80;show env']) {
      assert.match(why([odd]), /is no IP address with a port/)
    }
  })
})

describe('what HAProxy shows', () => {
  const HEAD = '1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port'
  const row = (name: string, admin: number, weight: number) => `3 shop 1 ${name} 127.0.0.1 2 ${admin} ${weight} 9001`

  test('servers with their shares: what is in maintenance or drains has none', () => {
    const text = [HEAD, row('blue1', 4, 30), row('blue2', 1, 30), row('green1', 0, 10), row('green2', 8, 10)].join('\n')
    const { servers, strangers } = readServers(text)!
    assert.deepEqual(sharesOf(servers), { blue: 75, green: 25 })
    assert.deepEqual(strangers, [])
    assert.equal(servers[0]?.address, '127.0.0.1:9001')
  })

  test('a server of neither slot that serves is a stranger', () => {
    const text = [HEAD, row('blue1', 4, 30), row('old', 0, 1), row('older', 1, 1), row('blue01', 0, 1)].join('\n')
    assert.deepEqual(readServers(text)?.strangers, ['old', 'blue01'])
  })

  test('what is no table of servers is none', () => {
    for (const text of ['', "Can't find backend.", '1\n# be_id be_name\n3 shop']) assert.equal(readServers(text), null)
  })

  test('requests in flight by the names of the columns', () => {
    const csv =
      '# pxname,svname,new,scur,stot\nshop,blue1,9,2,50\nshop,blue2,9,1,5\nshop,BACKEND,9,3,55\nother,green1,9,7,7'
    assert.deepEqual(statOf(`before\n${csv}`, 'shop', 'scur'), { blue: 3, green: 0 })
    assert.deepEqual(statOf(csv, 'shop', 'stot'), { blue: 55, green: 0 })
  })

  test('the oldest request whose answer has not begun, a second less than HAProxy rounds up to', () => {
    const line = (name: string, age: string, an: string) =>
      `0x1: proto=tcpv4 src=127.0.0.1:1 fe=web be=shop srv=${name} ts=00 age=${age} calls=3 rq[f=4h,i=0,an=8000h,rx=] rp[f=80h,i=0,an=${an}h,rx=] exp=9s`
    const text = [line('blue1', '2s', '1400000'), line('blue1', '1m3s', '4000000'), line('green1', '1h2m', '400000')]
    assert.deepEqual(oldestWaiting(text.join('\n'), 'shop'), { blue: 1000, green: 3_719_000 })
  })
})

describe('a line of the access log', () => {
  const line = (server: string, timers: string, status: string, flags: string) =>
    `<134>Dec  1 02:50:07 haproxy[1]: 127.0.0.1:55896 [01/Dec/2026:02:50:07.711] web~ shop/${server} ${timers} ${status} 106 - - ${flags} 1/1/0/0/0 0/0 {a|b} "GET /?d=10 HTTP/1.1"`
  const cases = [
    ['an answer', line('blue1', '0/1/2/11/14', '200', '--NI'), { slot: 'blue', isError: false, latencyMs: 14 }],
    ['a 500', line('green12', '0/0/0/3/3', '500', '--VN'), { slot: 'green', isError: true, latencyMs: 3 }],
    [
      'no answer in time',
      line('green1', '0/0/0/-1/2000', '504', 'sHVN'),
      { slot: 'green', isError: true, latencyMs: 2000 },
    ],
    [
      'broken off in the middle',
      line('green1', '0/0/0/5/90', '200', 'SDVN'),
      { slot: 'green', isError: true, latencyMs: 5 },
    ],
    [
      'a client that left in the middle',
      line('blue1', '0/0/0/5/90', '200', 'CDVN'),
      { slot: 'blue', isError: false, latencyMs: 5 },
    ],
    ['a client that left before', line('blue1', '0/0/0/-1/90', '-1', 'CHVN'), null],
    ['a 404', line('blue1', '0/0/0/5/5', '404', '----'), { slot: 'blue', isError: false, latencyMs: 5 }],
    [
      'logged as soon as it began',
      line('blue1', '0/0/0/5/+5', '200', '----'),
      { slot: 'blue', isError: false, latencyMs: 5 },
    ],
    ['no server', line('<NOSRV>', '0/-1/-1/-1/0', '503', 'SCNN'), null],
    ['something else', 'Proxy shop started.', null],
  ] as const
  for (const [name, text, wanted] of cases) {
    test(name, () => assert.deepEqual(readLine(text, 'shop'), wanted))
  }

  test('of another backend is another’s', () => assert.equal(readLine(cases[0][1], 'sho'), null))
})
