import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fits, learnedName, partsOf, Pattern, SegmentsWanted } from './segments.ts'

const isFit = (pattern: string, method: string, path: string) => fits(pattern)(method, partsOf(path))

test('a pattern fits by method and by the parts of a path', () => {
  for (const [pattern, path, expected] of [
    ['GET /orders/:id', '/orders/7', true],
    ['GET /orders/:id', '/orders', false],
    ['GET /orders/:id', '/orders/7/lines', false],
    ['GET /orders/*', '/orders/7/lines', true],
    ['GET /orders/*', '/orders', true],
    ['GET /orders/*', '/other', false],
    ['GET /', '/', true],
    ['GET /*', '/anything/at/all', true],
  ] as const) {
    assert.equal(isFit(pattern, 'GET', path), expected, `${pattern} ${path}`)
  }
  assert.equal(isFit('GET /orders', 'POST', '/orders'), false)
  assert.equal(isFit('* /orders', 'POST', '/orders'), true)
})

test('what is no pattern is refused', () => {
  for (const text of [
    '/orders',
    'GET orders',
    'get /orders',
    'GET /a*b',
    'GET /a?b',
    'GET /a b',
    'GET /a"b',
    'GET /käse',
    'GET /\u001b[2J',
  ]) {
    assert.equal(Pattern.safeParse(text).success, false, text)
  }
  for (const text of ['GET /k%C3%A4se', "GET /a!$&'()+,;=:@~/[b]|{c}^`<d>/*"]) {
    assert.equal(Pattern.safeParse(text).success, true, text)
  }
  assert.equal(SegmentsWanted.safeParse({ declared: ['GET /'], learn: 20 }).success, false)
  assert.equal(SegmentsWanted.safeParse({ declared: ['GET /', 'GET /'], learn: 0 }).success, false)
})

test('one thing of many is not part of a learned name', () => {
  for (const [path, name] of [
    ['/', 'GET /'],
    ['/orders/4711', 'GET /orders/:id'],
    ['/orders/0198c2a6-91f2-7c3d-a1f0-5a9f0f0c5b11/lines', 'GET /orders/:id/lines'],
    ['/api/v2/users/kim@example.com', 'GET /api/v2/users/:id'],
    ['/a/b/c/d/e/f/g', 'GET /a/b/c/d/e/f/*'],
    [`/${'x'.repeat(41)}`, 'GET /:id'],
    ['/%2e%2e', 'GET /:id'],
  ] as const) {
    assert.equal(learnedName('GET', partsOf(path)), name)
  }
})
