/** Alarms look as `docs/concepts/no-data.md` and the production guide show them. */
import type { Alarm } from '../../src/core/alarm.ts'
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
  {
    kind: 'no-data',
    what: 'slot green of api',
    since: at(0, 5),
    until: at(0, 25),
    why: 'connect ECONNREFUSED 10.0.0.7:2375',
  },
  {
    kind: 'no-data',
    what: 'metrics of api',
    since: at(0, 5),
    until: at(5, 5),
    why: 'connect ECONNREFUSED 10.0.0.8:9090',
  },
  { kind: 'unwell', what: 'api', since: at(0, 5), until: null, why: '0 of 1 instances are ready' },
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
