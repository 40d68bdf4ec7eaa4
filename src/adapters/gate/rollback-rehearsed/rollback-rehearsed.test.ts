/** Goal: nothing but a fresh, readable record of exactly this way back lets a release through (law L3). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { rollbackPathText } from '../../core/rollback-path.ts'
import { instant } from '../../core/time.ts'
import { contextOf, PLAN, planWith } from './fixture.ts'
import { rollbackRehearsed } from './rollback-rehearsed.ts'

const DAY_MS = 86_400_000
const NOW = instant(100 * DAY_MS)
const OPTIONS = rollbackRehearsed.options.parse({ kind: 'rollback-rehearsed', accept: ['rehearsal'] })
const RECORD = {
  format: 1,
  service: PLAN.service,
  environment: PLAN.environment,
  path: createHash('sha256').update(rollbackPathText(PLAN)).digest('hex'),
  at: NOW - 29 * DAY_MS,
  scenario: 'a bad release',
  seed: 1,
  result: 'rolled-back',
  trafficBackMs: 0,
}

function checkText(text: string | { readonly code: string }, plan = PLAN) {
  const readRecord = (file: string) => {
    assert.equal(file, `rehearsals/${PLAN.service}/${PLAN.environment}.json`)
    return typeof text === 'string' ? Promise.resolve(text) : Promise.reject(Object.assign(new Error('no'), text))
  }
  return rollbackRehearsed.create(OPTIONS, { readRecord }).check({ ...contextOf(plan), now: NOW })
}

const check = (change: Partial<Record<keyof typeof RECORD, unknown>>, plan = PLAN) =>
  checkText(JSON.stringify({ ...RECORD, ...change }), plan)

describe('the gate rollback-rehearsed', () => {
  it('passes with a record of this plan from the last 30 days', async () => {
    const verdict = await check({})
    assert.equal(verdict.outcome, 'pass', verdict.text)
    assert.match(verdict.text, /rehearsed 29d ago/)
  })

  it('is red without a record, and says which command makes one', async () => {
    const verdict = await checkText({ code: 'ENOENT' })
    assert.equal(verdict.outcome, 'fail')
    assert.match(verdict.text, /stellwerk rehearse -e dev/)
  })

  it('is red once the record is older than maxAge', async () => {
    assert.equal((await check({ at: NOW - 30 * DAY_MS })).outcome, 'pass')
    assert.equal((await check({ at: NOW - 30 * DAY_MS - 1 })).outcome, 'fail')
  })

  it('is red once anything of the way back has changed, and not for another artifact, flag or address to tell', async () => {
    assert.equal((await check({}, planWith({ instances: 7 }))).outcome, 'fail')
    assert.equal((await check({}, { ...PLAN, timings: { ...PLAN.timings, watchMs: 1 } })).outcome, 'fail')
    assert.equal((await check({}, { ...PLAN, smoke: [] })).outcome, 'fail')
    const artifact = { ...PLAN.artifact, version: 'v99' }
    assert.equal((await check({}, { ...PLAN, artifact, flags: { dark: 'on' }, notify: [] })).outcome, 'pass')
  })

  for (const [what, text] of [
    ['is cut off', JSON.stringify(RECORD).slice(0, 40)],
    ['is empty', ''],
    ['is of another format', JSON.stringify({ ...RECORD, format: 2 })],
    ['lacks its moment', JSON.stringify({ ...RECORD, at: undefined })],
    ['has no number for a moment', JSON.stringify({ ...RECORD, at: null })],
    ['ended otherwise', JSON.stringify({ ...RECORD, result: 'needs-human' })],
    ['comes from the future', JSON.stringify({ ...RECORD, at: NOW + 1 })],
    ['is of another service', JSON.stringify({ ...RECORD, service: 'other' })],
    ['is of another environment', JSON.stringify({ ...RECORD, environment: 'other' })],
  ] as const) {
    it(`has no evidence when the record ${what}`, async () => {
      assert.equal((await checkText(text)).outcome, 'no-evidence')
    })
  }

  it('has no evidence when the record cannot be read', async () => {
    assert.equal((await checkText({ code: 'EACCES' })).outcome, 'no-evidence')
  })

  it('has to be told what counts', () => {
    assert.equal(rollbackRehearsed.options.safeParse({ kind: 'rollback-rehearsed' }).success, false)
    assert.equal(rollbackRehearsed.options.safeParse({ kind: 'rollback-rehearsed', accept: [] }).success, false)
  })
})
