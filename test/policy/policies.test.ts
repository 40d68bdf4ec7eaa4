/** Policies held by the control plane: who gets what past whom. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../src/core/plan.ts'
import { type Policy, policyOf } from '../../src/core/policy/policy.ts'
import { policyHash } from '../../src/engine/policies.ts'
import {
  ASKED,
  CI,
  COMMAND,
  DEPLOY,
  ENDS,
  EVE,
  guarded,
  KIM,
  PINNED,
  ROOT,
  spec,
  started,
  UNASKED,
  version,
} from './house.ts'

describe('the first policy of an environment', () => {
  it('is not chosen by who may deploy: a spec that asks nobody is refused, and leaves nothing behind', async () => {
    const { ask, store, held } = await started()
    const refused = await ask(UNASKED)
    assert.equal(refused.ok ? '' : refused.kind, 'not-allowed')
    assert.match(
      refused.ok ? '' : refused.message,
      /no policy is in force for shop in prod.*stellwerk policy set -e prod/,
    )
    assert.deepEqual(await held(), [])
    assert.deepEqual(await store.environments(), [])
    assert.equal(await store.size(), 0)
  })

  it('comes by the consent of another person, and only then', async () => {
    const { ask, approve, held, reached, checked } = await started()
    const asked = await ask(ASKED)
    assert.ok(asked.ok)
    await reached(asked.value.id, ['approvals'])
    assert.deepEqual(checked, ['artifact-pinned'])
    assert.deepEqual(await held(), [])
    assert.equal((await approve(asked.value.id, CI)).ok, false)
    assert.ok((await approve(asked.value.id, KIM)).ok)
    const [first] = await held()
    assert.deepEqual([first?.how, first?.by, first?.rollout, first?.version], ['adopted', CI.id, asked.value.id, 1])
    assert.match(first?.note ?? '', /person:kim \(start\/maintainer\)/)
    assert.deepEqual(first?.policy, policyOf(ASKED))
    assert.equal(first?.hash, policyHash(policyOf(ASKED)))
    await reached(asked.value.id, ['finalized'])
    assert.deepEqual(checked, ['artifact-pinned', 'command'])
  })

  it('comes with the release of who may set policies', async () => {
    const { ask, held } = await started()
    const asked = await ask(UNASKED, { by: ROOT, terms: { ...DEPLOY, maySetPolicy: true } })
    assert.ok(asked.ok)
    assert.deepEqual(
      (await held()).map(({ how, by }) => [how, by]),
      [['adopted', ROOT.id]],
    )
  })

  it('is one, however many bring one at the same moment', async () => {
    const { ask, held, controlPlane } = await started()
    const root = { by: ROOT, terms: { ...DEPLOY, maySetPolicy: true } }
    const answers = await Promise.all([ask(UNASKED, root), ask(UNASKED, root), ask(UNASKED, root)])
    assert.ok(answers.every(({ ok }) => ok))
    assert.equal((await held()).length, 1)
    assert.equal((await controlPlane.policies()).length, 1)
  })
})

describe('a release under the policy held', () => {
  const WEAKER: readonly (readonly [what: string, plan: Plan, change: RegExp])[] = [
    ['leaves the approvals out', UNASKED, /the approval as maintainer \(start\) is no longer asked for/],
    ['names other people', spec({ maintainer: [EVE.id] }), /person:eve may consent as maintainer too/],
    ['asks another role', spec({ friend: [EVE.id] }), /the approval as maintainer \(start\) is no longer/],
    ['leaves a gate out', spec({ maintainer: [KIM.id] }, { gates: [COMMAND] }), /the gate artifact-pinned is removed/],
    [
      'runs another command',
      spec({ maintainer: [KIM.id] }, { gates: [PINNED, { ...COMMAND, options: { run: 'cp keys /tmp' } }] }),
      /node check.js → cp keys/,
    ],
    [
      'needs less evidence',
      spec({ maintainer: [KIM.id] }, { analysis: { ...ASKED.analysis, minRequests: 1 } }),
      /20 becomes 1/,
    ],
  ]

  for (const [what, plan, change] of WEAKER) {
    it(`needs the consent of those who were asked before when it ${what}; nothing of its own runs until then`, async () => {
      const { ask, approve, reached, held, view, controlPlane, checked } = await guarded()
      const before = checked.filter((id) => id === 'command').length
      const asked = await ask(version(plan, 'v3'))
      assert.ok(asked.ok)
      const { id } = asked.value
      await reached(id, ['approvals'])
      const shown = await controlPlane.rolloutPlan(id)
      assert.match(
        shown.ok && shown.value.standing?.kind === 'changed'
          ? shown.value.standing.changes.map(({ text }) => text).join()
          : '',
        change,
      )
      // Only the spec that waits says that she may consent: as far as it asks beside, she is heard, and it is not enough.
      await approve(id, EVE)
      assert.equal((await view(id)).approvals.find((each) => each.id === 'start/maintainer')?.by, null)
      assert.equal((await view(id)).phase, 'approvals')
      assert.equal(checked.filter((each) => each === 'command').length, before, 'its command has not run')
      assert.equal((await held()).length, 1)
      assert.ok((await approve(id, KIM)).ok)
      await reached(id, ENDS)
      const [, second] = await held()
      assert.deepEqual([second?.how, second?.rollout, second?.version], ['changed', id, 2])
      assert.match(second?.changes.map(({ text }) => text).join() ?? '', change)
    })
  }

  it('changes nothing when nobody consents', async () => {
    const { ask, controlPlane, reached, held } = await guarded()
    const asked = await ask(version(UNASKED, 'v3'))
    assert.ok(asked.ok)
    await reached(asked.value.id, ['approvals'])
    assert.ok((await controlPlane.intend(asked.value.id, { type: 'reject', reason: 'no' }, KIM)).ok)
    await reached(asked.value.id, ['aborted'])
    assert.equal((await held()).length, 1)
    const again = await ask(version(ASKED, 'v4'))
    assert.ok(again.ok)
    await reached(again.value.id, ['approvals'])
  })

  it('adopts what is stricter with the next release', async () => {
    const { ask, approve, held, view } = await guarded()
    const asked = await ask(version(spec({ maintainer: [KIM.id], owner: [EVE.id] }), 'v3'))
    assert.ok(asked.ok)
    assert.ok((await approve(asked.value.id, KIM)).ok)
    assert.equal((await view(asked.value.id)).phase, 'approvals')
    assert.ok((await approve(asked.value.id, EVE)).ok)
    assert.deepEqual(
      (await held()).at(-1)?.policy.approvals.map(({ role }) => role),
      ['maintainer', 'owner'],
    )
  })

  it('is refused when it weakens what nobody is asked about, but for who may set policies', async () => {
    const { ask, set, held } = await started()
    assert.ok((await set(UNASKED)).ok)
    const bare = spec({}, { gates: [] })
    const refused = await ask(bare)
    assert.match(
      refused.ok ? '' : refused.message,
      /weakens the policy in force for prod \(version 1\).*the gate artifact-pinned is removed/,
    )
    assert.ok((await ask(UNASKED)).ok)
    assert.ok((await ask(bare, { by: ROOT, terms: { ...DEPLOY, maySetPolicy: true } })).ok)
    assert.equal((await held()).length, 1, 'it waits in the queue and has not begun')
  })

  it('is judged by the log: a row beside it that somebody changed weakens nothing', async () => {
    const { ask, store, reached } = await guarded()
    await store.transact(async (tx) => {
      const row = await tx.lock('policy:shop/prod')
      assert.ok(row)
      const forged = { policy: policyOf(UNASKED), version: 1 } as unknown as Policy
      const facts = {
        kind: 'policy',
        service: 'shop',
        environment: 'prod',
        version: null,
        phase: 'set',
        final: false,
      } as const
      await tx.saveStream({ ...row, state: forged as never }, facts)
    })
    const asked = await ask(version(UNASKED, 'v3'))
    assert.ok(asked.ok)
    await reached(asked.value.id, ['approvals'])
  })
})

describe('a token that does not count everywhere', () => {
  const REACHES = [
    { services: ['till'], environments: null },
    { services: null, environments: ['dev'] },
    { services: ['shop'], environments: ['dev'] },
  ]
  for (const reach of REACHES) {
    it(`plans and starts nothing beyond ${JSON.stringify(reach)}, whatever its spec calls itself`, async () => {
      const { ask, controlPlane, store } = await started()
      const asked = await ask(ASKED, { terms: { ...DEPLOY, reach } })
      assert.equal(asked.ok ? '' : asked.kind, 'not-allowed')
      assert.match(asked.ok ? '' : asked.message, /does not count for shop in prod/)
      assert.equal((await controlPlane.plan({} as never, { maySetPolicy: true, reach })).ok, false)
      assert.equal(await store.size(), 0)
      const inside = { services: ['shop'], environments: ['prod'] }
      assert.ok((await ask(ASKED, { terms: { ...DEPLOY, reach: inside } })).ok)
    })
  }
})

describe('policy set', () => {
  it('changes exactly the policy whose difference was shown', async () => {
    const { set, held } = await started()
    const first = await set(ASKED)
    assert.ok(first.ok)
    assert.deepEqual(
      [first.value.version, first.value.how, first.value.by, first.value.note],
      [1, 'set', ROOT.id, 'as agreed'],
    )
    const stale = await set(UNASKED, null)
    assert.match(stale.ok ? '' : stale.message, /is not the one that was shown: version 1/)
    assert.ok((await set(ASKED)).ok)
    assert.equal((await held()).length, 1, 'the same one is no change')
    const second = await set(UNASKED)
    assert.deepEqual(second.ok && second.value.changes.map(({ direction }) => direction), ['weaker'])
    assert.equal((await held()).length, 2)
  })

  it('stands in the log, with the token by which it was done', async () => {
    const { set, store } = await started()
    await set(ASKED)
    const [event] = await store.read('policy:shop/prod')
    assert.deepEqual([event?.type, event?.actor, event?.token], ['PolicySet', ROOT.id, 'tok_root'])
  })
})
