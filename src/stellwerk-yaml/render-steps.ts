import { rollbackPlanFrom, type KnownStep, type KnownRollbackStep } from '../core/rollout/steps/index.ts'
import type { Plan, RollbackStep, Step } from '../core/plan.ts'
import { durationText } from './duration.ts'

/** Every step with its number, what it does, and how long it lasts or may take. */
export function stepRows(plan: Plan): readonly (readonly string[])[] {
  return plan.steps.map((step, index) => [String(index + 1).padStart(2), ...stepTexts(step as KnownStep, plan)])
}

/** What a step does, and how long it may take at most or lasts. */
export function stepTexts(step: KnownStep, { timings, gates, approvals, smoke }: Plan): readonly [string, string] {
  const switchMs = timings.startLimitMs + timings.slowCommandLimitMs
  const within = (ms: number) => `within ${durationText(ms)}`
  switch (step.kind) {
    case 'gates':
      return [gatesText(step.gates, gates), within(timings.gatesLimitMs)]
    case 'approvals':
      return [count('wait for', approvals.length, 'approval'), within(timings.approvalsLimitMs)]
    case 'deploy':
      return [`deploy ${step.component} × ${step.instances}`, within(timings.startLimitMs)]
    case 'activate':
      return ["stop live's workers, then start the candidate's", within(switchMs)]
    case 'migrate':
      return ['migrate (expand)', within(timings.migrateLimitMs)]
    case 'smoke':
      return [`smoke-test the candidate (${smoke.length})`, within(timings.smokeLimitMs)]
    case 'shift':
      return [`shift traffic to ${step.weight}%`, within(timings.shiftLimitMs)]
    case 'hold':
      return [`hold ${step.weight}%`, `for ${durationText(step.holdMs)}`]
    case 'bake':
      return ['bake at 100%', `for ${durationText(step.holdMs)}`]
    case 'verify-live':
      return [`smoke-test live (${smoke.length})`, within(timings.smokeLimitMs)]
    case 'finalize':
      return ['finalize', `previous release stays warm for ${durationText(timings.rollbackWindowMs)}`]
    // A kind that has no row of its own says what it is.
    default:
      return [(step as Step).kind, '']
  }
}

function gatesText(here: readonly string[] | undefined, all: Plan['gates']): string {
  const counted = count('check', here?.length ?? all.length, 'gate')
  return here === undefined ? counted : `${counted}: ${here.join(', ')}`
}

function count(verb: string, number: number, thing: string): string {
  return `${verb} ${number} ${thing}${number === 1 ? '' : 's'}`
}

/** Steps from which the way back is the same stand in one row. */
export function rollbackRows(plan: Plan): readonly (readonly string[])[] {
  const rows: { readonly from: number; to: number; readonly back: string }[] = []
  for (const [index] of plan.steps.entries()) {
    const steps = rollbackPlanFrom(plan, index).map((step) => rollbackText(step, plan))
    const back = steps.length > 0 ? steps.join(' → ') : 'nothing to take back'
    const last = rows.at(-1)
    if (last?.back === back) last.to = index
    else rows.push({ from: index, to: index, back })
  }
  return rows.map(({ from, to, back }) => [from === to ? `from ${from + 1}` : `from ${from + 1}-${to + 1}`, back])
}

function rollbackText(step: KnownRollbackStep, plan: Plan): string {
  switch (step.kind) {
    case 'mitigate':
      return `mitigate (${plan.mitigate.map(({ command }) => command).join('; ')})`
    case 'restore-previous':
      return 'make sure the previous release is ready'
    case 'traffic-back':
      return 'all traffic back'
    case 'stop-candidate':
      return 'stop the candidate'
    case 'schema':
      return `migrate down (${plan.migration?.down?.command ?? ''})`
    case 'reactivate':
      return 'start the previous workers'
    case 'smoke-live':
      return 'smoke-test live'
    case 'watch':
      return `watch for ${durationText(step.holdMs)}`
    default:
      return (step as RollbackStep).kind
  }
}
