/** The explorations that `npm test` and `npm run test:long` share out between them. */
import type { Scene } from '../../src/rehearsal/model/scene.ts'
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { explore } from '../../src/rehearsal/model/explore.ts'
import { counterexample } from '../../src/rehearsal/model/print.ts'
import { changes, scenes as steady } from '../../src/rehearsal/model/scenes.ts'
import { type Space, spaceOf } from '../../src/rehearsal/model/space.ts'

export const STATES_MAX = 400_000

export const FIRST_STATES = 6_000

export const scenes: readonly Scene[] = [...steady, ...changes]

/** More than 60,000 states with one surprise: all of them in `test/long/model.test.ts`, the first ones in `npm test`. */
const LARGE: readonly string[] = ['a component is added', 'a router is taken away', 'two addresses are exchanged']

/** More than 100,000, so that within the budget of two surprises the second one would never be met. */
const LARGEST: readonly string[] = [
  'a worker is replaced',
  'a worker is replaced before anybody is moved',
  'a worker of an older plan has exited',
  'a component is renamed',
]

export const largest = scenes.filter(({ name }) => LARGEST.includes(name))
export const large = scenes.filter(({ name }) => [...LARGE, ...LARGEST].includes(name))
assert.equal(large.length, LARGE.length + LARGEST.length, 'a scene has another name')

/** Everything that can happen with at most one surprise. Answers how often each end was met. */
export function everyPath<N>(test: TestContext, space: Space<N>): Readonly<Record<string, number>> {
  const report = explore(space, { surprises: 1, statesMax: STATES_MAX }, () => performance.now())
  if (report.failure) assert.fail(counterexample(space, report.failure))
  assert.ok(report.complete, `${STATES_MAX} states were not enough`)
  test.diagnostic(`${report.states} states, ${report.edges} edges, depth ${report.depth}`)
  return report.ends
}

/**
 * The first `statesMax` states of what can happen, those with the fewest surprises first and of these the ones with the fewest
 * inputs: where all that one surprise can do is more than that, a second one is not met.
 */
export function shorterPaths(scene: Scene, surprises: number, statesMax: number): void {
  const space = spaceOf(realCore, scene)
  const { failure } = explore(space, { surprises, statesMax }, () => performance.now())
  if (failure) assert.fail(counterexample(space, failure))
}
