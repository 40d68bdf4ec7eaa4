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

  it('judges the routes with the most requests by themselves, unless it says which, or that none are', () => {
    const segmentsIn = (text: string) => planOf(text, 'dev').analysis.segments
    const inLong = (segments: string) => specWith(`{ segments: ${segments}, rules: [${COMPARED}] }`)
    assert.deepEqual(segmentsIn(specWith(`[${COMPARED}]`)), { declared: [], learn: 20 })
    assert.deepEqual(segmentsIn(inLong('{ routes: ["GET /orders/:id"] }')), {
      declared: ['GET /orders/:id'],
      learn: 19,
    })
    assert.deepEqual(segmentsIn(inLong('{ learn: 0 }')), { declared: [], learn: 0 })
    assert.equal(segmentsIn(specWith('[{ metric: error-rate, max: 1% }]')), undefined)
  })

  it('refuses routes that are none, too many, and a source that tells none', () => {
    const problem = (segments: string, more = '') =>
      problemsOf(specWith(`{ segments: ${segments}, rules: [${COMPARED}] }${more}`)).join('\n')
    assert.match(problem('{ routes: [/orders] }'), /segments\.routes\[0\]: "\/orders" is no route: expected a method/)
    assert.match(problem('{ routes: [GET /käse] }'), /"GET \/käse" is no route.*k%C3%A4se/s)
    assert.match(problem('{ routes: [GET /a, GET /a] }'), /segments\.routes\[1\]: "GET \/a" stands there twice/)
    assert.match(problem('{ routes: [GET /a], learn: 20 }'), /at most 20 in all/)
    const source = '\nmetrics: { kind: prometheus, url: "http://p:9090" }'
    assert.match(problem('{ learn: 5 }', source), /analysis\.segments: .*kind: prometheus.* tells no segments/)
    assert.equal(problem('{ learn: 0 }', source), '')
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
