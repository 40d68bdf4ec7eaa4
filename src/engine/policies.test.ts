/** Policies held by the control plane, over the real engine and the memory store: who gets what past whom. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Plan, planHash, type PlannedApproval, type PlannedGate } from '../core/plan.ts'
import { consentSteps, type Policy, policyOf } from '../core/policy/policy.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { fakeOutside } from '../testing/fake-outside.ts'
import { memoryQueue } from '../testing/memory-queue.ts'
import { memoryStore } from '../testing/memory-store.ts'
import { planFor } from '../testing/plans.ts'
import { virtualClock } from '../testing/virtual-clock.ts'
import type { RequestTerms, Seen } from './control-plane.ts'
import { createControlPlane } from './create-control-plane.ts'
import { createEngine } from './engine.ts'
import { silent } from './log.ts'
import { policyHash } from './policies.ts'

const CI: Actor = { id: 'ci:github', roles: [], token: 'tok_ci' }
const KIM: Actor = { id: 'person:kim', roles: [] }
const EVE: Actor = { id: 'person:eve', roles: [] }
const ROOT: Actor = { id: 'person:root', roles: [], token: 'tok_root' }
/** A token that may deploy and nothing else. */
const DEPLOY: RequestTerms = { maySetPolicy: false, reach: { services: null, environments: null } }

const COMMAND: PlannedGate = { id: 'command', kind: 'command', options: { run: 'node check.js' }, runs: 'command' }
const PINNED: PlannedGate = { id: 'artifact-pinned', kind: 'artifact-pinned', options: {} }

/** A spec's plan: who is asked, which gates there are. */
function spec(asked: Readonly<Record<string, readonly string[]>>, changes: Partial<Plan> = {}): Plan {
  const approvals = Object.entries(asked).map(([role, people]): PlannedApproval => {
    return { id: `start/${role}`, role, at: 'start', people }
  })
  const gates = changes.gates ?? [PINNED, COMMAND]
  const base = planFor({
    gates,
    approvals,
    policy: { people: asked, accounts: {}, weaken: {}, changes: [] },
    ...changes,
  })
  return { ...base, steps: [...consentSteps(base.gates, approvals), ...base.steps.slice(1)] }
}

const ASKED = spec({ maintainer: [KIM.id] })
const UNASKED = spec({})

function house() {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const failures: unknown[] = []
  const queue = memoryQueue({ clock, store, failed: (_, error) => failures.push(error) })
  const checked: string[] = []
  const outside = fakeOutside({
    now: () => clock.now(),
    gate: (id) => {
      checked.push(id)
      return 'pass'
    },
  })
  const shared = { store, queue, clock, adapters: outside.adapters, log: silent }
  const engine = createEngine(shared)
  let next: Plan = ASKED
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => {
      const identity = `identity of ${next.artifact.version}`
      return { ok: true, value: { plan: next, planHash: planHash(next, String), identity } }
    },
    audit: { verify: never, checkpoint: never, export: () => assert.fail('not under test') },
    health: async () => ({ ok: true, checks: [] }),
    policies: {
      strengths: {},
      propose: (_, environment) => ({
        ok: true,
        value: { service: next.service, policy: policyOf({ ...next, environment }) },
      }),
    },
  })
  const ask = (plan: Plan, { by = CI, terms = DEPLOY }: { by?: Actor; terms?: RequestTerms } = {}) => {
    next = plan
    return controlPlane.request({} as never, by, null, terms)
  }
  const view = async (id: string) => {
    const answer = await controlPlane.rollout(id)
    assert.ok(answer.ok)
    return answer.value
  }
  const seenOf = async (id: string): Promise<Seen> => {
    const { planHash: hash, identity } = await view(id)
    return { rollout: id, identity, planHash: hash }
  }
  const approve = async (id: string, by: Actor, seen: Partial<Seen> = {}) =>
    controlPlane.intend(id, { type: 'approve', approval: null, seen: { ...(await seenOf(id)), ...seen } }, by)
  const set = async (plan: Plan, expected?: string | null) => {
    next = plan
    const held = (await controlPlane.policyHistory(plan.service, plan.environment)).at(-1)?.hash ?? null
    const wish = {
      source: {} as never,
      environment: plan.environment,
      expected: expected === undefined ? held : expected,
      note: 'as agreed',
    }
    return controlPlane.setPolicy(wish, ROOT)
  }
  const reached = async (id: string, phases: readonly string[]) => {
    for (let waited = 0; waited < 600_000; waited += 250) {
      const { phase } = await view(id)
      if (phases.includes(phase)) return phase
      await clock.advance(250)
    }
    return assert.fail(`${id} is ${(await view(id)).phase} instead of ${phases.join(' or ')}`)
  }
  const held = () => controlPlane.policyHistory('shop', 'prod')
  return { engine, store, clock, controlPlane, checked, ask, approve, set, view, seenOf, reached, held, failures }
}

function never(): Promise<never> {
  return Promise.reject(new Error('not under test'))
}

async function started() {
  const there = house()
  await there.engine.start()
  return there
}

/** An environment whose policy asks a maintainer, and a release that finalized under it. */
async function guarded() {
  const there = await started()
  assert.ok((await there.set(ASKED)).ok)
  const first = await there.ask(ASKED)
  assert.ok(first.ok)
  assert.ok((await there.approve(first.value.id, KIM)).ok)
  await there.reached(first.value.id, ['finalized'])
  return there
}

const version = (plan: Plan, name: string): Plan => ({ ...plan, artifact: { ...plan.artifact, version: name } })
const ENDS = ['finalized', 'aborted', 'rolled-back', 'needs-human']

describe('the first policy of an environment', () => {
  it('is not chosen by who may deploy: a spec that asks nobody is refused, and leaves nothing behind', async () => {
    const { ask, store, held } = await started()
    const refused = await ask(UNASKED)
    assert.equal(refused.ok ? '' : refused.kind, 'not-allowed')
    assert.match(refused.ok ? '' : refused.message, /no policy is held for shop in prod.*stellwerk policy set -e prod/)
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
      /weakens the policy held for prod \(version 1\).*the gate artifact-pinned is removed/,
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

describe('[R-C03] what somebody was shown is what he approves, and what runs', () => {
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
    assert.match(refused.ok ? '' : refused.message, /the policy held for this environment was changed/)
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
    assert.match((await view(stale.value.id)).reason ?? '', /the policy held for this environment was changed/)
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
    assert.match(changed.ok ? '' : changed.message, /under version 2 of the policy held/)
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
