/** Everything that can happen to a rollout with at most one surprise on the way, completely; the largest scenes in `test/long`. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { asScenario } from '../../src/rehearsal/model/as-scenario.ts'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { explore } from '../../src/rehearsal/model/explore.ts'
import { counterexample } from '../../src/rehearsal/model/print.ts'
import { type Space, spaceOf } from '../../src/rehearsal/model/space.ts'
import { readScenario } from '../../src/rehearsal/scenario/read.ts'
import { problemText } from '../../src/stellwerk-yaml/problem.ts'
import { everyPath, large, scenes } from './every-path.ts'
import { mutants } from './mutants.ts'
import { mutated } from './mutate.ts'
import { turn } from '../../src/rehearsal/model/moves.ts'
import { START } from '../../src/rehearsal/model/step.ts'
import { EMPTY_WORLD } from '../../src/rehearsal/model/world.ts'

describe('every path with one surprise', () => {
  for (const scene of scenes.filter((each) => !large.includes(each))) {
    it(`of ${scene.name} keeps every interlock and invariant, and can end`, (test) => {
      everyPath(test, spaceOf(realCore, scene))
    })
  }
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

describe('a counterexample as a scenario', () => {
  /** What the checker finds in the decider with this mistake, with one surprise at most. */
  async function found(name: string) {
    const mutant = mutants.find((each) => each.name === name)!
    const core = await mutated(mutant)
    for (const scene of scenes.filter((each) => each.name.includes(mutant.scene))) {
      const space = spaceOf(core, scene)
      const { failure } = explore(space, { surprises: 1, statesMax: 40_000 }, () => 0)
      if (failure) return { text: asScenario(space, failure), broken: failure.broken }
    }
    return assert.fail(`${name} survives`)
  }

  const examples = [
    ['red smoke tests pass', /changes:\n\s+- from:\n\s+phase: smoking\n\s+release: v2\n\s+smoke: fails/],
    ['errors are overlooked', /errors: 50%/],
    ['a red gate is asked until it is green', /gates:\n\s+artifact-pinned: fail/],
    ['an abort is only noted', /does: abort/],
    ['the previous release is not started again', /gone: true/],
    ['after the clock went back old looks are fresh', /# the clock goes back: no scenario can say that/],
  ] as const
  for (const [name, said] of examples) {
    it(`says what goes wrong, in a file that rehearse reads: ${name}`, async () => {
      const { text, broken } = await found(name)
      assert.match(text, said)
      assert.ok(text.startsWith(`# ${broken}\n`))
      const read = readScenario({ text, file: 'found.yaml' })
      assert.ok(read.ok, read.ok ? '' : `${read.problems.map(problemText).join('\n')}\n${text}`)
    })
  }
})

/** A made-up space: which free moves each number has, and which numbers are ends. */
function numbers(ways: Readonly<Record<number, readonly number[]>>, ends: readonly number[]): Space<number> {
  return {
    name: 'numbers',
    begin: () => ({ ok: true, node: 0, events: [] }),
    moves: (node) =>
      (ways[node] ?? []).map((to) => ({ how: String(to), cost: 0, at: START, input: null, world: EMPTY_WORLD })),
    take: (_, { how }) => ({ ok: true, node: Number(how), events: [] }),
    key: (node) => node,
    stateOf: () => assert.fail('a number has no state'),
    isFirst: false,
    releases: [],
    end: (node) => (ends.includes(node) ? 'over' : null),
    describe: (_, { how }) => how,
  }
}

describe('a state from which no end can be reached', () => {
  const bounds = { surprises: 0, statesMax: 100 }

  it('is found in a circle without a way out', () => {
    const { failure } = explore(numbers({ 0: [1, 2], 1: [9], 2: [3], 3: [2] }, [9]), bounds, () => 0)
    assert.match(failure?.broken ?? '', /no end is reachable/)
    assert.deepEqual(failure?.path, [turn(1, false)])
  })

  it('is not one that can still leave the circle', () => {
    assert.equal(explore(numbers({ 0: [1], 1: [0, 9] }, [9]), bounds, () => 0).failure, null)
  })

  it('is not claimed where the way goes on beyond what was explored', () => {
    const long = numbers({ 0: [1], 1: [2], 2: [3], 3: [4], 4: [9] }, [9])
    assert.equal(explore(long, { surprises: 0, statesMax: 3 }, () => 0).failure, null)
    const circle = numbers({ 0: [5, 1], 5: [6], 6: [5], 1: [2], 2: [3] }, [9])
    assert.match(explore(circle, { surprises: 0, statesMax: 5 }, () => 0).failure?.broken ?? '', /no end is reachable/)
  })
})
