/** Every kind of step; a new one is its file and its line here. */
import type { RollbackStep, Step } from '../../plan.ts'
import {
  mitigate,
  reactivate,
  restorePrevious,
  schema,
  smokeLive,
  stopCandidate,
  trafficBack,
  watch,
} from './rollback.ts'
import type { StepKind } from '../step-kind.ts'
import { activate } from './activate.ts'
import { deploy } from './deploy.ts'
import { approvals, gates } from './gates.ts'
import { migrate, smoke, verifyLive } from './smoke.ts'
import { bake, finalize, hold, shift } from './traffic.ts'

const forward: { readonly [K in Step['kind']]: StepKind<Extract<Step, { kind: K }>> } = {
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
}

const back: { readonly [K in RollbackStep['kind']]: StepKind<Extract<RollbackStep, { kind: K }>> } = {
  mitigate,
  'restore-previous': restorePrevious,
  'traffic-back': trafficBack,
  'stop-candidate': stopCandidate,
  schema,
  reactivate,
  'smoke-live': smokeLive,
  watch,
}

export function forwardKind(step: Step): StepKind<Step> {
  return forward[step.kind] as StepKind<Step>
}

export function rollbackKind(step: RollbackStep): StepKind<RollbackStep> {
  return back[step.kind] as StepKind<RollbackStep>
}
