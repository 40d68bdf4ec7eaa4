/** Where people and pipelines of a rehearsal meet the control plane: the same methods as behind the HTTP API. */
import { rollouts } from '../core/rollout/aggregate.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { ControlPlane, Intent, PlannedRollout } from '../engine/control-plane.ts'
import { stateOf } from '../engine/streams.ts'
import { ConnectionReset } from './connection.ts'
import type { House } from './house.ts'

type Approve = Extract<Intent, { type: 'approve' }>
/** What a person wants, who has seen what is there now. */
export type IntentRequest = Exclude<Intent, Approve> | Omit<Approve, 'seen'>

export type Desk = {
  /** Ids of rollouts by version, in the order in which they were asked for. */
  readonly rollouts: ReadonlyMap<string, string>
  /** Under the version's own key: asked twice, it is one release. */
  request(version: string, by: Actor): Promise<void>
  /** Gives every approval that is open, each by somebody who holds its role. */
  approveAll(version: string): Promise<void>
  /** What the core refuses stands in the log; what cannot even be asked is an error of the scenario. */
  intend(version: string, request: IntentRequest, by: Actor): Promise<void>
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
  const intend: Desk['intend'] = async (version, request, by) => {
    const id = ids.get(version)
    if (id === undefined) throw new Error(`${request.type}: nobody has asked for ${version} yet`)
    await controlPlaneOf(house).intend(id, await intentOf(house, id, request), by)
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
        await intend(version, { type: 'approve', approval: id }, { id: `person:some-${role}`, roles: [role] })
      }
    },
  }
}

/** People of a rehearsal look at the plan before they approve it. */
async function intentOf(house: House, rollout: string, request: IntentRequest): Promise<Intent> {
  if (request.type !== 'approve') return request
  const row = await house.store.row(rollout)
  const state = row && stateOf(rollouts, row)
  return { ...request, seen: { rollout, planHash: state?.planHash ?? '', identity: state?.identity ?? '' } }
}

function controlPlaneOf(house: House): ControlPlane {
  const alive = house.controlPlane()
  if (!alive) throw new ConnectionReset()
  return alive
}
