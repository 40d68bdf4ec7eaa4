/** What a rule demands, in both languages; limits are as exact as they were written. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OwnDemand, OwnRule, OwnUnit } from '../../core/analysis/own/rule.ts'
import type { Rule } from '../../core/analysis/rules.ts'
import { english } from '../../core/say.ts'
import { german } from '../german.ts'
import { ruleSentence } from './rule.ts'

function own(unit: OwnUnit, demand: OwnDemand): OwnRule {
  return { kind: 'own', id: 'x', metric: 'x', query: 'x', perSlot: true, unit, component: null, maxAgeMs: null, demand }
}

const MINUTE_MS = 60_000
const error = { id: 'x', metric: 'error-rate' } as const

const CASES: readonly (readonly [Rule, string, string])[] = [
  [
    { kind: 'limit', ...error, max: 0.01125, trigger: { above: 0.02375, forMs: 3_661_000 } },
    'at most 1.125 %; rolled back above 2.375 % for 1h1m1s',
    'höchstens 1,125 %; zurückgerollt, wenn 1h1m1s lang über 2,375 %',
  ],
  [
    { kind: 'limit', id: 'x', metric: 'memory', max: null, trigger: { above: 512e6, forMs: MINUTE_MS } },
    'rolled back above 512MB for 1m',
    'zurückgerollt, wenn 1m lang über 512MB',
  ],
  [{ kind: 'limit', id: 'x', metric: 'latency-p95', max: 300, trigger: null }, 'at most 300ms', 'höchstens 300ms'],
  [
    { kind: 'relative', ...error, to: 'before', margin: 0.5, forMs: 5 * MINUTE_MS },
    'rolled back when more than 50 % above live before the first shift for 5m',
    'zurückgerollt, wenn 5m lang mehr als 50 % über live vor der ersten Verlagerung',
  ],
  [
    { kind: 'sequential', ...error, tolerance: 0.2, limit: 0.02 },
    'rolled back when worse than live by more than 20 %, or than 2 %, beyond chance',
    'zurückgerollt, wenn um mehr als 20 % schlechter als live, oder als 2 %, und das kein Zufall ist',
  ],
  [
    { kind: 'silence', id: 'x', metric: 'info-logs', silenceMs: 10 * MINUTE_MS },
    'rolled back when nothing is logged for 10m',
    'zurückgerollt, wenn 10m lang nichts geloggt wird',
  ],
  [
    own('number', { kind: 'relative', to: 'before', margin: 0.2, slack: 0, worse: 'higher', forMs: 5 * MINUTE_MS }),
    'at most 20 % above what it was before the first shift; rolled back beyond for 5m',
    'höchstens 20 % über dem Wert vor der ersten Verlagerung; zurückgerollt, wenn 5m lang darüber hinaus',
  ],
  [
    own('number', { kind: 'relative', to: 'live', margin: 0.1, slack: 0.5, worse: 'either', forMs: MINUTE_MS }),
    'at most 10 % and 0.5 above or below live; rolled back beyond for 1m',
    'höchstens 10 % und 0.5 über oder unter live; zurückgerollt, wenn 1m lang darüber hinaus',
  ],
  [
    own('number', { kind: 'silence', silenceMs: 10 * MINUTE_MS }),
    'rolled back when never above 0 for 10m',
    'zurückgerollt, wenn 10m lang nie über 0',
  ],
  [
    own('seconds', {
      kind: 'limit',
      max: 0.4,
      min: null,
      trigger: { when: 'above', limit: 0.5, forMs: 5 * MINUTE_MS },
    }),
    'at most 400ms; rolled back above 500ms for 5m',
    'höchstens 400ms; zurückgerollt, wenn 5m lang über 500ms',
  ],
  [
    own('percent', { kind: 'limit', max: null, min: 15, trigger: { when: 'below', limit: 10, forMs: MINUTE_MS } }),
    'at least 15 %; rolled back below 10 % for 1m',
    'mindestens 15 %; zurückgerollt, wenn 1m lang unter 10 %',
  ],
  [own('milliseconds', { kind: 'limit', max: 3000, min: null, trigger: null }), 'at most 3s', 'höchstens 3s'],
]

for (const [rule, inEnglish, inGerman] of CASES) {
  test(inEnglish, () => {
    assert.deepEqual([english(ruleSentence(rule)), german(ruleSentence(rule))], [inEnglish, inGerman])
  })
}
