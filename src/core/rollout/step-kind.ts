/** What a step wants next. Steps look at the state and say; `decide` turns it into events. */
import { type Part, quote, saidOr, say, type Told } from '../say.ts'
import { isEmpty } from '../json.ts'
import type { Instant } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import type { Command } from './commands.ts'
import { commandIdentity } from './orders.ts'
import type { Judge } from './judging.ts'
import type { Cause, RolloutState } from './state.ts'

export type Move =
  | { readonly move: 'wait' }
  | { readonly move: 'issue'; readonly commands: readonly Command[] }
  | { readonly move: 'done'; readonly verdicts: readonly Verdict[] }
  | { readonly move: 'fail'; readonly cause: Cause; readonly said: Told; readonly verdict: Verdict | null }
  | { readonly move: 'ask'; readonly said: Told }

type Ask<S> = (step: S, state: RolloutState, now: Instant, judge: Judge) => Move

/** One kind of step: how long it may take, what it wants, and what happens when its time is up (law L6). */
export type StepKind<S> = {
  readonly limitMs: (step: S, state: RolloutState) => number
  readonly run: Ask<S>
  readonly expire: Ask<S>
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
  const found = Object.entries(state.failures).find(
    ([identity, { kind }]) => kind === 'permanent' && identity.includes(`"type":"${type}"`),
  )
  return found ? fail(cause, quote(found[1].message)) : null
}

/** How this very command failed last within the step. */
export function failureOf({ failures }: RolloutState, command: Command): RolloutState['failures'][string] | null {
  return isEmpty(failures) ? null : (failures[commandIdentity(command)] ?? null)
}

/** The last failure of this kind of command, for texts: `: connection refused`, or nothing. */
export function lastFailure(state: RolloutState, type: Command['type']): Part {
  const found = Object.entries(state.failures).find(([identity]) => identity.includes(`"type":"${type}"`))
  return found ? say`: ${quote(found[1].message)}` : ''
}

/** This kind of command has an answer, and it is no: not one that got lost and may still come true. */
export function wasRefused(state: RolloutState, type: Command['type']): boolean {
  return Object.entries(state.failures).some(
    ([identity, { kind }]) => kind !== 'unknown' && identity.includes(`"type":"${type}"`),
  )
}
