/** What stands beside the log of every kind of stream that the engine keeps, made again from its events (law L2). */
import type { Aggregate, EnvironmentChange, StreamState } from '../core/aggregate.ts'
import type { Json } from '../core/json.ts'
import { type PolicySet } from '../core/policy/policy.ts'
import type { PinnedData, ReceivedData } from '../core/pinned.ts'
import type { RehearsalRecord } from '../core/rollback-path.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
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
import { jobOf } from './drive.ts'
import { afterChange } from './environment-row.ts'
import { kinds } from './kinds.ts'
import { artifactRow, contentRow } from './artifacts.ts'
import { policyRow } from './policies.ts'
import { rehearsalRow } from './rehearsals.ts'
import { factsOf, foldOne, messageOf, rowOf } from './streams.ts'

type Told<S> = (requested: { readonly first: StoredEvent; readonly state: S; readonly at: Instant }) => Answered | null

/** Of streams that the engine runs. `told`: what was answered to whoever asked for it. */
function ofKind<S extends StreamState>(kind: Aggregate<S>, told: Told<S> = () => null): Projector {
  return (first) => {
    if (first.type !== kind.begins.event || first.forged) return null
    const changes: Placed[] = []
    let [state, requested, problem]: [S | null, S | null, string | null] = [null, null, null]
    return {
      see(event) {
        if (problem !== null) return
        try {
          const before: S | null = state
          state = foldOne(kind, before, event)
          if (!state) return
          if (!event.forged) changes.push(...changesOf(kind, before, { state, event }))
          // As the one was told who asked for it: after all that was decided at that moment.
          if (event.at === first.at) requested = state
        } catch (error) {
          problem = `event ${event.version}, ${event.type}: ${messageOf(error)}`
        }
      },
      beside: () =>
        state === null
          ? { ...NOTHING_BESIDE, problem }
          : {
              ...besideOf(kind, first.stream, { state, changes, problem }),
              answered: requested && told({ first, state: requested, at: first.at }),
            },
    }
  }
}

type Placed = EnvironmentChange & { readonly position: number }

function changesOf<S extends StreamState>(
  kind: Aggregate<S>,
  before: S | null,
  { state, event }: { readonly state: S; readonly event: StoredEvent },
): readonly Placed[] {
  return kind
    .effects(before, { state, events: [event] })
    .flatMap((effect) => (effect.type === 'environment' ? [{ ...effect, position: event.position }] : []))
}

type Seen<S> = { readonly state: S; readonly changes: readonly Placed[]; readonly problem: string | null }

/** One that cannot be folded to its end is due at once, so that whoever drives it says loudly that he cannot. */
function besideOf<S extends StreamState>(
  kind: Aggregate<S>,
  stream: string,
  { state, changes, problem }: Seen<S>,
): Beside {
  const row = problem === null ? rowOf(kind, stream, state) : { state: null, nextDue: instant(0) }
  return {
    ...NOTHING_BESIDE,
    row: { state: row.state, nextDue: row.nextDue, facts: factsOf(kind, state) },
    changes: changes.map((one) => ({ ...one, change: (before) => afterChange(before, one) })),
    barred: changes.flatMap(({ position, service, environment, barred }) =>
      barred === null ? [] : [{ position, service, environment, ...barred }],
    ),
    jobs: problem === null ? kind.unanswered(state).map((order) => jobOf(stream, order)) : [],
    problem,
  }
}

/** Logs of earlier versions do not say what was asked, so whoever asks again there asks anew. */
const answerOf: Told<RolloutState> = ({ first, state, at }) => {
  const { requestKey } = state
  const fingerprint = (first.data as unknown as EventData<'RolloutRequested'>).requestFingerprint ?? null
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
const artifact = ofNewest('ArtifactPinned', (data, version) =>
  flat(artifactRow(data as unknown as PinnedData, version)),
)
const content = ofNewest('ContentReceived', (data, version) =>
  flat(contentRow(data as unknown as ReceivedData, version)),
)

function flat({ row: { state, nextDue }, facts }: ReturnType<typeof policyRow>): Beside['row'] {
  return { state, nextDue, facts }
}

const run = kinds.map((kind) => (kind === rollouts ? ofKind(rollouts, answerOf) : ofKind(kind)))

export const ENGINE_PROJECTORS: readonly Projector[] = [...run, policy, rehearsal, artifact, content]
