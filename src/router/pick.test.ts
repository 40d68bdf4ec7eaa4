import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { hash53, pickByHash, pickNext, pointOf, type Weights } from './pick.ts'

const weights = fc.integer({ min: 0, max: 100 }).map((green): Weights => ({ blue: 100 - green, green }))

test('any 100 consecutive picks hold exactly the weights, from wherever one starts to count', () => {
  fc.assert(
    fc.property(weights, fc.nat(300), (wanted, skip) => {
      const balance = { blue: 0, green: 0 }
      for (let i = 0; i < skip; i++) pickNext(balance, wanted)
      const seen = { blue: 0, green: 0 }
      for (let i = 0; i < 100; i++) seen[pickNext(balance, wanted)!]++
      assert.deepEqual(seen, wanted)
    }),
  )
})

test('picks are spread evenly: in any run of n, a slot is at most one away from its share', () => {
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 250 }), (wanted, n) => {
      const balance = { blue: 0, green: 0 }
      let green = 0
      for (let i = 0; i < n; i++) if (pickNext(balance, wanted) === 'green') green++
      assert.ok(Math.abs(green - (n * wanted.green) / 100) <= 1, `${green} of ${n} at ${wanted.green} %`)
    }),
  )
})

test('a slot with weight 0 is never picked, and nobody is when both are 0', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Weights>({ blue: 100, green: 0 }, { blue: 0, green: 100 }),
      fc.string(),
      (wanted, text) => {
        const only = wanted.blue ? 'blue' : 'green'
        assert.equal(pickNext({ blue: 0, green: 0 }, wanted), only)
        assert.equal(pickByHash(pointOf(hash53(text), 1), wanted), only)
      },
    ),
  )
  assert.equal(pickNext({ blue: 0, green: 0 }, { blue: 0, green: 0 }), null)
  assert.equal(pickByHash(1, { blue: 0, green: 0 }), null)
})

test('growing a slot by hash moves sessions only towards it', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), weights, weights, (text, salt, a, b) => {
      const point = pointOf(hash53(text), salt)
      const [smaller, larger] = a.green <= b.green ? [a, b] : [b, a]
      if (pickByHash(point, smaller) === 'green') assert.equal(pickByHash(point, larger), 'green')
    }),
  )
})

test('the hash is even on the short keys on which plain FNV-1a is biased', () => {
  for (const prefix of ['user', '', 'a@b.de#']) {
    for (const salt of [0, 1, 0xdeadbeef]) {
      const points = Array.from({ length: 2_000 }, (_, i) => pointOf(hash53(`${prefix}${i + 1}`), salt))
      for (const share of [10, 20, 50]) {
        const below = (points.filter((point) => point < share).length / points.length) * 100
        assert.ok(
          Math.abs(below - share) < 3,
          `${below.toFixed(1)} % of "${prefix}1…" lie below ${share}, salt ${salt}`,
        )
      }
    }
  }
})

test('another salt deals the sessions anew', () => {
  const first = (salt: number) => (i: number) => pointOf(hash53(`user${i}`), salt) < 10
  const users = Array.from({ length: 2_000 }, (_, i) => i)
  const both = users.filter((i) => first(1)(i) && first(2)(i)).length
  assert.ok(both < 60, `${both} of about 200 users come first under both salts; by chance it would be 20`)
})
