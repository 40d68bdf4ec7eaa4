import { english } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planFor } from '../../testing/plans.ts'
import type { Rule } from '../analysis/rules.ts'
import { planNotes } from './plan-forecast.ts'

const LIMIT: Rule = { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: null }
const RELATIVE: Rule = { kind: 'relative', id: 'more', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 5000 }

function about(word: string, rules: readonly Rule[]): readonly string[] {
  const notes = planNotes(planFor({ analysis: { rules, minRequests: 20 } }))
  return notes.map(english).filter((note) => note.includes(word))
}

describe('what a plan allows and is worth a look', () => {
  it('is a window that is longer than all the time there is', () => {
    const hours: Rule = { ...RELATIVE, id: 'hours', forMs: 36_000_000 }
    assert.match(about('never roll back', [LIMIT, hours])[0] ?? '', /^"hours" looks at 10h/)
    assert.deepEqual(about('never roll back', [LIMIT, RELATIVE]), [])
  })

  it('is a tick that is longer than the shortest step', () => {
    const every = (tickMs: number) => planNotes(planFor({ timings: { ...planFor().timings, tickMs } })).map(english)
    assert.match(every(15_000).join(), /rollout\.tick \(15s\) is longer than the shortest hold or bake \(10s\)/)
    assert.doesNotMatch(every(10_000).join(), /rollout\.tick/)
  })
})
