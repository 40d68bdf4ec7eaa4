/** What can happen with two surprises, the shorter ways of it; six times as many states in `test/long/model.test.ts`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { pairSpace } from '../../src/rehearsal/model/pair.ts'
import { pair } from '../../src/rehearsal/model/scenes.ts'
import { everyPath, scenes, shorterPaths } from './every-path.ts'

describe('the shorter paths with two surprises', () => {
  for (const scene of scenes)
    it(`of ${scene.name} keep every interlock and invariant`, () => shorterPaths(scene, 10_000))
})

describe('two releases of one environment', () => {
  it('never move traffic both, whenever the hand-over comes', (test) => {
    assert.ok(everyPath(test, pairSpace(realCore, pair))['finalized+finalized'])
  })
})
