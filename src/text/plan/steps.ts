/** The steps of a plan with how long each may take, and the way back from each. */
import { rollbackKind, rollbackPlanFrom } from '../../core/rollout/steps/index.ts'
import type { KnownRollbackStep, KnownStep } from '../../core/rollout/steps/index.ts'
import type { Plan } from '../../core/plan.ts'
import { say, type Sentence } from '../../core/say.ts'
import { durationText } from '../../core/time.ts'
import type { Messages } from '../messages.ts'

type Rows = readonly (readonly string[])[]

/** `1.`, what it does, and how long that may take at most. */
export function stepRows(plan: Plan, isFirst: boolean, text: Messages): Rows {
  return plan.steps.map((step, index) => {
    const time = timeOf(step as KnownStep, plan, isFirst)
    const name = `${text.step(step, isFirst)}${detail(step as KnownStep, plan)}`
    return [stepNumber(index), name, time === null ? '' : text.tell(time)]
  })
}

export function stepNumber(index: number): string {
  return `${index + 1}.`.padStart(3)
}

function detail(step: KnownStep, { gates, approvals, smoke }: Plan): string {
  switch (step.kind) {
    case 'gates':
      return list(step.gates ?? gates.map(({ id }) => id))
    case 'approvals':
      return list(approvals.map(({ id }) => id))
    case 'smoke':
    case 'verify-live':
      return smoke.length === 0 ? '' : ` (${smoke.length})`
    default:
      return ''
  }
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `: ${items.join(', ')}`
}

/** Null: nothing is to be said, since the step's own text says how long it lasts. */
function timeOf(step: KnownStep, { timings }: Plan, isFirst: boolean): Sentence | null {
  const within = (ms: number) => say`within ${durationText(ms)}`
  switch (step.kind) {
    case 'gates':
      return within(timings.gatesLimitMs)
    case 'approvals':
      return within(timings.approvalsLimitMs)
    case 'deploy':
      return within(timings.startLimitMs)
    case 'activate':
      return within(timings.startLimitMs + timings.slowCommandLimitMs)
    case 'migrate':
      return within(timings.migrateLimitMs)
    case 'smoke':
    case 'verify-live':
      return within(timings.smokeLimitMs)
    case 'shift':
      return within(timings.shiftLimitMs)
    case 'hold':
    case 'bake': {
      const longest = longestMs(step, timings)
      return longest <= step.holdMs ? null : say`up to ${durationText(longest)} if evidence is missing`
    }
    case 'finalize':
      return isFirst ? null : say`the previous release stays warm for ${durationText(timings.rollbackWindowMs)}`
    // A kind without a time of its own: its text says enough.
    default:
      return null
  }
}

function longestMs(step: Extract<KnownStep, { kind: 'hold' | 'bake' }>, { extendTimes }: Plan['timings']): number {
  const within = 'withinMs' in step ? step.withinMs : undefined
  return within ?? step.holdMs * (1 + extendTimes)
}

/** Steps from which the way back is the same stand in one row. */
export function rollbackRows(plan: Plan, isFirst: boolean, text: Messages): Rows {
  const rows: { readonly from: number; to: number; readonly back: string }[] = []
  for (const index of plan.steps.keys()) {
    const steps = rollbackPlanFrom(plan, index).filter((step) => !isFirst || rollbackKind(step).withoutPrevious)
    const back = steps.map((step) => rollbackText(step, plan, isFirst, text)).join(' → ') || text.nothingToUndo
    const last = rows.at(-1)
    if (last?.back === back) last.to = index
    else rows.push({ from: index, to: index, back })
  }
  return [
    ...rows.map(({ from, to, back }) => [from === to ? `${from + 1}` : `${from + 1}–${to + 1}`, back]),
    ...(isFirst ? [] : [['', text.tell(say`target: users are back within ${durationText(plan.targets.rtoMs)}`)]]),
  ]
}

/** With the command that it runs. */
function rollbackText(step: KnownRollbackStep, plan: Plan, isFirst: boolean, text: Messages): string {
  const commands = {
    mitigate: plan.mitigate.map(({ command }) => command),
    schema: plan.migration?.down ? [plan.migration.down.command] : [],
  }
  const run = step.kind === 'mitigate' || step.kind === 'schema' ? commands[step.kind] : []
  return `${text.step(step, isFirst)}${run.length === 0 ? '' : ` (${run.join('; ')})`}`
}
