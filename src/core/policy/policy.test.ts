import assert from 'node:assert/strict'
import type { CiGrant } from '../ci.ts'
import { describe, it, test } from 'node:test'
import { planFor } from '../../testing/plans.ts'
import type { Plan, PlannedApproval } from '../plan.ts'
import { planProblems } from '../plan-interlocks.ts'
import { instant } from '../time.ts'
import { policyChanges, type Strengths } from './changes.ts'
import { govern } from './govern.ts'
import { consentSteps, type HeldPolicy, type Policy, policyOf } from './policy.ts'

const STRENGTHS: Strengths = {
  variables: { required: 'more' },
  'rollback-rehearsed': { maxAgeMs: 'less' },
  command: { name: 'free' },
}
const KIM = 'person:kim'
const SAM = 'person:sam'

const HELD: Policy = {
  format: 1,
  people: { maintainer: [KIM, SAM], captain: ['person:jo'] },
  accounts: { 'mail:1': KIM },
  approvals: [{ role: 'maintainer', at: 'start' }],
  gates: [
    { kind: 'variables', options: { required: ['A', 'B'] } },
    { kind: 'rollback-rehearsed', options: { maxAgeMs: 100 } },
    { kind: 'command', options: { run: 'node check.js', name: 'check' } },
  ],
  analysis: {
    rules: [{ kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 5000 } }],
    minRequests: 20,
    holdMs: 10_000,
    bakeMs: 20_000,
  },
  weaken: { gates: ['captain'] },
  calendar: null,
}

const PROMETHEUS = { kind: 'prometheus', url: 'http://elsewhere:9090' }

function withRule(rule: object): Policy {
  const [errors] = HELD.analysis.rules
  return { ...HELD, analysis: { ...HELD.analysis, rules: [{ ...errors!, ...rule } as never] } }
}

function withGate(index: number, options: Policy['gates'][number]['options']): Policy {
  return { ...HELD, gates: HELD.gates.map((gate, at) => (at === index ? { ...gate, options } : gate)) }
}

const analysis = (amounts: Partial<Policy['analysis']>): Policy => ({
  ...HELD,
  analysis: { ...HELD.analysis, ...amounts },
})

const GRANT: CiGrant = {
  forge: 'github',
  issuer: 'https://ci.example',
  repository: '123',
  owner: '45',
  refs: ['refs/heads/main'],
  events: ['push'],
  workflow: 'deploy.yml',
  environment: null,
}

/** What a spec may try, and what it is: in which dimension, in which direction, and in whose words. */
const TRIED: readonly (readonly [what: string, next: Policy, expected: readonly string[], text: RegExp])[] = [
  ['nothing', HELD, [], /^$/],
  [
    'no approvals',
    { ...HELD, approvals: [], people: {} },
    ['approvals weaker'],
    /maintainer \(start\) is no longer asked/,
  ],
  [
    'another moment',
    { ...HELD, approvals: [{ role: 'maintainer', at: 'go-no-go' }] },
    ['approvals weaker', 'approvals stronger'],
    /go-no-go/,
  ],
  [
    'one more approval',
    { ...HELD, approvals: [...HELD.approvals, { role: 'owner', at: 'start' }] },
    ['approvals stronger'],
    /owner/,
  ],
  [
    'one more approver',
    { ...HELD, people: { ...HELD.people, maintainer: [KIM, SAM, 'person:eve'] } },
    ['people weaker'],
    /person:eve may consent as maintainer too/,
  ],
  [
    'other approvers',
    { ...HELD, people: { ...HELD.people, maintainer: ['person:eve'] } },
    ['people weaker', 'people stronger', 'people stronger'],
    /eve/,
  ],
  [
    'one approver less',
    { ...HELD, people: { ...HELD.people, maintainer: [KIM] } },
    ['people stronger'],
    /sam may no longer/,
  ],
  ['an account less', { ...HELD, accounts: {} }, ['people weaker'], /mail:1 is no longer person:kim's/],
  ["another one's account", { ...HELD, accounts: { 'mail:1': SAM } }, ['people weaker'], /but person:sam's/],
  ['one more account', { ...HELD, accounts: { ...HELD.accounts, 'mail:2': SAM } }, ['people stronger'], /mail:2/],
  [
    'no gate of a kind',
    { ...HELD, gates: HELD.gates.slice(1) },
    ['gates weaker'],
    /the gate variables \(required: \["A","B"\]\) is removed/,
  ],
  ['no gates', { ...HELD, gates: [] }, ['gates weaker', 'gates weaker', 'gates weaker'], /removed/],
  ['gates in another order', { ...HELD, gates: HELD.gates.toReversed() }, [], /^$/],
  [
    'one more gate',
    { ...HELD, gates: [...HELD.gates, { kind: 'stable-release', options: {} }] },
    ['gates stronger'],
    /stable-release is added/,
  ],
  [
    'a second gate of a kind',
    { ...HELD, gates: [...HELD.gates, { kind: 'variables', options: { required: ['C'] } }] },
    ['gates stronger'],
    /"C"/,
  ],
  ['less required', withGate(0, { required: ['A'] }), ['gates weaker'], /required \["A","B"\] → \["A"\]/],
  ['more required', withGate(0, { required: ['A', 'C', 'B'] }), ['gates stronger'], /"C"/],
  ['something else required', withGate(0, { required: ['A', 'C'] }), ['gates weaker'], /"C"/],
  ['nothing required', withGate(0, {}), ['gates weaker'], /→ none/],
  [
    'only at one component',
    withGate(0, { required: ['A', 'B'], component: 'api' }),
    ['gates weaker'],
    /component none → api/,
  ],
  ['an older rehearsal', withGate(1, { maxAgeMs: 200 }), ['gates weaker'], /100 → 200/],
  ['a younger rehearsal', withGate(1, { maxAgeMs: 50 }), ['gates stronger'], /100 → 50/],
  ['another command', withGate(2, { run: 'true', name: 'check' }), ['gates weaker'], /node check.js → true/],
  ['another name', withGate(2, { run: 'node check.js', name: 'checks' }), [], /^$/],
  ['no rules', analysis({ rules: [] }), ['analysis weaker'], /the rule "errors" is removed/],
  ['a higher limit', withRule({ max: 0.5 }), ['analysis weaker'], /max 0.01 → 0.5/],
  ['no limit', withRule({ max: null }), ['analysis weaker'], /max 0.01 → none/],
  ['a lower limit', withRule({ max: 0.001 }), ['analysis stronger'], /0.001/],
  ['no trigger', withRule({ trigger: null }), ['analysis weaker'], /trigger.above/],
  ['a later trigger', withRule({ trigger: { above: 0.02, forMs: 50_000 } }), ['analysis weaker'], /forMs 5000 → 50000/],
  ['lower, but later', withRule({ trigger: { above: 0.01, forMs: 50_000 } }), ['analysis weaker'], /forMs/],
  ['another metric', withRule({ metric: 'latency-p95' }), ['analysis weaker'], /metric/],
  ['less evidence', analysis({ minRequests: 0 }), ['analysis weaker'], /minRequests\): 20 becomes 0/],
  ['more evidence', analysis({ minRequests: 200 }), ['analysis stronger'], /200/],
  ['a shorter hold', analysis({ holdMs: 1 }), ['analysis weaker'], /the shortest hold/],
  ['no hold', analysis({ holdMs: null }), ['analysis weaker'], /becomes none/],
  ['a shorter bake', analysis({ bakeMs: 0 }), ['analysis weaker'], /the bake/],
  [
    'a control share',
    analysis({ control: 5 }),
    ['analysis stronger'],
    /the control share of the bake: none becomes 5 %/,
  ],
  [
    'longer without numbers',
    analysis({ noDataForMs: 900_000 }),
    ['analysis weaker'],
    /noDataFor\): the default becomes 15m/,
  ],
  ['numbers from elsewhere', analysis({ metrics: PROMETHEUS }), ['analysis weaker'], /the router becomes .*elsewhere/],
  ['a longer warm-up', analysis({ warmUpMs: 300_000 }), ['analysis weaker'], /\(warmUp\): 1m becomes 5m/],
  ['less patience', analysis({ patienceMs: 0 }), ['analysis stronger'], /\(patience\): 10m becomes 0ms/],
  ['numbers looked at rarely', analysis({ tickMs: 600_000 }), ['analysis weaker'], /\(tick\): 5s becomes 10m/],
  [
    'jobs of another repository',
    { ...HELD, ci: [GRANT] },
    ['people weaker'],
    /jobs of repository 123 of owner 45 at https:\/\/ci\.example \(refs\/heads\/main; push; deploy\.yml\) may release too/,
  ],
  [
    'weakening by whoever deploys',
    { ...HELD, weaken: { gates: 'requester' } },
    ['gates weaker'],
    /by whoever may deploy instead of captain/,
  ],
  [
    'weakening by those who approve',
    { ...HELD, weaken: {} },
    ['gates weaker'],
    /by those who approve instead of captain/,
  ],
  [
    'weakening by more roles',
    { ...HELD, weaken: { gates: ['captain', 'owner'] } },
    ['gates stronger'],
    /captain and owner/,
  ],
  [
    'a role for weakening analysis',
    { ...HELD, weaken: { ...HELD.weaken, analysis: ['captain'] } },
    ['analysis stronger'],
    /captain instead of those who approve/,
  ],
]

describe('what a spec changes of the policy held', () => {
  for (const [what, next, expected, text] of TRIED) {
    it(what, () => {
      const changes = policyChanges(HELD, next, STRENGTHS)
      assert.deepEqual(
        changes.map(({ dimension, direction }) => `${dimension} ${direction}`),
        expected,
      )
      assert.match(changes.map((each) => each.text).join('; '), text)
    })
  }
})

test('the source of the numbers is part of the policy, and whoever changes it needs its consent', () => {
  const numbersFrom = (metrics: Plan['metrics']) => policyOf(planFor({ metrics }))
  const own = numbersFrom({ kind: 'router' })
  const [first, second] = ['http://a:9090', 'http://b:9090'].map((url) => numbersFrom({ kind: 'prometheus', url }))
  const directions = (held: Policy, next: Policy) => policyChanges(held, next, {}).map(({ direction }) => direction)
  assert.deepEqual([directions(own, own), directions(first!, first!)], [[], []])
  for (const [held, next] of [
    [own, first!],
    [first!, second!],
    [first!, own],
  ] as const)
    assert.deepEqual(directions(held, next), ['weaker'])
})

test('how often it is looked at is part of the policy only where that is rarer than usual', () => {
  const every = (tickMs: number) => policyOf(planFor({ timings: { ...planFor().timings, tickMs } }))
  assert.deepEqual(every(1000), every(5000))
  assert.equal(every(60_000).analysis.tickMs, 60_000)
  const [back] = policyChanges(every(60_000), every(1000), {})
  assert.deepEqual([back?.dimension, back?.direction], ['analysis', 'stronger'])
})

test('where nobody approves, letting a role weaken is weaker than letting nobody', () => {
  const held: Policy = { ...HELD, approvals: [], weaken: {} }
  const [change] = policyChanges(held, { ...held, weaken: { gates: ['captain'] } }, STRENGTHS)
  assert.equal(change?.direction, 'weaker')
})

function heldAs(policy: Policy): HeldPolicy {
  const facts = { service: 'shop', environment: 'prod', version: 3, hash: 'sha256:held', at: instant(1), by: KIM }
  return { ...facts, policy, how: 'set', rollout: null, note: '', changes: [] }
}

const OWN: PlannedApproval = { id: 'start/maintainer', role: 'maintainer', at: 'start', people: ['person:eve'] }

/** A plan whose spec proposes `policy`. */
function planOf(policy: Policy, approvals: readonly PlannedApproval[] = []): Plan {
  const { people, accounts, weaken, analysis: wanted } = policy
  const gates = policy.gates.map(({ kind, options }) => {
    return { id: kind, kind, options, ...(kind === 'command' ? { runs: 'command' as const } : {}) }
  })
  const base = planFor()
  const plan = planFor({
    gates,
    approvals,
    analysis: { rules: wanted.rules, minRequests: wanted.minRequests },
    policy: { people, accounts, weaken, changes: [] },
  })
  return { ...plan, steps: [...consentSteps(gates, approvals), ...base.steps.slice(1)] }
}

const asked = (held: Policy | null, plan: Plan, maySetPolicy = false) =>
  govern(plan, { held: held && heldAs(held), maySetPolicy, strengths: STRENGTHS })

const FIRST = (policy: Policy, approvals: readonly PlannedApproval[] = []) =>
  planOf({ ...policy, approvals: [] }, approvals)

describe('a release under the policy held', () => {
  it('asks whom the policy names, whatever the spec says', () => {
    const { plan, standing } = asked(HELD, planOf(HELD, [OWN]))
    assert.deepEqual(plan.approvals, [{ id: 'start/maintainer', role: 'maintainer', at: 'start', people: [KIM, SAM] }])
    assert.equal(standing.kind, 'same')
    assert.deepEqual(plan.policy?.held, { version: 3, hash: 'sha256:held' })
    assert.deepEqual(policyOf(plan), policyOf(planOf(HELD, [OWN])))
  })

  it('asks it also when the spec leaves the approvals out, before anything of the requester runs', () => {
    const { plan, standing } = asked(HELD, planOf({ ...HELD, approvals: [] }))
    assert.equal(standing.kind, 'changed')
    assert.deepEqual(
      plan.approvals.map(({ id, from }) => [id, from]),
      [['start/maintainer', 'policy']],
    )
    assert.deepEqual(plan.steps.slice(0, 3), [
      { kind: 'gates', gates: ['variables', 'rollback-rehearsed'] },
      { kind: 'approvals' },
      { kind: 'gates', gates: ['command'] },
    ])
    assert.deepEqual(planProblems(plan), [])
    assert.deepEqual(policyOf(plan).approvals, [])
  })

  it('asks the roles named for weakening as well, and only for what is weakened', () => {
    const gates = asked(HELD, planOf({ ...HELD, gates: HELD.gates.slice(1) }, [OWN])).plan.approvals
    assert.deepEqual(
      gates.map(({ id, people }) => [id, people]),
      [
        ['start/maintainer', [KIM, SAM]],
        ['policy/captain', ['person:jo']],
      ],
    )
    const rules = asked(HELD, planOf({ ...HELD, analysis: { ...HELD.analysis, minRequests: 1 } }, [OWN])).plan.approvals
    assert.deepEqual(
      rules.map(({ id }) => id),
      ['start/maintainer'],
    )
  })

  it('asks what a stricter spec adds beside what is held', () => {
    const owner: PlannedApproval = { id: 'start/owner', role: 'owner', at: 'start', people: ['person:ada'] }
    const { plan } = asked(HELD, planOf(HELD, [OWN, owner]))
    assert.deepEqual(
      plan.approvals.map(({ id }) => id),
      ['start/maintainer', 'start/owner'],
    )
    assert.deepEqual(plan.approvals[0]!.people, [KIM, SAM])
  })

  it('knows authors by the accounts of the policy, not of the spec', () => {
    const plan = planOf({ ...HELD, accounts: { 'mail:1': SAM } }, [OWN])
    const by = asked(HELD, { ...plan, artifact: { ...plan.artifact, authors: ['mail:1'] } })
    assert.deepEqual(by.plan.artifact.authors, [KIM])
  })

  const OPEN: Policy = { ...HELD, approvals: [], weaken: {} }

  it('refuses to weaken what nobody is asked about, unless the requester may set policies', () => {
    const weaker = planOf({ ...OPEN, gates: [] })
    const refused = asked(OPEN, weaker)
    assert.equal(refused.standing.kind, 'refused')
    assert.match(
      refused.standing.kind === 'refused' ? refused.standing.why : '',
      /the gate variables .* is removed.*stellwerk policy set -e prod/,
    )
    assert.equal(asked(OPEN, weaker, true).standing.kind, 'changed')
    const stronger = planOf({ ...OPEN, gates: [...OPEN.gates, { kind: 'stable-release', options: {} }] })
    assert.equal(asked(OPEN, stronger).standing.kind, 'changed')
    const trusting: Policy = { ...OPEN, weaken: { gates: 'requester' } }
    assert.equal(asked(trusting, planOf({ ...trusting, gates: [] })).standing.kind, 'changed')
  })

  it('adopts a first policy by the consents that it asks for, or by whoever may set policies', () => {
    assert.deepEqual(asked(null, FIRST(HELD, [OWN])).standing, { kind: 'first', by: 'consent' })
    assert.deepEqual(asked(null, FIRST(HELD), true).standing, { kind: 'first', by: 'requester' })
    const refused = asked(null, FIRST(HELD)).standing
    assert.match(refused.kind === 'refused' ? refused.why : '', /no policy is in force for shop in prod.*asks nobody/)
  })
})

test('a grant to CI jobs that changes is a new one beside one that is gone, and none is as before there were any', () => {
  const held = { ...HELD, ci: [GRANT] }
  const next = { ...HELD, ci: [{ ...GRANT, refs: ['refs/heads/*'] }] }
  const directions = (one: Policy, other: Policy) => policyChanges(one, other, {}).map(({ direction }) => direction)
  assert.deepEqual(directions(held, next), ['weaker', 'stronger'])
  assert.deepEqual(directions(held, HELD), ['stronger'])
  assert.equal('ci' in policyOf(planFor()), false)
  const plan = planFor({ policy: { people: {}, accounts: {}, weaken: {}, changes: [], ci: [GRANT] } })
  assert.deepEqual(policyOf(plan).ci, [GRANT])
})
