/** Policies on the real store: what stands beside their log can be made again from it, and two who set one do not both win. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { type Policy, policyStream } from '../../src/core/policy/policy.ts'
import type { SetPolicyRequest } from '../../src/engine/control-plane.ts'
import { heldPolicies, heldPolicy, type PolicyOptions, setPolicy } from '../../src/engine/policies.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { ENGINE_PROJECTORS } from '../../src/engine/projection.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'

const EMPTY: Policy = {
  format: 1,
  people: {},
  accounts: {},
  approvals: [],
  gates: [],
  analysis: { rules: [], minRequests: 20, holdMs: null, bakeMs: 1000 },
  weaken: {},
  calendar: null,
}
const ROOT = { id: 'person:root', roles: [] }

/** The text of the spec is how many requests it demands: enough for policies that differ. */
const options: PolicyOptions = {
  strengths: {},
  propose: async ({ text }) => {
    const policy = { ...EMPTY, analysis: { ...EMPTY.analysis, minRequests: Number(text) } }
    return { ok: true, value: { service: 'shop', policy } }
  },
}

function request(environment: string, minRequests: number, expected: string | null): SetPolicyRequest {
  return { source: { text: String(minRequests), file: '', folder: '/' }, environment, expected, note: 'as agreed' }
}

describe('policies on PostgreSQL', () => {
  let database: TestDatabase
  let store: PostgresStore

  beforeEach(async () => {
    database = await testDatabase()
    store = await openPostgresStore({ connectionString: database.connectionString })
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  const set = async (environment: string, minRequests: number) => {
    const held = await heldPolicy((stream) => store.read(stream), 'shop', environment)
    return setPolicy(options, store, { request: request(environment, minRequests, held?.hash ?? null), by: ROOT })
  }

  it('are listed from a table that can be made again from the log', async () => {
    await set('stage', 10)
    await set('prod', 100)
    await set('prod', 200)
    const before = await heldPolicies(store)
    assert.deepEqual(
      before.map(({ environment, version }) => [environment, version]),
      [
        ['prod', 2],
        ['stage', 1],
      ],
    )
    const table = async () => (await store.sql('select * from stellwerk.streams order by stream')).rows
    const live = await table()
    await store.sql('truncate stellwerk.streams')
    assert.deepEqual(await heldPolicies(store), [])
    assert.equal((await heldPolicy((stream) => store.read(stream), 'shop', 'prod'))?.version, 2, 'the log is enough')
    await store.rebuild({ projectors: ENGINE_PROJECTORS, missing: async () => [] })
    assert.deepEqual(await table(), live)
    assert.deepEqual(await heldPolicies(store), before)
  })

  it('are set by one of several who were shown the same one; the others are told', async () => {
    const first = await set('prod', 1)
    assert.ok(first.ok)
    const answers = await Promise.all(
      [2, 3, 4, 5].map((requests) =>
        setPolicy(options, store, { request: request('prod', requests, first.value.hash), by: ROOT }),
      ),
    )
    assert.equal(answers.filter(({ ok }) => ok).length, 1)
    for (const answer of answers)
      if (!answer.ok) assert.match(answer.message, /is not the one that was shown: version 2/)
    assert.equal((await store.read(policyStream('shop', 'prod'))).length, 2)
  })
})
