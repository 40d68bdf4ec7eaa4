/**
 * A release under the policy that is held: the plan that runs, with every consent it needs, and how it stands to the policy.
 *
 * The policy held when a release is requested governs it: its approvals are asked of the people it names, whatever the
 * release's own spec says. What the spec asks beyond that is asked as well. The spec's policy becomes the one held when the
 * consents are there, so a weaker one has passed the people whom the stricter one named.
 */
import { forwardKind } from '../rollout/steps/index.ts'
import type { Dimension, Plan, PlannedApproval, PolicyChange } from '../plan.ts'
import { english, listed, say, type Sentence } from '../say.ts'
import { policyChanges, type Strengths } from './changes.ts'
import { consentSteps, type HeldPolicy, policyOf, type Policy } from './policy.ts'

export type Standing =
  /** The spec says what is held. */
  | { readonly kind: 'same' }
  /** None is held: this release's becomes the first, by the requester's own right or by the consents it asks for. */
  | { readonly kind: 'first'; readonly by: 'requester' | 'consent' }
  | { readonly kind: 'changed'; readonly changes: readonly PolicyChange[] }
  | {
      readonly kind: 'refused'
      readonly changes: readonly PolicyChange[]
      readonly why: string
      readonly said: Sentence
    }

export type Governed = { readonly plan: Plan; readonly standing: Standing }

export type GovernOptions = {
  readonly held: HeldPolicy | null
  /** The requester may set policies: he need not ask himself. */
  readonly maySetPolicy: boolean
  readonly strengths: Strengths
}

export function govern(plan: Plan, { held, maySetPolicy, strengths }: GovernOptions): Governed {
  if (held === null) return firstOf(plan, maySetPolicy)
  const next = policyOf(plan)
  const changes = policyChanges(held.policy, next, strengths)
  const weaker = [...new Set(changes.filter(({ direction }) => direction === 'weaker').map((each) => each.dimension))]
  const governed = underPolicy(plan, { held, next, changes, weaker })
  const alone = weaker.filter((dimension) => nobodyAsked(held.policy, dimension))
  if (alone.length > 0 && !maySetPolicy)
    return { plan: governed, standing: refused(changes, mayNot(held, changes, alone)) }
  return { plan: governed, standing: changes.length === 0 ? { kind: 'same' } : { kind: 'changed', changes } }
}

function firstOf(plan: Plan, maySetPolicy: boolean): Governed {
  const found = { ...plan, policy: { people: {}, accounts: {}, weaken: {}, ...plan.policy, held: null, changes: [] } }
  if (maySetPolicy) return { plan: found, standing: { kind: 'first', by: 'requester' } }
  if (plan.approvals.length > 0) return { plan: found, standing: { kind: 'first', by: 'consent' } }
  const { service, environment } = plan
  const why = say`no policy is in force for ${service} in ${environment}, and this spec asks nobody for consent: the first policy of an environment comes by somebody's consent, or from whoever may set policies (stellwerk policy set -e ${environment})`
  return { plan: found, standing: refused([], why) }
}

function refused(changes: readonly PolicyChange[], said: Sentence): Standing {
  return { kind: 'refused', changes, why: english(said), said }
}

/** Weakening needs a consent that nobody gives: there is no approval and no role named for it. */
function nobodyAsked(held: Policy, dimension: Dimension): boolean {
  return held.weaken[dimension] === undefined && held.approvals.length === 0
}

function mayNot(
  { environment, version }: HeldPolicy,
  changes: readonly PolicyChange[],
  alone: readonly Dimension[],
): Sentence {
  const what = changes.filter(({ dimension, direction }) => direction === 'weaker' && alone.includes(dimension))
  const texts = listed(what.map(({ text, said }) => said ?? text))
  return say`the spec weakens the policy in force for ${environment} (version ${version}), which names nobody who could consent to that: ${texts}. Leave it as it is, or have it changed by whoever may set policies (stellwerk policy set -e ${environment})`
}

type Under = {
  readonly held: HeldPolicy
  readonly next: Policy
  readonly changes: readonly PolicyChange[]
  readonly weaker: readonly Dimension[]
}

function underPolicy(plan: Plan, { held, next, changes, weaker }: Under): Plan {
  const approvals = approvalsUnder(plan, held.policy, weaker)
  const { people, accounts, weaken, ci } = next
  const { version, hash } = held
  const rest = plan.steps.filter((step) => !forwardKind(step).asks)
  return {
    ...plan,
    artifact: { ...plan.artifact, authors: authorsBy(plan.artifact.authors, held.policy.accounts) },
    approvals,
    steps: [...consentSteps(plan.gates, approvals), ...rest],
    policy: { people, accounts, ...(ci === undefined ? {} : { ci }), weaken, held: { version, hash }, changes },
  }
}

/** Accounts as the policy knows them, which goes before what the requester's spec says of them. */
export function authorsBy(authors: readonly string[], accounts: Policy['accounts']): readonly string[] {
  return [...new Set(authors.map((author) => accounts[author] ?? author))]
}

function approvalsUnder(plan: Plan, held: Policy, weaker: readonly Dimension[]): readonly PlannedApproval[] {
  const own = new Map(plan.approvals.map((approval) => [approval.id, approval]))
  const demanded = held.approvals.map(({ role, at }): PlannedApproval => {
    const id = `${at}/${role}`
    const people = held.people[role] ?? []
    return own.has(id) ? { id, role, at, people } : { id, role, at, people, from: 'policy' }
  })
  const ids = demanded.map(({ id }) => id)
  const added = plan.approvals.filter(({ id }) => !ids.includes(id))
  const asked = demanded.map(({ role }) => role)
  const consenters = [...new Set(weaker.flatMap((dimension) => rolesFor(held, dimension)))]
  const extra = consenters
    .filter((role) => !asked.includes(role))
    .map((role): PlannedApproval => {
      return { id: `policy/${role}`, role, at: 'policy', people: held.people[role] ?? [], from: 'policy' }
    })
  return [...demanded, ...added, ...extra]
}

function rolesFor({ weaken }: Policy, dimension: Dimension): readonly string[] {
  const roles = weaken[dimension]
  return roles === undefined || roles === 'requester' ? [] : roles
}

/** How a rollout stood when it was let in; null for plans from before policies were held. */
export function standingOf({ policy, approvals }: Plan): Standing | null {
  if (policy?.held === undefined) return null
  if (policy.held === null) return { kind: 'first', by: approvals.length > 0 ? 'consent' : 'requester' }
  return policy.changes.length === 0 ? { kind: 'same' } : { kind: 'changed', changes: policy.changes }
}

/** Everything that the requester's people must not do before is behind: nothing is asked any more. */
export function hasConsent(state: {
  readonly steps: Plan['steps']
  readonly at: number
  readonly status: string
}): boolean {
  if (state.at < 0) return false
  return !state.steps.slice(state.at).some(({ kind }) => kind === 'approvals')
}
