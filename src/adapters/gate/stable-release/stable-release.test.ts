import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIGEST } from '../../../stellwerk-yaml/fixture.ts'
import { contextOf, PLAN } from '../fixture.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { stableRelease } from './stable-release.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { gateContract } from '../../../testing/gate-contract.ts'

const gate = await stableRelease.create({ kind: 'stable-release' }, adapterContext())

test('[R-A06] passes when N-1 is known with its digest', async () => {
  const verdict = await gate.check(contextOf(PLAN, { version: 'v1.3.0', digest: DIGEST }))
  assert.deepEqual([verdict.outcome, verdict.text], ['pass', 'A rollback of lokaltreu in dev returns to v1.3.0.'])
})

test('[R-A06] the very first release is excepted, and the verdict says so', async () => {
  const verdict = await gate.check(contextOf(PLAN, null))
  assert.deepEqual([verdict.outcome, verdict.actual], ['pass', 'first release'])
})

test('[R-A06] fails when what is recorded before is not pinned', async () => {
  for (const stable of [
    { version: 'v1.3.0', digest: '' },
    { version: '', digest: DIGEST },
    { version: 'v1', digest: 'latest' },
  ]) {
    assert.equal((await gate.check(contextOf(PLAN, stable))).outcome, 'fail', JSON.stringify(stable))
  }
})

adapterKeys({ port: 'gate', kind: 'stable-release', written: {}, keys: {} })

adapterContract({
  adapter: stableRelease,
  written: {},
  context: adapterContext(),
})

gateContract({
  name: 'stable-release',
  create: (context) => stableRelease.create({ kind: 'stable-release' }, context),
  asked: contextOf(),
  pass: { asked: { stable: { version: 'v1.3.0', digest: DIGEST } } },
  fail: { asked: { stable: { version: 'v1.3.0', digest: '' } } },
  unknown: 'what it judges comes with the question',
})
