/** A window that is shorter than a tick is refused where it is written: it would be a tick long all the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf, smallSpec } from './fixture.ts'

const spec = (entry: string, rollout = '') =>
  smallSpec(rollout).replace('analysis: [{ metric: error-rate, max: 1% }]', `analysis:\n  - ${entry}`)

test('[R-E02] a trigger shorter than a tick is refused with its place, and what to write', () => {
  const text = spec('{ metric: latency-p95, trigger: { above: 600ms, for: 4s } }')
  assert.deepEqual(problemsOf(text), [
    'stellwerk.yaml:4:58: analysis[0].trigger.for: a window of 4s is shorter than `rollout.tick` (5s): numbers are read once a tick, so it would be 5s long all the same; write 5s or longer, or `rollout: { tick: 4s }`',
  ])
})

test('[R-E02] so is that of a comparison, of silence, and of a number of its own; as long as a tick is long enough', () => {
  const entries = [
    '{ metric: error-rate, relativeTo: live, margin: 50%, for: 4s }',
    '{ metric: info-logs, silence: 4s }',
    '{ metric: disk, query: "min(disk)", trigger: { below: 10, for: 4s } }',
    '{ metric: disk, query: "min(disk)", relativeTo: before, margin: 10%, for: 4s }',
  ]
  const windows = (rollout: string) =>
    entries.map((entry) => problemsOf(spec(entry, rollout)).filter((problem) => problem.includes('a window of')).length)
  assert.deepEqual(windows(''), [1, 1, 1, 1])
  assert.deepEqual(windows('rollout: { tick: 4s }'), [0, 0, 0, 0])
})
