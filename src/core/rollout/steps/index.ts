/** Every kind of step; a new one is its file and its line here. */
import type { BackStep, Step } from '../../plan.ts'
import { damp, reactivate, restorePrevious, schema, smokeLive, stopCandidate, trafficBack, watch } from './back.ts'
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

const back: { readonly [K in BackStep['kind']]: StepKind<Extract<BackStep, { kind: K }>> } = {
  damp,
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

export function backKind(step: BackStep): StepKind<BackStep> {
  return back[step.kind] as StepKind<BackStep>
}
