/** Goal: every scenario that is shipped ends as it says, with the spec of the Lokaltreu example, from its own seed. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mismatches } from '../../src/rehearsal/expect.ts'
import { shippedFile, shippedNames } from '../../src/rehearsal/scenario/shipped.ts'
import { play, scenarioOf } from './play.ts'

describe('a shipped scenario', () => {
  for (const name of shippedNames()) {
    it(name, async () => {
      const { text, file } = shippedFile(name)
      const scenario = scenarioOf(text, file)
      assert.ok(scenario.expect, `${file} expects nothing`)
      assert.match(text, /^# \S/, `${file} begins without saying what it is about`)
      assert.deepEqual(mismatches(await play(scenario)), [])
    })
  }
})
