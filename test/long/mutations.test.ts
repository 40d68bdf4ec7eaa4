/** The planted mistakes that `test/model/mutations.test.ts` leaves out: two of three, and those that take the longest to find. */
import { describe, it } from 'node:test'
import { isFound } from '../model/mutate.ts'
import { inEveryRun, mutants } from '../model/mutants.ts'

describe('a planted mistake is found by the model checker', () => {
  for (const mutant of mutants.filter((mutant, index) => !inEveryRun(mutant, index))) {
    it(mutant.name, (test) => isFound(test, mutant))
  }
})
