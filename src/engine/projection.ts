/** What stands beside the log of every kind of stream that the engine keeps, made again from its events (law L2). */
import type { Json } from '../core/json.ts'
import { type PolicySet } from '../core/policy/policy.ts'
import type { RehearsalRecord } from '../core/rollback-path.ts'
import type { EventData } from '../core/rollout/events.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import { type Instant, instant } from '../core/time.ts'
import {
  type Answered,
  type Beside,
  NOTHING_BESIDE,
  type Projector,
  type StreamProjection,
} from '../ports/projection.ts'
import type { StoredEvent } from '../ports/store.ts'
import { afterNews, type EnvironmentNews, newsBetween } from './environment-row.ts'
import { foldOne } from './fold.ts'
import { incidentRow, type OpenedIncident } from './incidents.ts'
import { policyRow } from './policies.ts'
import { rehearsalRow } from './rehearsals.ts'
import { commandJob, rolloutRow } from './rollouts.ts'

const rollout: Projector = ({ type, forged }) => {
  if (type !== 'RolloutRequested' || forged) return null
  const news: (EnvironmentNews & { readonly position: number })[] = []
  let [state, problem]: [RolloutState | null, string | null] = [null, null]
  let requested: Requested | null = null
  return {
    see(event) {
      if (problem !== null) return
      try {
        const before: RolloutState | null = state
        state = foldOne(before, event)
        const changed = state && newsBetween(before, state)
        if (changed) news.push({ ...changed, position: event.position })
        if (state && event.at === (requested?.at ?? event.at))
          requested = { at: event.at, state, fingerprint: fingerprintIn(event) ?? requested?.fingerprint ?? null }
      } catch (error) {
        problem = `event ${event.version}, ${event.type}: ${error instanceof Error ? error.message : String(error)}`
      }
    },
    beside: () => (state === null ? { ...NOTHING_BESIDE, problem } : besideOf(state, { news, requested, problem })),
  }
}

/** The rollout as the one was told who asked for it: after all that was decided at that moment. */
type Requested = { readonly at: Instant; readonly state: RolloutState; readonly fingerprint: string | null }

type Seen = {
  readonly news: readonly (EnvironmentNews & { readonly position: number })[]
  readonly requested: Requested | null
  readonly problem: string | null
}

/** One that cannot be folded to its end is due at once, so that whoever drives it says loudly that he cannot. */
function besideOf(state: RolloutState, { news, requested, problem }: Seen): Beside {
  const { row, facts } = rolloutRow(state)
  const kept = problem === null ? row : { state: null, nextDue: instant(0) }
  return {
    ...NOTHING_BESIDE,
    row: { ...kept, facts },
    changes: news.map((one) => ({ ...one, change: (before) => afterNews(before, one) })),
    barred: news.flatMap(({ position, service, environment, barred }) =>
      barred === null ? [] : [{ position, service, environment, ...barred }],
    ),
    answered: requested && answerOf(requested),
    jobs: problem === null ? state.pending.map((pending) => commandJob(state.id, pending)) : [],
    problem,
  }
}

function fingerprintIn({ type, data }: StoredEvent): string | null {
  if (type !== 'RolloutRequested') return null
  return (data as unknown as EventData<'RolloutRequested'>).requestFingerprint ?? null
}

/** Logs of earlier versions do not say what was asked, so whoever asks again there asks anew. */
function answerOf({ at, state, fingerprint }: Requested): Answered | null {
  const { requestKey } = state
  if (requestKey === null || fingerprint === null) return null
  const [owner = '', ...key] = requestKey.split(' ')
  const answer = { ok: true, value: viewOf(state, at) } as unknown as Json
  return { once: { owner, key: key.join(' '), fingerprint }, answer, at }
}

/** Of streams whose row is made of their newest event alone. */
function ofNewest(type: string, row: (data: Json, version: number) => Pick<Beside, 'row'>['row']): Projector {
  return (first) => {
    if (first.type !== type) return null
    let newest: StoredEvent | null = null
    const projection: StreamProjection = {
      see(event) {
        if (event.type === type && !event.forged) newest = event
      },
      beside: () => (newest === null ? NOTHING_BESIDE : { ...NOTHING_BESIDE, row: row(newest.data, newest.version) }),
    }
    return projection
  }
}

const policy = ofNewest('PolicySet', (data, version) => flat(policyRow(data as unknown as PolicySet, version)))
const rehearsal = ofNewest('RollbackRehearsed', (data, version) =>
  flat(rehearsalRow(data as unknown as RehearsalRecord, version)),
)
const incident = ofNewest('IncidentOpened', (data) => flat(incidentRow(data as unknown as OpenedIncident)))

function flat({ row: { state, nextDue }, facts }: ReturnType<typeof policyRow>): Beside['row'] {
  return { state, nextDue, facts }
}

export const ENGINE_PROJECTORS: readonly Projector[] = [rollout, policy, rehearsal, incident]
