import { alarm } from '../../core/alarm.ts'
import { quote, say } from '../../core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../core/time.ts'
import { de } from '../../text/de.ts'
import { en } from '../../text/en.ts'
import { alarmLines } from './rollout-block.ts'

const NOW = 1_800_000_000_000

function lineOf(why: string, until: number | null, text = en): string {
  const about = { since: instant(NOW - 60_000), until: until === null ? null : instant(until) }
  const said = { what: say`metrics of ${'api'}`, why: quote(why) }
  return alarmLines([alarm({ kind: 'no-data', ...about }, said)], NOW, text)[0]!
}

test('a reason that is a sentence is followed by what happens then, without doubled punctuation', () => {
  for (const text of [en, de])
    for (const why of ['it answered "no series"', 'it answered "no series".', 'Look at the "targets".'])
      assert.doesNotMatch(lineOf(why, NOW + 60_000, text), /[.;,:!?][;,:]/, why)
  assert.match(lineOf('it answered "no series".', NOW + 60_000), /"no series"; rolled back at /)
})

test('a reason that nothing follows stays as it is', () => {
  assert.match(lineOf('Look at the targets.', null), /Look at the targets\.$/)
})
