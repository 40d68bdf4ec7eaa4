import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFor } from '../../testing/plans.ts'
import { freshAnalysis, partsBeside } from './initial.ts'

test('sticky sessions of the router are known to the comparison: a share below the weight is normal then', () => {
  const rule = { kind: 'sequential', id: 'errors', metric: 'error-rate', tolerance: 0.2, limit: 0.02 } as const
  const sticky = (options: object) => {
    const plan = planFor({ analysis: { rules: [rule], minRequests: 20 } })
    const components = plan.components.map((each) => ({ ...each, router: { kind: 'fake', ...options } }))
    return freshAnalysis({ ...plan, components }, null, partsBeside({ ...plan, components }, null)).sequential
      ?.stickySessions
  }
  assert.equal(sticky({ sticky: { kind: 'cookie', name: 'session' } }), true)
  assert.equal(sticky({ sticky: { kind: 'none' } }), false)
  assert.equal(sticky({}), false)
})
