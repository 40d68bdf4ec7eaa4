/** Two releases of one environment, completely; and how the scenes begin that are explored whole in `test/long/model.test.ts` only. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { pairSpace } from '../../src/rehearsal/model/pair.ts'
import { pair } from '../../src/rehearsal/model/scenes.ts'
import { everyPath, FIRST_STATES, large, shorterPaths } from './every-path.ts'

describe('two releases of one environment', () => {
  it('never move traffic both, whenever the hand-over comes', (test) => {
    assert.ok(everyPath(test, pairSpace(realCore, pair))['finalized+finalized'])
  })
})

describe('the shorter paths with one surprise', () => {
  for (const scene of large)
    it(`of ${scene.name} keep every interlock and invariant`, () => shorterPaths(scene, 1, FIRST_STATES))
})
