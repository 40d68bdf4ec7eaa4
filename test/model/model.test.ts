/** Everything that can happen to a rollout with at most one surprise on the way, completely. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { explore } from '../../src/rehearsal/model/explore.ts'
import { counterexample } from '../../src/rehearsal/model/print.ts'
import { pairSpace } from '../../src/rehearsal/model/pair.ts'
import { pair, scenes } from '../../src/rehearsal/model/scenes.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'

const BOUNDS = { surprises: 1, statesMax: 150_000 }

describe('every path with one surprise', () => {
  for (const scene of scenes) {
    it(`of ${scene.name} keeps every interlock and invariant, and can end`, (test) => {
      const space = spaceOf(realCore, scene)
      const report = explore(space, BOUNDS, () => performance.now())
      if (report.failure) assert.fail(counterexample(space, report.failure))
      assert.ok(report.complete, `${BOUNDS.statesMax} states were not enough`)
      test.diagnostic(`${report.states} states, ${report.edges} edges, depth ${report.depth}`)
    })
  }
})

describe('two releases of one environment', () => {
  it('never move traffic both, whenever the hand-over comes', (test) => {
    const space = pairSpace(realCore, pair)
    const report = explore(space, BOUNDS, () => performance.now())
    if (report.failure) assert.fail(counterexample(space, report.failure))
    assert.ok(report.ends['finalized+finalized'])
    test.diagnostic(`${report.states} states, ${report.edges} edges, depth ${report.depth}`)
  })
})

describe('a counterexample', () => {
  it('is printed as given, when and then, with the time of every input', () => {
    const deaf = { ...realCore, nextDue: () => null }
    const space = spaceOf(deaf, scenes[0]!)
    const { failure } = explore(space, { surprises: 0, statesMax: 10 }, () => 0)
    assert.ok(failure)
    const text = counterexample(space, failure)
    assert.match(text, /^given a release beside a stable one\n/)
    assert.match(text, /\+0ms {2}request-rollout {2}→ RolloutRequested, StepStarted/)
    assert.match(text, /then {2}whoever waits has a deadline in the future: nothing would ever move it again$/)
  })
})
