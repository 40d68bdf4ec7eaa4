import { rollbackPlanFrom, rollbackKind } from '../../core/rollout/steps/index.ts'
import { type Plan, type Step, stepsThatRun } from '../../core/plan.ts'
import { noDataForMs, lookLimitMs } from '../../core/rollout/no-data.ts'
import { formatDuration } from '../../core/time.ts'
import type { PlanPreview } from '../../engine/control-plane.ts'
import type { Messages } from '../../text/messages.ts'
import { forecastLines } from './forecast-text.ts'
import { standingLines } from './policy-text.ts'
import { wrapped } from './wrapped.ts'

const INDENT = '        '

/** A plan for people: what happens in which order, and the way back from every step (R-F05), and what the steps see. */
export function planText(preview: PlanPreview, text: Messages, columns = Infinity): string {
  const { planHash, forecast, previous } = preview
  const isFirst = previous === null
  const steps = stepsThatRun(preview.plan, isFirst)
  const plan = { ...preview.plan, steps }
  const { service, environment, artifact, strategy } = plan
  const ways = rollbackPlans(plan, isFirst, text)
  return [
    `${service} ${artifact.version} → ${environment}  (${strategy}, plan ${planHash.slice(0, 12)})`,
    ...(isFirst ? [`  ${text.firstRelease}`] : []),
    ...(preview.changes ?? []).map((change) => `  ± ${text.setChange(change)}`),
    ...standingLines(preview.standing, environment, text),
    ...steps.map(
      (step, index) => `  ${String(index + 1).padStart(2)}. ${text.step(step, isFirst)}${details(plan, step)}`,
    ),
    ...ways.map(({ from, to, way }) => `  ↩ ${from === to ? from : `${from}–${to}`}: ${way}`),
    `  ${noDataText(plan, isFirst, text)}`,
    ...forecastLines(forecast, text),
  ]
    .flatMap((line) => wrapped(line, columns, INDENT))
    .join('\n')
}

/** See `core/rollout/no-data.ts`: a first release has nothing to go back to but the maintenance page. */
function noDataText(plan: Plan, isFirst: boolean, text: Messages): string {
  const [quick, slow] = [lookLimitMs(plan), noDataForMs(plan)].map(formatDuration) as [string, string]
  return text.noDataLimits(isFirst ? slow : quick, slow)
}

function details({ gates, approvals, components }: Plan, step: Step): string {
  if (step.kind === 'gates') return list(step.gates ?? gates.map(({ id }) => id))
  if (step.kind === 'approvals')
    return list(approvals.map(({ role, people }) => `${role} (${people.join(', ') || 'token'})`))
  if (step.kind === 'deploy') {
    const part = components.find(({ name }) => name === step.component)
    return part ? list([`${part.artifact.ref} ${part.artifact.digest.slice(0, 19)}`]) : ''
  }
  return ''
}

function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `: ${items.join(', ')}`
}

/** What a rollback does where there is no version to go back to. */

type Way = { readonly from: number; readonly to: number; readonly way: string }

/** Steps with the same way back stand together. */
function rollbackPlans(plan: Plan, isFirst: boolean, text: Messages): readonly Way[] {
  const ways: Way[] = []
  for (const index of plan.steps.keys()) {
    const back = rollbackPlanFrom(plan, index).filter((step) => !isFirst || rollbackKind(step).withoutPrevious)
    const way = back.map((step) => text.step(step, isFirst)).join(' → ') || text.nothingToUndo
    const last = ways.at(-1)
    if (last?.way === way) ways[ways.length - 1] = { ...last, to: index + 1 }
    else ways.push({ from: index + 1, to: index + 1, way })
  }
  return ways
}
