/**
 * What a rollout's events mean for the row of its environment: who holds it, who waits, what is stable, what may not come back.
 * Pure, and the same for the row that is kept beside the log and for the one that is made again from it (law L2).
 */
import type { Json } from '../core/json.ts'
import type { PlannedComponent } from '../core/plan.ts'
import { aftermathOf } from '../core/rollout/aftermath.ts'
import type { StableRelease } from '../core/rollout/inputs.ts'
import { holdsEnvironment, type RolloutState } from '../core/rollout/state.ts'
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

/**
 * `waits`: in the queue · `admitted`: let in, and nothing begun · `holds`: it may move traffic, or needs a human · `out`: ended.
 */
type Place = 'waits' | 'admitted' | 'holds' | 'out'

/** What one or more events of a rollout change in the row of its environment; small, so that a whole log of it can be kept. */
export type EnvironmentNews = {
  readonly service: string
  readonly environment: string
  readonly rollout: string
  /** Where it stands now; null: where it stood. */
  readonly place: Place | null
  /** Of a request: what it is made of. */
  readonly requested: readonly PlannedComponent[] | null
  /** Undefined: what was stable still is. */
  readonly stable?: StableRelease | null
  readonly barred: { readonly identity: string; readonly reason: string } | null
}

export function environmentFacts(row: Pick<EnvironmentRow, 'facts'>): EnvironmentFacts {
  return (row.facts as EnvironmentFacts | null) ?? { stable: null, rollouts: 0 }
}

/** Null: these events change nothing there. */
export function newsBetween(before: RolloutState | null, state: RolloutState): EnvironmentNews | null {
  const place = placeOf(state)
  const moved = before === null || placeOf(before) !== place
  if (!moved && before.status === state.status) return null
  const { stable, quarantine } = aftermathOf(before, state)
  return {
    service: state.plan.service,
    environment: state.plan.environment,
    rollout: state.id,
    place: moved ? place : null,
    requested: before === null ? state.plan.components : null,
    ...(stable === undefined ? {} : { stable }),
    barred: quarantine === null ? null : { identity: state.identity, reason: quarantine },
  }
}

export function afterNews(row: EnvironmentRow, news: EnvironmentNews): EnvironmentRow {
  const { holder, queue } = news.place === null ? row : placed(row, news.rollout, news.place)
  const facts = environmentFacts(row)
  const next: EnvironmentFacts = {
    ...facts,
    ...(news.stable === undefined ? {} : { stable: news.stable }),
    ...(news.requested === null
      ? {}
      : { rollouts: facts.rollouts + 1, places: withPlaces(facts.places ?? [], news.requested) }),
    ...(news.barred === null ? {} : barring(facts, news.barred.identity)),
  }
  return { ...row, holder, queue, facts: next as unknown as Json }
}

function placed({ holder, queue }: EnvironmentRow, rollout: string, place: Place) {
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

function placeOf(state: RolloutState): Place {
  if (state.status === 'queued') return state.admitted ? 'admitted' : 'waits'
  return holdsEnvironment(state) ? 'holds' : 'out'
}

function barring({ barred = [] }: EnvironmentFacts, identity: string) {
  return barred.includes(identity) ? {} : { barred: [...barred, identity] }
}

/** By name: the newer one says where it is reached now. */
export function withPlaces(known: readonly PlannedComponent[], added: readonly PlannedComponent[]) {
  return [...known.filter(({ name }) => !added.some((each) => each.name === name)), ...added]
}
