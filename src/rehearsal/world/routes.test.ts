/** Goal: routes of a rehearsal get their shares, and are told as a router tells them. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../core/time.ts'
import { EMPTY_SLOT } from '../../core/observed.ts'
import { randomFrom } from '../../testing/fake-metrics.ts'
import { Build } from '../scenario/build.ts'
import { routeShares, splitByRoute } from './routes.ts'
import { Users } from './users.ts'

const ROUTES = { 'GET /cards': 0.6, 'POST /payments': 0.05 }
const PLACE = '10.0.0.1:80'

/** Users of both slots for so many seconds, 100 a second, the candidate in green. */
function usersOf(green: Parameters<typeof Build.parse>[0], seconds = 600): Users {
  const users = new Users(randomFrom(7), routeShares(ROUTES))
  const slot = (build: Build) => ({ seen: { ...EMPTY_SLOT, upstreams: [PLACE] }, build })
  const route = { weights: { blue: 50, green: 50 }, upstreams: { blue: [PLACE], green: [PLACE] }, maintenance: false }
  const now = { blue: slot(Build.parse({})), green: slot(Build.parse(green)) }
  for (let second = 0; second < seconds; second++) {
    users.arrive({ from: instant(second * 1000), to: instant((second + 1) * 1000), rate: 100 }, route, now)
  }
  return users
}

const at = instant(600_000)

describe('routes of simulated users', () => {
  it('are all of the requests and no more, each near its share', () => {
    const parts = splitByRoute(randomFrom(3), routeShares(ROUTES), 100_000)
    assert.deepEqual(
      parts.map(({ name }) => name),
      ['GET /cards', 'POST /payments', null],
    )
    assert.equal(
      parts.reduce((sum, { count }) => sum + count, 0),
      100_000,
    )
    const shares = parts.map(({ count }) => count / 100_000)
    ;[0.6, 0.05, 0.35].forEach((share, index) => assert.ok(Math.abs(shares[index]! - share) < 0.01, String(shares)))
  })

  it('take all where their shares are everything, however those add up', () => {
    const tenths = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`GET /${'abcdefghij'[index]}`, 0.1]))
    const parts = splitByRoute(randomFrom(3), routeShares(tenths), 5000)
    assert.ok(parts.every(({ name }) => name !== null))
  })

  it('fail where the build says so, and are part of what the slot counts', () => {
    const { blue, green } = usersOf({ errorsOn: { 'POST /payments': '100%' } }).counts(at, {
      declared: [],
      learn: 20,
      slowMs: 1,
    })
    const [requests, errors, slow] = green.segments!['POST /payments']!
    assert.ok(requests > 1000)
    assert.deepEqual([errors, slow], [requests, requests])
    assert.equal(green.errors, errors)
    assert.deepEqual([blue.errors, green.segments!['GET /cards']![1]], [0, 0])
  })

  it('hang and time out with all others', () => {
    const { green } = usersOf({ hangs: true }).counts(at, { declared: [], learn: 20, slowMs: null })
    const [requests, errors, slow] = green.segments!['GET /cards']!
    assert.ok(requests > 10_000)
    assert.deepEqual([errors, slow], [requests, 0])
  })

  it('are told the largest first, those declared whatever their size, and nothing unasked', () => {
    const users = usersOf({})
    const told = (declared: readonly string[], learn: number) =>
      Object.keys(users.counts(at, { declared, learn, slowMs: null }).blue.segments!)
    assert.deepEqual(told([], 20), ['GET /cards', 'POST /payments'])
    assert.deepEqual(told([], 1), ['GET /cards'])
    assert.deepEqual(told(['POST /payments', 'GET /never'], 0), ['POST /payments'])
    assert.equal(users.counts(at).blue.segments, undefined)
  })

  it('begin at 0 after a restart of the router', () => {
    const users = usersOf({})
    users.restart()
    assert.deepEqual(users.counts(at, { declared: [], learn: 20, slowMs: null }).blue.segments, {})
  })
})
