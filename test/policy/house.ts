/** For tests of policies: the real engine over the memory store, and people who ask and approve. */
import assert from 'node:assert/strict'
import { type Plan, planHash, type PlannedApproval, type PlannedGate } from '../../src/core/plan.ts'
import { consentSteps, policyOf } from '../../src/core/policy/policy.ts'
import type { Actor, Seen } from '../../src/core/rollout/inputs.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { memoryQueue } from '../../src/testing/memory-queue.ts'
import { memoryStore } from '../../src/testing/memory-store.ts'
import { planFor } from '../../src/testing/plans.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'
import type { ControlPlane, RequestTerms } from '../../src/engine/control-plane.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'

export const CI: Actor = { id: 'ci:github', roles: [], token: 'tok_ci' }
export const KIM: Actor = { id: 'person:kim', roles: [] }
export const EVE: Actor = { id: 'person:eve', roles: [] }
export const ROOT: Actor = { id: 'person:root', roles: [], token: 'tok_root' }
/** A token that may deploy and nothing else. */
export const DEPLOY: RequestTerms = { maySetPolicy: false, reach: { services: null, environments: null } }

export const COMMAND: PlannedGate = {
  id: 'command',
  kind: 'command',
  options: { run: 'node check.js' },
  runs: 'command',
}
export const PINNED: PlannedGate = { id: 'artifact-pinned', kind: 'artifact-pinned', options: {} }

/** A spec's plan: who is asked, which gates there are. */
export function spec(asked: Readonly<Record<string, readonly string[]>>, changes: Partial<Plan> = {}): Plan {
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

export const ASKED = spec({ maintainer: [KIM.id] })
export const UNASKED = spec({})

/** The engine on a virtual clock; `next` is what the next request is compiled to. */
function engineRoom(next: () => Plan) {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const queue = memoryQueue({ clock, store, failed: (_, error) => assert.fail(String(error)) })
  const checked: string[] = []
  const gate = (id: string) => {
    checked.push(id)
    return 'pass' as const
  }
  const { adapters } = fakeOutside({ now: () => clock.now(), gate })
  const shared = { store, queue, clock, adapters, log: silent }
  const engine = createEngine(shared)
  const controlPlane = createControlPlane({
    ...shared,
    engine,
    compile: async () => {
      const plan = next()
      return {
        ok: true,
        value: { plan, planHash: planHash(plan, String), identity: `identity of ${plan.artifact.version}` },
      }
    },
    audit: { verify: never, checkpoint: never, export: () => assert.fail('not under test') },
    health: async () => ({ ok: true, checks: [] }),
    policies: {
      strengths: {},
      propose: async (_, environment) => {
        return { ok: true, value: { service: next().service, policy: policyOf({ ...next(), environment }) } }
      },
    },
  })
  return { clock, store, engine, controlPlane, checked }
}

function house() {
  let next: Plan = ASKED
  const room = engineRoom(() => next)
  const { controlPlane, clock } = room
  const view = async (id: string) => {
    const answer = await controlPlane.rollout(id)
    assert.ok(answer.ok)
    return answer.value
  }
  const seenOf = async (id: string): Promise<Seen> => {
    const { planHash: hash, identity } = await view(id)
    return { rollout: id, identity, planHash: hash }
  }
  const reached = async (id: string, phases: readonly string[]) => {
    for (let waited = 0; waited < 600_000; waited += 250) {
      const { phase } = await view(id)
      if (phases.includes(phase)) return phase
      await clock.advance(250)
    }
    return assert.fail(`${id} is ${(await view(id)).phase} instead of ${phases.join(' or ')}`)
  }
  const spells = (plan: Plan) => {
    next = plan
  }
  return { ...room, view, seenOf, reached, ...people({ controlPlane, seenOf, spells }) }
}

type Stage = {
  readonly controlPlane: ControlPlane
  readonly seenOf: (id: string) => Promise<Seen>
  /** From now on the spec says this. */
  readonly spells: (plan: Plan) => void
}

/** Who asks, approves and sets policies. */
function people({ controlPlane, seenOf, spells }: Stage) {
  const held = () => controlPlane.policyHistory('shop', 'prod')
  return {
    held,
    ask: (plan: Plan, { by = CI, terms = DEPLOY }: { by?: Actor; terms?: RequestTerms } = {}) => {
      spells(plan)
      return controlPlane.request({} as never, by, null, terms)
    },
    approve: async (id: string, by: Actor, seen: Partial<Seen> = {}) =>
      controlPlane.intend(id, { type: 'approve', approval: null, seen: { ...(await seenOf(id)), ...seen } }, by),
    set: async (plan: Plan, expected?: string | null) => {
      spells(plan)
      const now = (await held()).at(-1)?.hash ?? null
      const request = { source: {} as never, environment: 'prod', expected: expected === undefined ? now : expected }
      return controlPlane.setPolicy({ ...request, note: 'as agreed' }, ROOT)
    },
  }
}

function never(): Promise<never> {
  return Promise.reject(new Error('not under test'))
}

export async function started() {
  const there = house()
  await there.engine.start()
  return there
}

/** An environment whose policy asks a maintainer, and a release that finalized under it. */
export async function guarded() {
  const there = await started()
  assert.ok((await there.set(ASKED)).ok)
  const first = await there.ask(ASKED)
  assert.ok(first.ok)
  assert.ok((await there.approve(first.value.id, KIM)).ok)
  await there.reached(first.value.id, ['finalized'])
  return there
}

export const version = (plan: Plan, name: string): Plan => ({ ...plan, artifact: { ...plan.artifact, version: name } })
export const ENDS = ['finalized', 'aborted', 'rolled-back', 'needs-human']
