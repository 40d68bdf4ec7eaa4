/** Alarms look as `docs/concepts/no-data.md` and the production guide show them. */
import { type Alarm, alarm } from '../../src/core/alarm.ts'
import { quote, say, verbatim } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { en } from '../../src/text/en.ts'
import { alarmLines } from '../../src/cli/screen/rollout-block.ts'
import { instant } from '../../src/core/time.ts'
import { notDriven } from '../../src/engine/not-driven.ts'
import { ReadinessBody } from '../../src/http/view-schemas.ts'
import { ROOT } from '../../tools/tool.ts'
import { blocksIn } from '../../tools/docs/markdown.ts'

const page = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8')
const at = (minute: number, second: number) => instant(Date.UTC(2026, 10, 30, 12, minute, second))
const NOW = at(0, 17)

const ALARMS: readonly (Alarm | null)[] = [
  alarm(
    { kind: 'no-data', since: at(0, 5), until: at(0, 25) },
    { what: say`slot ${'green'} of ${'api'}`, why: quote('connect ECONNREFUSED 10.0.0.7:2375') },
  ),
  alarm(
    { kind: 'no-data', since: at(0, 5), until: at(5, 5) },
    { what: say`metrics of ${'api'}`, why: quote('connect ECONNREFUSED 10.0.0.8:9090') },
  ),
  alarm({ kind: 'unwell', since: at(0, 5) }, { what: verbatim('api'), why: quote('0 of 1 instances are ready') }),
  notDriven({ stream: 'shop-prod-7', nextDue: at(0, 1) }, null, NOW),
]

test('the alarms of "when Stellwerk cannot see" are what status prints', () => {
  const [block] = blocksIn(page('concepts/no-data.md')).filter(({ language }) => language === 'text')
  const alarms = ALARMS.filter((alarm) => alarm !== null)
  assert.equal(alarms.length, ALARMS.length)
  assert.deepEqual(block?.text.trimEnd().split('\n'), alarmLines(alarms, NOW, en))
})

test('the body of /readiness in the production guide is one', () => {
  const [block] = blocksIn(page('guides/production.md')).filter(({ language }) => language === 'json')
  const shown: unknown = JSON.parse(block?.text ?? '')
  assert.deepEqual(ReadinessBody.parse(shown), shown)
})
