import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Artifacts } from '../../../ports/adapter.ts'
import { failure, ok } from '../../../ports/result.ts'
import { DIGEST } from '../../../stellwerk-yaml/fixture.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { artifactPinned } from './artifact-pinned.ts'
import { contextOf, PLAN } from '../fixture.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { gateContract, type Given } from '../../../testing/gate-contract.ts'

const OTHER = `sha256:${'c'.repeat(64)}`

async function check(digestOf: Artifacts['digestOf'], plan = PLAN) {
  const gate = await artifactPinned.create({ kind: 'artifact-pinned' }, adapterContext({ artifacts: { digestOf } }))
  return gate.check(contextOf(plan))
}

test('[R-A04] passes while every reference still has its pinned digest', async () => {
  const seen: string[] = []
  const verdict = await check(async ({ ref }) => ok(seen.push(ref) ? DIGEST : ''))
  assert.equal(verdict.outcome, 'pass')
  assert.deepEqual(seen, ['/builds/api', '/builds/worker'])
  assert.deepEqual([verdict.rule, verdict.observedAt], ['the-gate', 1000])
  assert.equal(verdict.text, 'Artifact v1.4.0 is pinned and unchanged.')
})

test('[R-A04] fails when a file was changed after pinning, and names the component', async () => {
  const verdict = await check(async ({ ref }) => ok(ref === '/builds/api' ? OTHER : DIGEST))
  assert.equal(verdict.outcome, 'fail')
  assert.equal(verdict.actual, `api: /builds/api has ${OTHER}, pinned was ${DIGEST}`)
})

test('[R-A04] fails on a mutable reference without looking at files', async () => {
  const plan = { ...PLAN, artifact: { ...PLAN.artifact, commit: 'main' } }
  const verdict = await check(() => Promise.reject(new Error('not asked')), plan)
  assert.equal(verdict.outcome, 'fail')
  assert.match(verdict.text, /commit is a mutable reference/)
})

test('what cannot be read is no evidence, and a change elsewhere still fails', async () => {
  const gone = failure('permanent', 'no such folder')
  const withApi = (api: string) => check(async ({ ref }) => (ref === '/builds/worker' ? gone : ok(api)))
  const unknown = await withApi(DIGEST)
  assert.equal(unknown.outcome, 'no-evidence')
  assert.match(unknown.actual, /worker: \/builds\/worker could not be read \(no such folder\)/)
  const changed = await withApi(OTHER)
  assert.equal(changed.outcome, 'fail')
})

adapterKeys({ port: 'gate', kind: 'artifact-pinned', written: {}, keys: {} })

adapterContract({
  adapter: artifactPinned,
  written: {},
  context: adapterContext(),
})

const digest = (found: string): Given => ({ context: { artifacts: { digestOf: async () => ok(found) } } })

gateContract({
  name: 'artifact-pinned',
  create: (context) => artifactPinned.create({ kind: 'artifact-pinned' }, context),
  asked: contextOf(),
  pass: digest(DIGEST),
  fail: digest(OTHER),
  unknown: { context: { artifacts: { digestOf: async () => failure('transient', 'the disk is busy') } } },
})
