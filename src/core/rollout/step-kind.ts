/** What a kind of step is, and what a step wants next. Steps look at the state and say; `decide` turns it into events. */
import { type Part, quote, say, saidOr, type Sentence, type Told } from '../say.ts'
import type { Judgement } from '../analysis/judge.ts'
import { isEmpty } from '../json.ts'
import type { Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import type { Verdict } from '../verdict.ts'
import { type Command, commandIdentity } from './commands.ts'
import type { Plan } from '../plan.ts'
import type { Cause, RolloutState } from './state.ts'

export type Move =
  | { readonly move: 'wait' }
  /** `tells`: the fact for which it is ordered, where people have to know of it. */
  | { readonly move: 'issue'; readonly commands: readonly Command[]; readonly tells?: RolloutEvent }
  | { readonly move: 'done'; readonly verdicts: readonly Verdict[] }
  | { readonly move: 'fail'; readonly cause: Cause; readonly said: Told; readonly verdict: Verdict | null }
  | { readonly move: 'ask'; readonly said: Told }

/** Judges a state at one moment. */
export type Judge = (state: RolloutState, requiredMs: number) => Judgement

type Ask<S> = (step: S, state: RolloutState, now: Instant, judge: Judge) => Move

/**
 * One kind of step, described once: views, waits, interlocks, plans and the model checker take from here what they need of it.
 * Nothing else in the core knows kinds by name but for what is theirs alone.
 */
type StepKind<S> = {
  /** What people are told while it lasts: `migrating`. */
  readonly phase: string
  /** What it waits for, after "waiting for": `the migration`. */
  readonly waitsFor: (step: S, state: RolloutState) => Sentence
  /** How often the world is looked at meanwhile: quickly, to end as soon as what was ordered is seen; or once a tick. */
  readonly looks: 'never' | 'quickly' | 'at ticks'
  /** Whose numbers the analysis judges while it lasts. It then ends only on a fresh pass, and may be shortened by a person. */
  readonly judges?: 'candidate' | 'live'
  /** What must have been seen within it before it ends (laws L4, L5): the model checker holds every end against it. */
  readonly ends?: (step: S) => Ends
  /** What its end means for the rollout, beside that it is over. */
  readonly ended?: (state: RolloutState, at: Instant) => Partial<RolloutState>
  /** How long it may take, what it wants, and what happens when its time is up (law L6). */
  readonly limitMs: (step: S, state: RolloutState) => number
  readonly run: Ask<S>
  readonly expire: Ask<S>
}

/** `share`, `live`: percent of the users seen on the candidate, and on live; both 0: the maintenance page. */
export type Ends = {
  readonly share?: number
  readonly live?: number
  readonly candidate?: 'ready' | 'gone'
  readonly previous?: 'ready'
  readonly smoke?: 'live'
}

export type ForwardKind<S> = StepKind<S> & {
  /** As progress names it where its kind alone does not tell: `shift 10 %`. */
  readonly name?: (step: S) => string
  /** Nothing has been touched yet: people and gates are asked. */
  readonly asks?: true
  /** Only while no user has met the candidate. */
  readonly beforeTraffic?: true
  /** The candidate's share while it lasts, in percent; absent: it has to do with no share. */
  readonly share?: (step: S) => number
  /** Kinds of the way back that take back what it did. */
  readonly rollback?: (plan: Plan) => readonly string[]
}

export type RollbackKind<S> = StepKind<S> & {
  /** Also while no user has met the candidate. */
  readonly beforeUsers?: true
  /** Also where there is no previous release to return to. */
  readonly withoutPrevious?: true
  /** What it is given by the plan, beside its kind. */
  readonly planned?: (plan: Plan) => Omit<S, 'kind'>
}

/** A control plane that dies is replaced within seconds; short holds and watches have to outlast that. */
export const TAKE_OVER_MS = 15_000

/** What a verdict says; `no verdict` of none. */
export function saidBy(verdict: Verdict | null): Told {
  return verdict === null ? say`no verdict` : saidOr(verdict.said, verdict.text)
}

export const wait: Move = { move: 'wait' }
export const done: Move = { move: 'done', verdicts: [] }

export function fail(cause: Cause, said: Told, verdict: Verdict | null = null): Move {
  return { move: 'fail', cause, said, verdict }
}

/** Issue what is missing, wait when there is nothing to issue. */
export function order(...commands: readonly Command[]): Move {
  return commands.length === 0 ? wait : { move: 'issue', commands }
}

/** A command that will never work ends its step at once; null while there is hope. */
export function hopeless(state: RolloutState, type: Command['type'], cause: Cause): Move | null {
  const found = Object.values(state.failures).find(({ of, kind }) => of === type && kind === 'permanent')
  return found ? fail(cause, quote(found.message)) : null
}

/** How this very command failed last within the step. */
export function failureOf({ failures }: RolloutState, command: Command): RolloutState['failures'][string] | null {
  return isEmpty(failures) ? null : (failures[commandIdentity(command)] ?? null)
}

/** The last failure of this kind of command, for texts: `: connection refused`, or nothing. */
export function lastFailure(state: RolloutState, type: Command['type']): Part {
  const found = Object.values(state.failures).find(({ of }) => of === type)
  return found ? say`: ${quote(found.message)}` : ''
}

/** This kind of command has an answer, and it is no: not one that got lost and may still come true. */
export function wasRefused(state: RolloutState, type: Command['type']): boolean {
  return Object.values(state.failures).some(({ of, kind }) => of === type && kind !== 'unknown')
}
