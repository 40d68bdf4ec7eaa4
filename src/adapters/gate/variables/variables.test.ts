import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Plan } from '../../../core/plan.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { contextOf, PLAN, planWith } from '../fixture.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { variables } from './variables.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { gateContract } from '../../../testing/gate-contract.ts'

async function check(
  plan: Plan,
  read: Result<string> = ok('hunter2'),
  options: { required?: string[]; component?: string } = {},
) {
  const gate = await variables.create(
    { kind: 'variables', required: [], ...options },
    adapterContext({ secrets: { read: async () => read } }),
  )
  return gate.check(contextOf(plan))
}

test('[R-B04] passes when every variable and secret is set and none is empty', async () => {
  const verdict = await check(PLAN)
  assert.deepEqual([verdict.outcome, verdict.text], ['pass', 'All 3 variables and secrets of dev are set.'])
})

test('[R-B04] fails on an empty variable and on an empty secret, and names both', async () => {
  const verdict = await check(planWith({ variables: { LOG_LEVEL: ' ' } }), ok(' \n'))
  assert.equal(verdict.outcome, 'fail')
  assert.equal(verdict.actual, 'LOG_LEVEL of api is empty; TOKEN of api is empty')
})

test('[R-B04] a secret that does not exist fails; one that cannot be read now is no evidence', async () => {
  const missing = await check(PLAN, failure('permanent', 'the control plane has no variable DEV_TOKEN'))
  assert.deepEqual(
    [missing.outcome, missing.actual],
    ['fail', 'TOKEN of api cannot be read: the control plane has no variable DEV_TOKEN'],
  )
  for (const kind of ['transient', 'unknown'] as const) {
    assert.equal((await check(PLAN, failure(kind, 'busy'))).outcome, 'no-evidence')
  }
})

test('[R-B04] required names must be a variable or a secret of some component, or of the one that is named', async () => {
  assert.equal((await check(PLAN, ok('x'), { required: ['TOKEN', 'LOG_LEVEL'] })).outcome, 'pass')
  const verdict = await check(PLAN, ok('x'), { required: ['DATABASE_URL'] })
  assert.equal(verdict.outcome, 'fail')
  assert.equal(verdict.actual, 'DATABASE_URL is required, and no component has it as a variable or a secret')
  assert.equal((await check(PLAN, ok('x'), { required: ['TOKEN'], component: 'worker' })).outcome, 'fail')
  assert.equal((await check(PLAN, ok('x'), { required: ['TOKEN'], component: 'api' })).outcome, 'pass')
})

test('no verdict repeats a value', async () => {
  const plan = planWith({ variables: { A: 'hunter2', B: '' } })
  for (const read of [ok('hunter2'), ok('')]) assert.doesNotMatch(JSON.stringify(await check(plan, read)), /hunter2/)
})

adapterKeys({ port: 'gate', kind: 'variables', written: {}, keys: { required: [['TOKEN']], component: ['api'] } })

adapterContract({
  adapter: variables,
  written: { required: ['DATABASE_URL'], component: 'api' },
  context: adapterContext(),
})

gateContract({
  name: 'variables',
  create: (context) => variables.create({ kind: 'variables', required: [] }, context),
  asked: contextOf(),
  pass: { context: { secrets: { read: async () => ok('hunter22') } } },
  fail: { context: { secrets: { read: async () => ok('') } } },
  unknown: { context: { secrets: { read: async () => failure('transient', 'the vault is away') } } },
  secret: 'hunter22',
})
