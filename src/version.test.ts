import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareVersions, readVersion, understands } from './version.ts'

test('the version is one that can be compared', () => assert.ok(understands(readVersion(), `${readVersion()}-rc.1`)))

test('before 1.0 a minor version may change what an order means, from then on a major one', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['0.1.0', '0.1.7', true],
    ['0.1.0', '0.2.0', false],
    ['0.9.0', '1.0.0', false],
    ['1.0.0', '1.9.3', true],
    ['1.9.3', '2.0.0', false],
    ['2.0.0-beta.1', '2.0.0', true],
    ['unknown', '0.1.0', false],
    ['unknown', 'unknown', true],
    ['1', '1.0', false],
  ]
  for (const [one, other, expected] of cases) {
    assert.equal(understands(one, other), expected, `${one} and ${other}`)
    assert.equal(understands(other, one), expected, `${other} and ${one}`)
  }
})

test('the older one is known, whichever number differs', () => {
  for (const [older, newer] of [
    ['0.1.0', '0.1.1'],
    ['0.9.9', '0.10.0'],
    ['1.20.30', '2.0.0'],
  ] as const) {
    assert.ok(compareVersions(older, newer) < 0)
    assert.ok(compareVersions(newer, older) > 0)
  }
  assert.equal(compareVersions('x', '0.1.0'), 0)
})
