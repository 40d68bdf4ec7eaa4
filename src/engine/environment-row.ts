/**
 * What a rollout's events mean for the row of its environment: who holds it, who waits, what is stable, what may not come back.
 * Pure, and the same for the row that is kept beside the log and for the one that is made again from it (law L2).
 */
import type { EnvironmentChange } from '../core/aggregate.ts'
import type { Json } from '../core/json.ts'
import type { PlannedComponent } from '../core/plan.ts'
import type { StableRelease } from '../core/rollout/inputs.ts'
import type { EnvironmentRow } from '../ports/store.ts'

/** What the environment row carries beside its holder and queue. */
export type EnvironmentFacts = {
  readonly stable: StableRelease | null
  /** How many rollouts were ever requested here. */
  readonly rollouts: number
  /** Identities that were rolled back here. Absent in rows of earlier versions, which have only the table. */
  readonly barred?: readonly string[]
  /** Every component of which something may be here, by name (`places.ts`); absent before the first request that kept it. */
  readonly places?: readonly PlannedComponent[]
}

export function environmentFacts(row: Pick<EnvironmentRow, 'facts'>): EnvironmentFacts {
  return (row.facts as EnvironmentFacts | null) ?? { stable: null, rollouts: 0 }
}

export function afterChange(row: EnvironmentRow, change: EnvironmentChange): EnvironmentRow {
  const { holder, queue } = change.place === null ? row : placed(row, change.rollout, change.place)
  const facts = environmentFacts(row)
  const next: EnvironmentFacts = {
    ...facts,
    ...(change.stable === undefined ? {} : { stable: change.stable }),
    ...(change.requested === null
      ? {}
      : { rollouts: facts.rollouts + 1, places: withPlaces(facts.places ?? [], change.requested) }),
    ...(change.barred === null ? {} : barring(facts, change.barred.identity)),
  }
  return { ...row, holder, queue, facts: next as unknown as Json }
}

function placed({ holder, queue }: EnvironmentRow, rollout: string, place: NonNullable<EnvironmentChange['place']>) {
  const others = queue.filter((id) => id !== rollout)
  const given = holder === rollout ? null : holder
  switch (place) {
    case 'waits':
      return { holder: given, queue: [...others, rollout] }
    case 'admitted':
      return { holder: holder ?? rollout, queue: others }
    case 'holds':
      return { holder: rollout, queue: others }
    case 'out':
      return { holder: given, queue: others }
  }
}

function barring({ barred = [] }: EnvironmentFacts, identity: string) {
  return barred.includes(identity) ? {} : { barred: [...barred, identity] }
}

/** By name: the newer one says where it is reached now. */
export function withPlaces(known: readonly PlannedComponent[], added: readonly PlannedComponent[]) {
  return [...known.filter(({ name }) => !added.some((each) => each.name === name)), ...added]
}
