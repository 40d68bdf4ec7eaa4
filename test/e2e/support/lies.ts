/** Where the status differed from what was observed from outside: each function answers the differences as sentences. */
import type { EnvironmentView } from '../../../src/core/views.ts'
import type { StoredEvent } from '../../../src/ports/store.ts'
import type { Answers, Seen, Testimony, Weights } from './witness.ts'

/** The weights of every statement were in force at some moment between the question and the answer. */
export function weightLies({ statements, routes }: Testimony): readonly string[] {
  return statements.flatMap((statement) =>
    statement.value.flatMap((view) => {
      const said = weightsSaid(view)
      const inForce = around(routes, statement).map(({ value }) => value[view.environment] ?? { blue: 0, green: 0 })
      if (said === null || inForce.some((weights) => sameWeights(weights, said))) return []
      return [`${at(statement)} ${view.environment}: said ${text(said)}, in force ${inForce.map(text).join(' or ')}`]
    }),
  )
}

export type WhoAnswered = {
  /** Versions that answer nothing although they get traffic: a build that hangs or crashes. */
  readonly mute: readonly string[]
}

const INTERVAL_MS = 500
/** A request that began before a switch may be answered this much later. */
const LATE_MS = 2500
const STEADY_MS = 2500

/** Who answered users was said to serve, and who was said to serve answered. */
export function answerLies(testimony: Testimony, { mute }: WhoAnswered): readonly string[] {
  return Object.entries(testimony.answers).flatMap(([environment, counts]) => {
    const said = testimony.statements.map((statement) => ({
      ...statement,
      value: servingSaid(statement.value, environment),
    }))
    return [...strangers(environment, counts, said), ...silent(environment, counts, said, mute)]
  })
}

type Said = Seen<readonly string[]>

function strangers(environment: string, counts: readonly Seen<Answers>[], said: readonly Said[]): readonly string[] {
  return everyMs(counts, INTERVAL_MS).flatMap(([before, after]) => {
    const near = said.filter(({ from, to }) => to >= before.from - LATE_MS && from <= after.to + INTERVAL_MS)
    if (near.length === 0) return []
    // On a busy machine one statement may take longer than a switch: the first one asked after the answers knows it.
    const next = said.find(({ from }) => from > after.to)
    const known = new Set([...near, ...(next ? [next] : [])].flatMap(({ value }) => value))
    const unsaid = answeredBetween(before, after).filter((version) => !known.has(version))
    return unsaid.map(
      (version) => `${at(after)} ${environment}: ${version} answered, said to serve: ${[...known].join()}`,
    )
  })
}

function silent(
  environment: string,
  counts: readonly Seen<Answers>[],
  said: readonly Said[],
  mute: readonly string[],
): readonly string[] {
  return everyMs(counts, STEADY_MS).flatMap(([before, after]) => {
    const within = said.filter(({ from, to }) => to >= before.from - INTERVAL_MS && from <= after.to + INTERVAL_MS)
    const [first] = within
    if (!first || within.length < 3) return []
    const all = first.value.filter((version) => within.every(({ value }) => value.includes(version)))
    const answered = answeredBetween(before, after)
    return all
      .filter((version) => !answered.includes(version) && !mute.includes(version))
      .map(
        (version) =>
          `${at(after)} ${environment}: ${version} was said to serve for ${STEADY_MS} ms and answered nobody`,
      )
  })
}

const FORWARD: Readonly<Record<string, string>> = {
  gates: 'gates',
  approvals: 'approvals',
  deploy: 'deploying',
  smoke: 'smoking',
  shift: 'shifting',
  hold: 'holding',
  bake: 'baking',
  'verify-live': 'verifying-live',
  finalize: 'finalizing',
}
const BACK: Readonly<Record<string, string>> = {
  'restore-previous': 'restoring-previous',
  'stop-candidate': 'stopping-candidate',
  'smoke-live': 'smoking',
  'traffic-back': 'traffic-back',
  watch: 'watching',
}
/** Between the decision and its commit the log is ahead of what can be read. */
const COMMIT_MS = 500

/** The phase of every statement is that of the log at some moment between the question and the answer. */
export function phaseLies({ statements }: Testimony, events: readonly StoredEvent[]): readonly string[] {
  const timelines = timelinesOf(events)
  return statements.flatMap((statement) =>
    statement.value.flatMap(({ environment, holder }) => {
      if (holder === null) return []
      const timeline = timelines.get(holder.id) ?? []
      const possible = timeline
        .filter(({ at }, index) => {
          const next = timeline[index + 1]?.at ?? Number.POSITIVE_INFINITY
          return at <= statement.to && next >= statement.from - COMMIT_MS
        })
        .map(({ phase }) => phase)
      if (possible.includes(holder.phase)) return []
      return [`${at(statement)} ${environment}: said ${holder.phase}, the log says ${possible.join(' or ')}`]
    }),
  )
}

type Moment = { readonly at: number; readonly phase: string }

/** The phases of each rollout, told from the types of its events alone. */
function timelinesOf(events: readonly StoredEvent[]): ReadonlyMap<string, readonly Moment[]> {
  const timelines = new Map<string, Moment[]>()
  for (const event of events) {
    const timeline = timelines.get(event.stream) ?? []
    timelines.set(event.stream, timeline)
    const phase = phaseAfter(event, timeline.at(-1)?.phase ?? '')
    if (phase !== null) timeline.push({ at: event.at, phase })
  }
  return timelines
}

const AFTER: Readonly<Record<string, string>> = {
  RolloutRequested: 'requested',
  RolloutAdmitted: 'requested',
  RolloutQueued: 'queued',
  Finalized: 'finalized',
  Aborted: 'aborted',
  RolledBack: 'rolled-back',
  NeedsHuman: 'needs-human',
  Resolved: 'resolved',
}

function phaseAfter({ type, data }: StoredEvent, before: string): string | null {
  const facts = data as { readonly track?: string; readonly mode?: string; readonly step?: { readonly kind: string } }
  const kind = facts.step?.kind ?? ''
  if (type === 'RollbackTriggered') return facts.mode === 'abort' ? 'aborting' : 'rolling-back: traffic-back'
  if (type !== 'StepStarted') return AFTER[type] ?? null
  if (facts.track === 'forward') return FORWARD[kind] ?? `unknown step ${kind}`
  return before === 'aborting' ? null : `rolling-back: ${BACK[kind] ?? kind}`
}

function weightsSaid({ serving: [api] }: EnvironmentView): Weights | null {
  if (!api || api.observedAt === null) return null
  const of = (slot: 'blue' | 'green') => api.slots.find((each) => each.slot === slot)?.weight ?? 0
  return { blue: of('blue'), green: of('green') }
}

function servingSaid(views: readonly EnvironmentView[], environment: string): readonly string[] {
  const api = views.find((view) => view.environment === environment)?.serving[0]
  return (api?.slots ?? []).filter(({ weight }) => weight > 0).map(({ version }) => version ?? 'unknown')
}

/** What was seen last before, everything within, and first after: between two looks a value may have been either. */
function around<T>(looks: readonly Seen<T>[], { from, to }: Seen<unknown>): readonly Seen<T>[] {
  const before = looks.findLast((look) => look.to <= from)
  const after = looks.find((look) => look.from >= to)
  const within = looks.filter((look) => look.to > from && look.from < to)
  return [before, ...within, after].filter((look) => look !== undefined)
}

function everyMs<T>(looks: readonly Seen<T>[], ms: number): readonly (readonly [Seen<T>, Seen<T>])[] {
  const pairs: (readonly [Seen<T>, Seen<T>])[] = []
  let [last] = looks
  for (const look of looks) {
    if (!last || look.from - last.from < ms) continue
    pairs.push([last, look])
    last = look
  }
  return pairs
}

function answeredBetween(before: Seen<Answers>, after: Seen<Answers>): readonly string[] {
  return Object.keys(after.value).filter(
    (version) => version !== 'none' && (after.value[version] ?? 0) > (before.value[version] ?? 0),
  )
}

function sameWeights(a: Weights, b: Weights): boolean {
  return a.blue === b.blue && a.green === b.green
}

function text({ blue, green }: Weights): string {
  return `blue ${blue} green ${green}`
}

function at({ from, to }: Seen<unknown>): string {
  return `${new Date(from).toISOString().slice(11)}–${new Date(to).toISOString().slice(17)}`
}
