/**
 * Every kind of step; a new one is its file and its line here. What steps there are, on the way forward and back, and the
 * phases that people are told, follow from these tables.
 */
import type { RollbackStep, Plan, Step } from '../../plan.ts'
import type { RollbackKind, ForwardKind } from '../step-kind.ts'
import { activate } from './activate.ts'
import { mitigate, reactivate, restorePrevious, schema, smokeLive, trafficBack, watch } from './rollback.ts'
import { deploy } from './deploy.ts'
import { approvals, gates } from './gates.ts'
import { migrate, smoke, verifyLive } from './smoke.ts'
import { stopCandidate } from './stop-candidate.ts'
import { bake, finalize, hold, shift } from './traffic.ts'

const FORWARD = {
  gates,
  approvals,
  deploy,
  migrate,
  smoke,
  activate,
  shift,
  hold,
  bake,
  'verify-live': verifyLive,
  finalize,
} as const

/** In the order in which they are taken: traffic first, then everything else. */
const ROLLBACK = {
  mitigate,
  'restore-previous': restorePrevious,
  'traffic-back': trafficBack,
  'stop-candidate': stopCandidate,
  schema,
  reactivate,
  'smoke-live': smokeLive,
  watch,
} as const

type StepOf<K> = K extends { readonly limitMs: (step: infer S, ...rest: never[]) => number } ? S : never
type KindsIn<T> = T[keyof T]

/** Each kind with what it needs to be told: what plans are made of, and what there are words for. */
export type KnownStep = StepOf<KindsIn<typeof FORWARD>>
export type KnownRollbackStep = StepOf<KindsIn<typeof ROLLBACK>>
export type StepName = keyof typeof FORWARD
export type ForwardPhase = KindsIn<typeof FORWARD>['phase']
export type RollbackPhase = KindsIn<typeof ROLLBACK>['phase']

export const STEP_NAMES = Object.keys(FORWARD) as readonly StepName[]
export const FORWARD_PHASES: readonly ForwardPhase[] = Object.values(FORWARD).map(({ phase }) => phase)
export const ROLLBACK_PHASES: readonly RollbackPhase[] = Object.values(ROLLBACK).map(({ phase }) => phase)

export function isKnown({ kind }: Step): boolean {
  return Object.hasOwn(FORWARD, kind)
}

/** Throws on a kind that another version of Stellwerk wrote: nothing is guessed about what it would have done. */
export function forwardKind({ kind }: Step): ForwardKind<Step> & { readonly phase: ForwardPhase } {
  return kindIn(FORWARD, kind) as unknown as ForwardKind<Step> & { readonly phase: ForwardPhase }
}

export function rollbackKind({ kind }: RollbackStep): RollbackKind<RollbackStep> & { readonly phase: RollbackPhase } {
  return kindIn(ROLLBACK, kind) as unknown as RollbackKind<RollbackStep> & { readonly phase: RollbackPhase }
}

function kindIn<T extends object>(table: T, kind: string): KindsIn<T> {
  if (Object.hasOwn(table, kind)) return table[kind as keyof T]
  throw new Error(`the plan has a step "${kind}", which this version of Stellwerk does not know`)
}

/**
 * The way back from step `index` (R-F05), known before anything starts: all that takes back what the steps so far have done.
 * Before the first shift nothing but the candidate has to go; afterwards traffic returns first and everything else follows.
 */
export function rollbackPlanFrom(plan: Plan, index: number): readonly KnownRollbackStep[] {
  const wanted = plan.steps.slice(0, index + 1).flatMap((step) => forwardKind(step).rollback?.(plan) ?? [])
  return Object.keys(ROLLBACK)
    .filter((kind) => wanted.includes(kind))
    .map((kind) => ({ kind, ...rollbackKind({ kind }).planned?.(plan) }) as KnownRollbackStep)
}
