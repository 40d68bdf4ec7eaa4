import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { canonicalJson, sameJson } from './json.ts'

describe('the one text of a value', () => {
  it('has sorted keys, no white space and no undefined members', () => {
    assert.equal(
      canonicalJson({ b: [1, { d: null, c: 'x' }], a: true, u: undefined }),
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    )
    assert.equal(canonicalJson({ u: undefined }), '{}')
  })

  it('is refused for a number that has none', () => {
    assert.throws(() => canonicalJson({ a: [Number.NaN] }), /no JSON text/)
  })
})

describe('two values are the same', () => {
  it('exactly when they have one text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (left, right) => {
        assert.equal(sameJson(left, right), canonicalJson(left) === canonicalJson(right))
        assert.ok(sameJson(left, structuredClone(left)))
      }),
    )
  })

  for (const [left, right, same] of [
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { b: undefined, a: 1 }, true],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: null }, false],
    [[1, 2], [1, 2, 3], false],
    [[], {}, false],
    [{ 0: 1 }, [1], false],
    [null, {}, false],
    ['1', 1, false],
  ] as const)
    it(`${JSON.stringify(left)} and ${JSON.stringify(right)}: ${same}`, () => assert.equal(sameJson(left, right), same))
})
