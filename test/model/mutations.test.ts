/**
 * Is the checker any good? Each mistake of `mutants.ts` is planted into a copy of the decider, and the checker must find it
 * with at most one surprise, or two where it says so; every third one here, the others in `test/long/mutations.test.ts`. A mistake that survives shows a hole in the invariants or in what the scenes let happen.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { realCore } from '../../src/rehearsal/model/core.ts'
import { inEveryRun, mutants } from './mutants.ts'
import { caughtBy, isFound, mutated, SEARCH } from './mutate.ts'

describe('a planted mistake is found by the model checker', () => {
  for (const mutant of mutants.filter(inEveryRun)) {
    it(mutant.name, (test) => isFound(test, mutant))
  }

  it('and there are as many as it takes to trust it', () => {
    assert.ok(mutants.length >= 25)
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length)
  })
})

describe('the decider without a planted mistake', () => {
  it('is not blamed by the same search', () => {
    assert.equal(caughtBy(realCore, { ...SEARCH, surprisesMax: 0, first: '' }), null)
  })

  it('is refused as a mutant when the piece to replace is gone', async () => {
    const edits = [{ file: 'rollout/drive.ts', find: 'no such piece', replace: '' }]
    await assert.rejects(
      mutated({ name: 'gone', edits, scene: '' }),
      /drive\.ts holds 0 times instead of once: no such/,
    )
  })
})
