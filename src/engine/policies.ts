/**
 * The policies that the control plane holds: one stream of `PolicySet` events per service and environment, the newest of
 * which counts. Whatever depends on a policy reads these events, never the row beside them, so that a row that somebody
 * changed in the database weakens nothing; the row is for lists, and can be made again from the log (law L2).
 */
import { say } from '../core/say.ts'
import { refusal } from './refusals.ts'
import { hash } from 'node:crypto'
import type { Adoption } from '../core/aggregate.ts'
import { canonicalJson, type Json } from '../core/json.ts'
import { type Plan, planHash } from '../core/plan.ts'
import { policyChanges, type Strengths } from '../core/policy/changes.ts'
import { govern, type Standing } from '../core/policy/govern.ts'
import { inTodaysWords } from '../core/rollout/readers.ts'
import { type HeldPolicy, type Policy, policyOf, type PolicySet, policyStream } from '../core/policy/policy.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Store, StoredEvent, StoreTransaction, StreamFacts, StreamRow } from '../ports/store.ts'
import type { Answer, PlannedRollout, PolicyProposal, SetPolicyRequest, Refusal, SpecSource } from './control-plane.ts'

/** Given where releases are governed by policies; a rehearsal, which plays one plan, has none. */
export type PolicyOptions = {
  readonly strengths: Strengths
  /** What the spec of an environment proposes as its policy: the spec is not the engine's business. */
  readonly propose: (source: SpecSource, environment: string) => Promise<Answer<Proposed>>
}

export type Proposed = { readonly service: string; readonly policy: Policy }

export type Read = (stream: string) => Promise<readonly StoredEvent[]>

export function policyHash(policy: Policy): string {
  return `sha256:${sha256(canonicalJson(policy))}`
}

export async function heldPolicy(read: Read, service: string, environment: string): Promise<HeldPolicy | null> {
  return (await policyHistory(read, service, environment)).at(-1) ?? null
}

/** Oldest first. */
export async function policyHistory(read: Read, service: string, environment: string): Promise<readonly HeldPolicy[]> {
  const events = await read(policyStream(service, environment))
  return events.flatMap(({ type, version, at, data, forged }) =>
    type === 'PolicySet' && !forged
      ? [{ ...(inTodaysWords({ type, data }).data as unknown as PolicySet), version, at }]
      : [],
  )
}

export type Governing = {
  readonly planned: PlannedRollout
  readonly held: HeldPolicy | null
  readonly standing: Standing
}

/** The plan as the policy held makes it, with its new hash. */
export async function governed(
  { strengths }: Pick<PolicyOptions, 'strengths'>,
  read: Read,
  { planned, maySetPolicy }: { readonly planned: PlannedRollout; readonly maySetPolicy: boolean },
): Promise<Governing> {
  const { service, environment, policy } = planned.plan
  // Fail closed: whatever compiled this forgot what its spec proposes.
  if (policy === undefined) throw new Error('the plan does not say what policy its spec proposes')
  const held = await heldPolicy(read, service, environment)
  const { plan, standing } = govern(planned.plan, { held, maySetPolicy, strengths })
  return { planned: { ...planned, plan, planHash: planHash(plan, sha256) }, held, standing }
}

/**
 * Whether what is held is still what `plan` was made under: the same version, or meanwhile the very policy that the plan
 * proposes, asking the same people.
 */
export async function policyStands(read: Read, plan: Plan): Promise<boolean> {
  const was = plan.policy?.held
  if (was === undefined) return true
  const held = await heldPolicy(read, plan.service, plan.environment)
  if ((held?.version ?? 0) === (was?.version ?? 0)) return true
  if (held === null || policyHash(policyOf(plan)) !== held.hash) return false
  return held.policy.approvals.every(({ role, at }) => {
    const asked = plan.approvals.find(({ id }) => id === `${at}/${role}`)
    return asked !== undefined && canonicalJson(asked.people) === canonicalJson(held.policy.people[role] ?? [])
  })
}

/** One that is held already stays. */
export async function adoptPolicy(tx: StoreTransaction, { set, by }: Adoption): Promise<void> {
  const hash = policyHash(set.policy)
  const held = await heldPolicy((stream) => tx.read(stream), set.service, set.environment)
  if (held?.hash !== hash) await append(tx, { set: { ...set, hash }, version: held?.version ?? 0, by })
}

type Appending = { readonly set: PolicySet; readonly version: number; readonly by: Pick<Actor, 'id' | 'token'> }

async function append(tx: StoreTransaction, { set, version, by }: Appending): Promise<void> {
  const stream = policyStream(set.service, set.environment)
  const token = by.token === undefined ? {} : { token: by.token }
  const event = { type: 'PolicySet', data: set as unknown as Json, actor: by.id, ...token }
  await tx.append(stream, version, [event])
  const { row, facts } = policyRow(set, version + 1)
  await tx.saveStream(row, facts)
}

/** What stands beside the log of a policy, for lists: made of its newest event alone, so that it can be made again (law L2). */
export function policyRow(set: PolicySet, version: number): { readonly row: StreamRow; readonly facts: StreamFacts } {
  const { service, environment, hash: held, how } = set
  return {
    row: { stream: policyStream(service, environment), version, state: null, nextDue: null },
    facts: { kind: 'policy', service, environment, version: held, phase: how, final: false },
  }
}

/** Every policy held, by service and environment. */
export async function heldPolicies(store: Store): Promise<readonly HeldPolicy[]> {
  const streams = await store.list({ kind: 'policy', limit: POLICIES_MAX })
  const held = await Promise.all(
    streams.map(({ service, environment }) => heldPolicy((stream) => store.read(stream), service, environment ?? '')),
  )
  return held
    .filter((each) => each !== null)
    .toSorted((left, right) => order(left.service, right.service) || order(left.environment, right.environment))
}

const POLICIES_MAX = 1000

function order(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}

/** What `policy set` would change. */
export async function proposal(
  options: PolicyOptions,
  read: Read,
  { source, environment }: Pick<SetPolicyRequest, 'source' | 'environment'>,
): Promise<Answer<PolicyProposal>> {
  const proposed = await options.propose(source, environment)
  if (!proposed.ok) return proposed
  return { ok: true, value: await compared(options, read, { ...proposed.value, environment }) }
}

async function compared(
  { strengths }: PolicyOptions,
  read: Read,
  { service, environment, policy }: Proposed & { readonly environment: string },
): Promise<PolicyProposal> {
  const held = await heldPolicy(read, service, environment)
  const changes = held === null ? [] : policyChanges(held.policy, policy, strengths)
  return { service, environment, policy, hash: policyHash(policy), held, changes }
}

/** The policy of the spec, held from now on: said by somebody who may, of what he was shown. */
export async function setPolicy(
  options: PolicyOptions,
  store: Store,
  { request, by }: { readonly request: SetPolicyRequest; readonly by: Actor },
): Promise<Answer<HeldPolicy>> {
  const proposed = await options.propose(request.source, request.environment)
  if (!proposed.ok) return proposed
  const aimed = { ...proposed.value, environment: request.environment }
  return store.transact(async (tx): Promise<Answer<HeldPolicy>> => {
    await tx.lock(policyStream(aimed.service, aimed.environment))
    const now = await compared(options, (stream) => tx.read(stream), aimed)
    const { held, ...facts } = now
    const differs = unlikeShown(now, request)
    if (differs !== null) return differs
    if (held?.hash === facts.hash) return { ok: true, value: held }
    const set: PolicySet = { ...facts, by: by.id, how: 'set', rollout: null, note: request.note }
    await append(tx, { set, version: held?.version ?? 0, by })
    return { ok: true, value: { ...set, version: (held?.version ?? 0) + 1, at: tx.now() } }
  })
}

function unlikeShown({ held, environment }: PolicyProposal, { expected }: SetPolicyRequest): Refusal | null {
  if ((held?.hash ?? null) === expected) return null
  const now = held === null ? say`none is` : say`version ${held.version} (${held.hash.slice(0, 19)}…) of ${held.by} is`
  const said = say`the policy in force for ${environment} is not the one that was shown: ${now} now. Look at the difference again: stellwerk policy diff -e ${environment}`
  return refusal('conflict', said)
}

function sha256(text: string): string {
  return hash('sha256', text)
}
