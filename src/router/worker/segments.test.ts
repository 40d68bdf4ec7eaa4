import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Segments } from './segments.ts'

function ask(segments: Segments, path: string, times = 1, { method = 'GET', isError = false, latencyMs = 1 } = {}) {
  for (let time = 0; time < times; time++) segments.count('green', { method, path }, latencyMs, isError)
}

const counted = (segments: Segments) =>
  Object.entries(segments.report('green')).map(([name, { requests, errors }]) => [name, requests, errors])

test('requests are counted by what they ask for, the most first, each slot by itself', () => {
  const segments = new Segments()
  ask(segments, '/orders/1?page=2')
  ask(segments, '/orders/2', 1, { isError: true })
  ask(segments, '/cart', 1, { method: 'POST' })
  segments.count('blue', { method: 'GET', path: '/orders/3' }, 1, false)
  assert.deepEqual(counted(segments), [
    ['GET /orders/:id', 2, 1],
    ['POST /cart', 1, 0],
  ])
  assert.equal(segments.report('blue')['GET /orders/:id']?.requests, 1)
})

test('declared ones come before what would be learned, and are told before the first request', () => {
  const segments = new Segments({ declared: ['GET /orders/new', '* /orders/*'], learn: 1 })
  ask(segments, '/orders/new')
  ask(segments, '/orders/7/lines', 2, { method: 'PUT' })
  ask(segments, '/cart')
  assert.deepEqual(counted(segments), [
    ['* /orders/*', 2, 0],
    ['GET /orders/new', 1, 0],
    ['GET /cart', 1, 0],
  ])
})

test('latencies fall into buckets that are whole ones of the slot’s', () => {
  const segments = new Segments()
  ask(segments, '/', 3, { latencyMs: 250 })
  const { latency } = segments.report('green')['GET /']!
  const [[bucket, count] = []] = Object.entries(latency.counts)
  assert.equal(count, 3)
  const edge = latency.unitMs * latency.base ** Number(bucket)
  assert.ok(edge >= 250 && edge <= 250 * latency.base * 1.02, `${edge}`)
})

test('whatever clients ask for, memory and names are bounded, and a busy route takes the place of noise', () => {
  const segments = new Segments({ declared: [], learn: 3 })
  for (let path = 0; path < 5000; path++)
    ask(segments, `/${'abcdefghij'[path % 10]}${'klmnopqrst'[Math.floor(path / 10) % 10]}x`)
  ask(segments, '/busy', 400)
  const names = Object.keys(segments.report('green'))
  assert.equal(names.length, 3)
  assert.ok(names.includes('GET /busy'), names.join())
})

test('another wish keeps the counts of what stays declared', () => {
  const segments = new Segments({ declared: ['GET /cart'], learn: 5 })
  ask(segments, '/cart', 3)
  ask(segments, '/other', 3)
  segments.configure({ declared: ['GET /cart', 'GET /new'], learn: 0 })
  ask(segments, '/other', 3)
  assert.deepEqual(counted(segments), [
    ['GET /cart', 3, 0],
    ['GET /new', 0, 0],
  ])
})

test('what was learned under a name that is declared now does not stand in its way', () => {
  const segments = new Segments({ declared: [], learn: 5 })
  ask(segments, '/orders/1', 3)
  segments.configure({ declared: ['GET /orders/:id'], learn: 5 })
  ask(segments, '/orders/2', 7, { isError: true })
  assert.deepEqual(counted(segments), [['GET /orders/:id', 7, 7]])
  for (const path of ['/a', '/b', '/c', '/d', '/e']) ask(segments, path)
  assert.equal(counted(segments).length, 6)
})
