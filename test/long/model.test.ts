/** What the model checker finds when it has minutes: the largest scenes whole, and the first 60,000 states with two surprises. */
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'
import { everyPath, huge, scenes, shorterPaths } from '../model/every-path.ts'

describe('every path with one surprise', () => {
  for (const scene of huge)
    it(`of ${scene.name} keeps every interlock and invariant, and can end`, (test) => {
      everyPath(test, spaceOf(realCore, scene))
    })
})

describe('the shorter paths with two surprises', () => {
  for (const scene of scenes)
    it(`of ${scene.name} keep every interlock and invariant`, () => shorterPaths(scene, 60_000))
})
