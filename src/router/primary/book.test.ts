import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { DesiredRoute } from '../desired-route.ts'
import { fence, find, readDesired, toConfig, withoutRoute, withRoute } from './book.ts'
import { emptyState, type State } from './state-file.ts'

const routeOf = (generation: number, green: number): DesiredRoute =>
  DesiredRoute.parse({
    generation,
    listen: '127.0.0.1:0',
    slots: {
      blue: { weight: 100 - green, upstreams: ['127.0.0.1:1'] },
      green: { weight: green, upstreams: ['127.0.0.1:2'] },
    },
    sticky: { kind: 'cookie', name: 'side' },
  })
const put = (state: State, generation: number, green: number) =>
  withRoute(state, 'app', routeOf(generation, green), '127.0.0.1:80')
const cookies = (state: State) => {
  const { slots } = toConfig(state, find(state, 'app')!)
  return { blue: slots.blue.cookie, green: slots.green.cookie }
}

test('whatever order desired routes arrive in, the stored generation never goes back and none passes twice', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(100)), { maxLength: 40 }), (desired) => {
      let state = emptyState()
      let highest = -1
      for (const [generation, green] of desired) {
        const fenced = fence(state, 'app', routeOf(generation, green))
        assert.equal(fenced.ok && fenced.value === 'new', generation > highest)
        if (fenced.ok && fenced.value === 'new') {
          state = put(state, generation, green)
          highest = generation
        }
        assert.equal(find(state, 'app')!.desired.generation, highest)
      }
    }),
  )
})

test('a removed route stays removed for every desired route up to its generation', () => {
  const state = withoutRoute(put(emptyState(), 5, 0), 'app', 7)
  for (const generation of [0, 5, 7]) assert.equal(fence(state, 'app', routeOf(generation, 0)).ok, false)
  assert.deepEqual(fence(state, 'app', routeOf(8, 0)), { ok: true, value: 'new' })
})

test('a slot’s cookie lasts while the slot has weight, and is another after it had none', () => {
  const first = put(emptyState(), 1, 10)
  assert.deepEqual(cookies(put(first, 2, 50)), cookies(first))
  const full = put(first, 3, 100)
  assert.equal(cookies(full).green, cookies(first).green)
  const back = put(full, 4, 90)
  assert.equal(cookies(back).green, cookies(first).green)
  assert.notEqual(cookies(back).blue, cookies(first).blue)
  assert.notEqual(cookies(back).blue, cookies(back).green)
})

test('what is wrong with a desired route is said all at once', () => {
  const refused = readDesired('app', { generation: 1.5, listen: 'x', slots: { blue: { weight: 101 } }, typo: true })
  assert.ok(!refused.ok)
  for (const part of ['generation', 'listen', 'weight', 'green', 'typo', '127.0.0.1:8080']) {
    assert.match(refused.problem.detail, new RegExp(part))
  }
  assert.equal(readDesired('../etc', routeOf(1, 0)).ok, false)
  const empty = {
    ...routeOf(1, 0),
    slots: { blue: { weight: 100, upstreams: [] }, green: { weight: 0, upstreams: [] } },
  }
  const impossible = readDesired('app', empty)
  assert.ok(!impossible.ok)
  assert.equal(impossible.problem.status, 422)
  assert.match(impossible.problem.detail, /slot blue has weight 100 but no upstreams/)
})
