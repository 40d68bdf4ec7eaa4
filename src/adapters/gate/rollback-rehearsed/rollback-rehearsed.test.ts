/** Goal: nothing but a fresh, readable record of exactly this way back lets a release through (law L3). */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { type KeptRehearsal, type RehearsalRecord, rollbackPathText } from '../../../core/rollback-path.ts'
import { instant } from '../../../core/time.ts'
import type { Records } from '../../../ports/adapter.ts'
import { contextOf, PLAN, planWith } from '../fixture.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { rollbackRehearsed } from './rollback-rehearsed.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { gateContract, type Given } from '../../../testing/gate-contract.ts'

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

function checkAll(all: readonly object[] | Error, plan = PLAN) {
  const rehearsals = (...asked: readonly string[]) => {
    assert.deepEqual(asked, [PLAN.service, PLAN.environment])
    return all instanceof Error ? Promise.reject(all) : Promise.resolve(all.map(kept))
  }
  return checkBy(rehearsals, plan)
}

async function checkBy(rehearsals: Records['rehearsals'], plan = PLAN) {
  const gate = await rollbackRehearsed.create(OPTIONS, adapterContext({ records: { rehearsals } }))
  return gate.check({ ...contextOf(plan), now: NOW })
}

function kept(record: object): KeptRehearsal {
  return { record: record as RehearsalRecord, by: 'ci:github', keptAt: NOW }
}

const check = (change: Partial<Record<keyof typeof RECORD, unknown>>, plan = PLAN) =>
  checkAll([{ ...RECORD, ...change }], plan)

describe('the gate rollback-rehearsed', () => {
  it('passes with a record of this plan from the last 30 days', async () => {
    const verdict = await check({})
    assert.equal(verdict.outcome, 'pass', verdict.text)
    assert.match(verdict.text, /rehearsed 29d ago \("a bad release", ci:github\)/)
  })

  it('goes by the record of this plan, also when another one was rehearsed since', async () => {
    const other = { ...RECORD, path: 'f'.repeat(64), at: NOW - DAY_MS }
    assert.equal((await checkAll([RECORD, other])).outcome, 'pass')
    assert.match((await checkAll([other])).text, /rehearsed 1d ago .* but the plan has changed since/)
  })

  it('takes what was handed over for as old as that when the clock of who rehearsed it is ahead', async () => {
    assert.match((await check({ at: NOW + DAY_MS })).text, /rehearsed 0ms ago/)
  })

  it('is red without a record, and says which command hands one over', async () => {
    const verdict = await checkAll([])
    assert.equal(verdict.outcome, 'fail')
    assert.match(verdict.text, /no rehearsal of it was handed over\. Run "stellwerk rehearse -e dev --record"/)
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

  for (const [what, change] of [
    ['is of another format', { format: 2 }],
    ['lacks its moment', { at: undefined }],
    ['has no number for a moment', { at: null }],
    ['ended otherwise', { result: 'needs-human' }],
    ['is of another service', { service: 'other' }],
    ['is of another environment', { environment: 'other' }],
  ] as const) {
    it(`has no evidence when the record ${what}`, async () => {
      assert.equal((await check(change)).outcome, 'no-evidence')
    })
  }

  it('has no evidence while the records cannot be read, or when they come from the future', async () => {
    assert.equal((await checkAll(new Error('the database is away'))).outcome, 'no-evidence')
    const late = { record: RECORD as RehearsalRecord, by: 'ci:github', keptAt: instant(NOW + 1) }
    const ahead = { ...late, record: { ...late.record, at: instant(NOW + 1) } }
    assert.equal((await checkBy(async () => [ahead])).outcome, 'no-evidence')
  })

  it('has to be told what counts', () => {
    assert.equal(rollbackRehearsed.options.safeParse({ kind: 'rollback-rehearsed' }).success, false)
    assert.equal(rollbackRehearsed.options.safeParse({ kind: 'rollback-rehearsed', accept: [] }).success, false)
  })
})

adapterKeys({
  port: 'gate',
  kind: 'rollback-rehearsed',
  written: { accept: ['rehearsal'] },
  // `accept` has a single value as yet; what it does is that the gate is there.
  keys: { accept: [undefined], maxAge: ['10d'] },
})

adapterContract({
  adapter: rollbackRehearsed,
  written: { accept: ['rehearsal'], maxAge: '7d' },
  context: adapterContext(),
})

const handedOver = (records: readonly object[]): Given => ({
  context: { records: { rehearsals: async () => records.map(kept) } },
})

gateContract({
  name: 'rollback-rehearsed',
  create: (context) => rollbackRehearsed.create(OPTIONS, context),
  asked: { ...contextOf(), now: NOW },
  pass: handedOver([RECORD]),
  fail: handedOver([]),
  unknown: { context: { records: { rehearsals: () => Promise.reject(new Error('the database is away')) } } },
})
