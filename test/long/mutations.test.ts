/** The planted mistakes that take the model checker the longest to find; the others in `test/model/mutations.test.ts`. */
import { describe, it } from 'node:test'
import { isFound } from '../model/mutate.ts'
import { mutants } from '../model/mutants.ts'

describe('a planted mistake is found by the model checker', () => {
  for (const mutant of mutants.filter(({ isLong }) => isLong)) {
    it(mutant.name, (test) => isFound(test, mutant))
  }
})
