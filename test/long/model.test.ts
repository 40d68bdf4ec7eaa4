/** What the model checker finds when it has minutes: the largest scenes whole, and in each a part of what two surprises do. */
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'
import { everyPath, large, largest, scenes, shorterPaths } from '../model/every-path.ts'

describe('every path with one surprise', () => {
  for (const scene of large)
    it(`of ${scene.name} keeps every interlock and invariant, and can end`, (test) => {
      everyPath(test, spaceOf(realCore, scene))
    })
})

/** More than one surprise leads to, but in the largest scenes: there the second one would begin too late for any budget. */
const STATES = 200_000

describe('the shorter paths with two surprises', () => {
  for (const scene of scenes.filter((each) => !largest.includes(each)))
    it(`of ${scene.name} keep every interlock and invariant`, () => shorterPaths(scene, 2, STATES))
})
