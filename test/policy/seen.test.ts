/** What somebody was shown is what counts: approvals and starts name it, and anything else is refused. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Seen } from '../../src/core/rollout/inputs.ts'
import { ASKED, DEPLOY, EVE, guarded, KIM, spec, started, UNASKED, version } from './house.ts'

describe('what somebody was shown is what he approves, and what runs', () => {
  const OTHERS: readonly (readonly [what: string, seen: Partial<Seen>, message: RegExp])[] = [
    ['another rollout', { rollout: 'shop-prod-9' }, /the rollout \(shown shop-prod-9, waiting shop-prod-2\)/],
    [
      'another artifact of that version',
      { identity: 'identity of another v3' },
      /the artifact \(shown identity of another v3, waiting identity of v3\)/,
    ],
    ['another plan', { planHash: 'sha256:shown' }, /the plan \(shown sha256:shown, waiting sha256:/],
    ['another plan and artifact', { planHash: 'sha256:shown', identity: 'x' }, /the artifact .* the plan /],
    ['nothing', { planHash: '', identity: '', rollout: '' }, /the rollout .*the artifact .*the plan /],
  ]

  for (const [what, seen, message] of OTHERS) {
    it(`refuses an approval of ${what}, with what differs`, async () => {
      const { ask, approve, view } = await guarded()
      const asked = await ask(version(ASKED, 'v3'))
      assert.ok(asked.ok)
      const refused = await approve(asked.value.id, KIM, seen)
      assert.equal(refused.ok ? '' : refused.kind, 'not-allowed')
      assert.match(refused.ok ? '' : refused.message, message)
      assert.equal((await view(asked.value.id)).approvals[0]?.by, null)
      assert.ok((await approve(asked.value.id, KIM)).ok)
    })
  }

  it('does not let an approval of one rollout count for the other one of the same version', async () => {
    const { ask, controlPlane, seenOf, reached } = await guarded()
    const first = await ask(version(ASKED, 'v3'))
    assert.ok(first.ok)
    await reached(first.value.id, ['approvals'])
    const seen = await seenOf(first.value.id)
    assert.ok((await controlPlane.intend(first.value.id, { type: 'abort', reason: 'rebuilt' }, KIM)).ok)
    const second = await ask(version(ASKED, 'v3'))
    assert.ok(second.ok)
    await reached(second.value.id, ['approvals'])
    const late = await controlPlane.intend(second.value.id, { type: 'approve', approval: null, seen }, KIM)
    assert.match(late.ok ? '' : late.message, /the rollout \(shown shop-prod-2, waiting shop-prod-3\)/)
    const gone = await controlPlane.intend(first.value.id, { type: 'approve', approval: null, seen }, KIM)
    assert.match(gone.ok ? '' : gone.message, /does not wait for approvals now/)
  })

  it('refuses an approval of a release that a newer one has superseded, and does not let it count for that', async () => {
    const { ask, controlPlane, seenOf, reached } = await guarded()
    const first = await ask(version(ASKED, 'v3'))
    assert.ok(first.ok)
    await reached(first.value.id, ['approvals'])
    const seen = await seenOf(first.value.id)
    const newer = await ask(version({ ...ASKED, concurrency: 'supersede' }, 'v4'))
    assert.ok(newer.ok)
    await reached(first.value.id, ['aborted'])
    await reached(newer.value.id, ['approvals'])
    const late = await controlPlane.intend(first.value.id, { type: 'approve', approval: null, seen }, KIM)
    assert.match(late.ok ? '' : late.message, /does not wait for approvals now/)
    const other = await controlPlane.intend(newer.value.id, { type: 'approve', approval: null, seen }, KIM)
    assert.match(other.ok ? '' : other.message, /the rollout .*the artifact .*the plan /)
  })

  it('refuses an approval that has been waited for too long', async () => {
    const { ask, controlPlane, seenOf, reached, clock } = await guarded()
    const asked = await ask(version(ASKED, 'v3'))
    assert.ok(asked.ok)
    const seen = await seenOf(asked.value.id)
    await clock.advance(ASKED.timings.approvalsLimitMs + 1000)
    await reached(asked.value.id, ['aborted'])
    const late = await controlPlane.intend(asked.value.id, { type: 'approve', approval: null, seen }, KIM)
    assert.match(late.ok ? '' : late.message, /does not wait for approvals now/)
  })

  it('voids a release whose policy was changed under its fingers, and starts nothing of it', async () => {
    const { ask, approve, set, reached, view, checked } = await guarded()
    const asked = await ask(version(ASKED, 'v3'))
    assert.ok(asked.ok)
    await reached(asked.value.id, ['approvals'])
    const before = checked.length
    assert.ok((await set(spec({ maintainer: [EVE.id] }))).ok)
    const refused = await approve(asked.value.id, KIM)
    assert.match(refused.ok ? '' : refused.message, /the policy in force here was changed/)
    await reached(asked.value.id, ['aborted'])
    assert.equal((await view(asked.value.id)).exitCode, 1)
    assert.equal(checked.length, before)
  })

  it('voids a release in the queue whose policy was changed meanwhile, and not one that says what is held now', async () => {
    const { ask, set, reached, view, controlPlane } = await guarded()
    const holder = await ask(version(ASKED, 'v3'))
    const stale = await ask(version(ASKED, 'v4'))
    assert.ok(holder.ok && stale.ok)
    assert.ok((await set(spec({ maintainer: [KIM.id], owner: [EVE.id] }))).ok)
    assert.ok((await controlPlane.intend(holder.value.id, { type: 'abort', reason: 'not today' }, KIM)).ok)
    await reached(stale.value.id, ['aborted'])
    assert.match((await view(stale.value.id)).reason ?? '', /the policy in force here was changed/)
    const fresh = await ask(version(spec({ maintainer: [KIM.id], owner: [EVE.id] }), 'v5'))
    assert.ok(fresh.ok)
    await reached(fresh.value.id, ['approvals'])
  })

  it('starts the plan that was shown, or nothing', async () => {
    const { ask, controlPlane, set, store } = await guarded()
    const plan = version(ASKED, 'v3')
    const shown = async () => {
      const answer = await controlPlane.plan({} as never, { ...DEPLOY, maySetPolicy: false } as never)
      assert.ok(answer.ok)
      return answer.value.planHash
    }
    const earlier = await ask(version(UNASKED, 'v9'))
    assert.ok(earlier.ok)
    await controlPlane.intend(earlier.value.id, { type: 'abort', reason: 'x' }, KIM)
    const rollouts = (await store.list({ kind: 'rollout' })).length
    const stale = await shown()
    const other = await ask(plan, { terms: { ...DEPLOY, expectedPlanHash: stale } })
    assert.equal(other.ok ? '' : other.kind, 'conflict')
    assert.match(other.ok ? '' : other.message, /the plan is not the one that was shown/)
    const hash = await shown()
    assert.ok((await set(spec({ maintainer: [KIM.id], owner: [EVE.id] }))).ok)
    const changed = await ask(plan, { terms: { ...DEPLOY, expectedPlanHash: hash } })
    assert.match(changed.ok ? '' : changed.message, /under version 2 of the policy in force/)
    assert.equal((await store.list({ kind: 'rollout' })).length, rollouts)
    assert.ok((await ask(plan, { terms: { ...DEPLOY, expectedPlanHash: await shown() } })).ok)
  })

  it('gives two services whose names meet in the middle rollouts of different names', async () => {
    const { ask } = await started()
    const named = (service: string, environment: string) => ({ ...ASKED, service, environment })
    const left = await ask(named('shop-eu', 'prod'))
    const right = await ask(named('shop', 'eu-prod'))
    assert.deepEqual([left.ok && left.value.id, right.ok && right.value.id], ['shop-eu-prod-1', 'shop_eu-prod_1'])
  })
})
