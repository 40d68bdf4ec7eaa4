/** How a candidate may begin: `analysis` in its long form, over the layers, and into the plan. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planOf, problemsOf, smallSpec } from './fixture.ts'

const COMPARED = '{ metric: error-rate, compare: sequential }'

const ELSEWHERE = '{ components: { api: { router: { kind: embedded, listen: "127.0.0.1:8090" } } } }'

function specWith(analysis: string, own = '{}'): string {
  const text = smallSpec('', `dev: ${own}\n  prod: ${ELSEWHERE}`)
  return text.replace(/^analysis: .*$/m, `analysis: ${analysis}`)
}

function startOf(text: string, environment = 'dev') {
  const { rules, warmUpMs, patienceMs } = planOf(text, environment).analysis
  return { rules: rules.map(({ id }) => id), warmUpMs, patienceMs }
}

describe('the long form of analysis', () => {
  it('[R-E03] holds how long a candidate may warm up, and how long a difference is held', () => {
    const usual = { rules: ['error-rate compared'], warmUpMs: 60_000, patienceMs: 600_000 }
    assert.deepEqual(startOf(specWith(`[${COMPARED}]`)), usual)
    assert.deepEqual(startOf(specWith(`{ rules: [${COMPARED}] }`)), usual)
    const own = specWith(`{ warmUp: 5m, patience: 0s, rules: [${COMPARED}] }`)
    assert.deepEqual(startOf(own), { ...usual, warmUpMs: 300_000, patienceMs: 0 })
  })

  it('is laid over a list of rules, and a list over it, without taking the other away', () => {
    const later = specWith(`[${COMPARED}]`, '{ analysis: { warmUp: 5m } }')
    assert.deepEqual(startOf(later), { rules: ['error-rate compared'], warmUpMs: 300_000, patienceMs: 600_000 })
    assert.equal(startOf(later, 'prod').warmUpMs, 60_000)
    const rules = '[{ metric: latency-p95, compare: sequential }]'
    const other = specWith(`{ warmUp: 5m, rules: [${COMPARED}] }`, `{ analysis: ${rules} }`)
    assert.deepEqual([startOf(other).rules, startOf(other).warmUpMs], [['latency-p95 compared'], 300_000])
  })

  it('says nothing in a plan that compares nothing, and is refused where no environment does', () => {
    const limit = '[{ metric: error-rate, max: 1% }]'
    const some = specWith(`{ warmUp: 5m, rules: [${COMPARED}] }`, `{ analysis: ${limit} }`)
    assert.deepEqual(startOf(some), { rules: ['error-rate'], warmUpMs: undefined, patienceMs: undefined })
    const none = problemsOf(specWith(`{ warmUp: 5m, rules: ${limit} }`))
    assert.equal(none.length, 1)
    assert.match(none[0]!, /analysis\.warmUp: no rule has `compare: sequential`, so `warmUp` would have no effect/)
  })

  it('names what is wrong in it by its own place', () => {
    assert.match(
      problemsOf(specWith('{ warmup: 5m, rules: [] }')).join('\n'),
      /unknown key "warmup"; did you mean `warmUp`/,
    )
    assert.match(
      problemsOf(specWith('5')).join('\n'),
      /analysis: expected a list of rules, or a map with `rules`, found 5/,
    )
    const entry = problemsOf(specWith('{ rules: [{ metric: memory }] }')).join('\n')
    assert.match(entry, /analysis\.rules\[0\]: this entry limits nothing/)
  })
})
