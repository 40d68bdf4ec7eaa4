/**
 * `decide(state, input, now) → { events, commands }`: everything Stellwerk ever decides about a release.
 *
 * An input is first recorded as facts; then the rollout is driven until nothing more follows from what is known. Each turn
 * of that loop looks at the state alone, so it does not matter whether it runs at once, after a crash, in a rehearsal or in
 * an audit. Every event passes the interlocks before it counts.
 */
import { reconcile } from './reconcile.ts'
import type { Instant } from '../time.ts'
import type { Recorded, RolloutEvent } from './events.ts'
import { drive } from './drive.ts'
import { judgeAt } from './judging.ts'
import type { Input, WorldSeen } from './inputs.ts'
import { assertInterlocks } from './interlocks.ts'
import { evolve } from './evolve.ts'
import { followUps } from './messages.ts'
import { answers, worldFact } from './orders.ts'
import { requests } from './intents.ts'
import type { RolloutState } from './state.ts'
import { timeShift } from './time-shift.ts'
import { trustNews } from './trust-news.ts'
import type { Command } from './commands.ts'

export type Issued = {
  readonly key: string
  readonly command: Command
  readonly due: Instant
  readonly deadline: Instant
}

export type Decision = {
  readonly state: RolloutState
  readonly events: readonly Recorded[]
  /** The commands among the events: `key` is the version of the event that issued each. */
  readonly commands: readonly Issued[]
}

/** More turns than any rollout ever takes for one input: reaching it is a programmer error, not a long release. */
const TURNS_MAX = 200

type Draft = {
  state: RolloutState | null
  readonly events: Recorded[]
  readonly now: Instant
  /** Of the request that is decided here; everything that follows from it at once names it. */
  readonly by: { readonly token?: string }
}

/**
 * `held`: the log cannot be trusted now, so nothing advances and nothing is ended for good; what is failing still turns round,
 * and a way back goes on.
 */
export function decide(state: RolloutState | null, input: Input, now: Instant, held = false): Decision {
  const shift = state ? timeShift(state, now) : []
  const { actor, ...by } = callerOf(input)
  // A database's clock may run a little behind another session's; a real jump is recorded and followed.
  const draft: Draft = {
    state,
    events: [],
    now: state && shift.length === 0 && now < state.lastAt ? state.lastAt : now,
    by,
  }
  push(draft, shift, 'system')
  push(draft, record(draft.state, input, draft.now), actor)
  const judge = judgeAt(draft.now)
  for (let turn = 0; ; turn += 1) {
    if (turn > TURNS_MAX) throw new Error(`no rest after ${TURNS_MAX} turns; last event ${draft.events.at(-1)?.type}`)
    const next = draft.state ? drive(draft.state, draft.now, judge, held) : []
    if (next.length === 0) break
    push(draft, next, 'system')
  }
  if (!draft.state) throw new Error(`${input.type} for a rollout that does not exist`)
  return { state: draft.state, events: draft.events, commands: draft.events.flatMap(issued) }
}

/** Who wants it, and by which token; `system` where the world or time speaks. */
function callerOf(input: Input): { readonly actor: string; readonly token?: string } {
  if (!('by' in input) || typeof input.by === 'string') return { actor: 'system' }
  const { id, token } = input.by
  return token === undefined ? { actor: id } : { actor: id, token }
}

function record(state: RolloutState | null, input: Input, now: Instant): readonly RolloutEvent[] {
  if (input.type === 'tick') return []
  if (input.type === 'log-trust') return state ? trustNews(state, input) : []
  if (input.type === 'command-finished') return state ? answers(state, input, now) : []
  if (input.type === 'world-seen') return state ? seen(state, input, now) : []
  return requests(state, input, now)
}

/** Between releases. */
function seen(state: RolloutState, { world, isHeld }: WorldSeen, now: Instant): readonly RolloutEvent[] {
  return [worldFact(null, world), ...(isHeld ? [] : reconcile(state, world, now))]
}

/** Folds events in, each checked by the interlocks first, each followed by what people are told of it. */
function push(draft: Draft, events: readonly RolloutEvent[], actor: string): void {
  for (const event of events) {
    const recorded: Recorded = { ...event, version: (draft.state?.version ?? 0) + 1, at: draft.now, actor, ...draft.by }
    assertInterlocks(draft.state, recorded)
    draft.state = evolve(draft.state, recorded)
    draft.events.push(recorded)
    push(draft, followUps(draft.state, event, draft.now), 'system')
  }
}

/** The command that this event issues, if it does: its key is the event's version. */
export function issued(event: Recorded): readonly Issued[] {
  if (event.type !== 'CommandIssued') return []
  const { command, due, deadline } = event.data
  return [{ key: String(event.version), command, due, deadline }]
}
