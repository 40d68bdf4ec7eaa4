/** Where people and pipelines of a rehearsal meet the control plane: the same methods as behind the HTTP API. */
import { rollouts } from '../core/rollout/aggregate.ts'
import { type Actor, type IntentFields, type IntentName, intentOf } from '../core/rollout/inputs.ts'
import type { ControlPlane, PlannedRollout } from '../engine/control-plane.ts'
import { stateOf } from '../engine/streams.ts'
import { ConnectionReset } from './connection.ts'
import type { House } from './house.ts'

export type Desk = {
  /** Ids of rollouts by version, in the order in which they were asked for. */
  readonly rollouts: ReadonlyMap<string, string>
  /** Under the version's own key: asked twice, it is one release. */
  request(version: string, by: Actor): Promise<void>
  /** Gives every approval that is open, each by somebody who holds its role. */
  approveAll(version: string): Promise<void>
  /** What the core refuses stands in the log; what cannot even be asked is an error of the scenario. */
  intend(version: string, intent: IntentName, by: Actor, approval?: string): Promise<void>
}

/** `next` is what the request under way is compiled to. */
export function openDesk(planned: (version: string) => PlannedRollout): {
  readonly next: () => PlannedRollout
  readonly at: (house: House) => Desk
} {
  let asked = ''
  return {
    next: () => planned(asked),
    at: (house) => deskAt(house, (version) => (asked = version)),
  }
}

function deskAt(house: House, ask: (version: string) => unknown): Desk {
  const ids = new Map<string, string>()
  const intend: Desk['intend'] = async (version, intent, by, approval) => {
    const id = ids.get(version)
    if (id === undefined) throw new Error(`${intent}: nobody has asked for ${version} yet`)
    await controlPlaneOf(house).intend(id, intentOf(intent, await saidOf(house, id, approval ?? null)), by)
  }
  return {
    rollouts: ids,
    intend,
    async request(version, by) {
      ask(version)
      // The spec is compiled beforehand, so that the request needs to say no more than whose turn it is.
      const answer = await controlPlaneOf(house).request({} as never, by, {
        owner: by.id,
        key: `rehearsed ${version}`,
        fingerprint: version,
      })
      if (!answer.ok) throw new Error(`the request for ${version} was refused: ${answer.message}`)
      ids.set(version, answer.value.id)
    },
    async approveAll(version) {
      const row = await house.store.row(ids.get(version) ?? '')
      const state = row && stateOf(rollouts, row)
      for (const { id, role } of state?.plan.approvals ?? []) {
        if (state?.approvals[id]) continue
        await intend(version, 'approve', { id: `person:some-${role}`, roles: [role] }, id)
      }
    },
  }
}

/** People of a rehearsal look at the plan before they say anything. */
async function saidOf(house: House, rollout: string, approval: string | null): Promise<IntentFields> {
  const row = await house.store.row(rollout)
  const state = row && stateOf(rollouts, row)
  const seen = { rollout, planHash: state?.planHash ?? '', identity: state?.identity ?? '' }
  const reason = 'as the scenario says'
  return { approval, seen, reason, note: reason, cause: 'person' }
}

function controlPlaneOf(house: House): ControlPlane {
  const alive = house.controlPlane()
  if (!alive) throw new ConnectionReset()
  return alive
}
