/** Policies for people: what is held, what a spec changes of it, and what an approver has to see before he says yes. */
import type { Standing } from '../../core/policy/govern.ts'
import type { HeldPolicy } from '../../core/policy/policy.ts'
import { stepsThatRun, type PolicyChange } from '../../core/plan.ts'
import { formatDuration } from '../../core/time.ts'
import type { RolloutPlan } from '../../engine/control-plane.ts'
import { renderPlan } from '../../stellwerk-yaml/render-plan.ts'
import { ruleText } from '../../stellwerk-yaml/render-rule.ts'
import type { Messages } from '../../text/messages.ts'
import { stamp } from './moments.ts'
import { wrapped } from './wrapped.ts'

const INDENT = '    '

/** One change per line, what is weaker first and marked. */
export function changeLines(changes: readonly PolicyChange[], { policy }: Messages): readonly string[] {
  const of = (direction: PolicyChange['direction'], mark: string, word: string) =>
    changes.filter((each) => each.direction === direction).map(({ text }) => `${INDENT}${mark} ${word}: ${text}`)
  return [...of('weaker', '!', policy.weaker), ...of('stronger', '+', policy.stronger)]
}

/** How a release stands to the policy held for its environment; nothing where it says what is held. */
export function standingLines(standing: Standing | null, environment: string, text: Messages): readonly string[] {
  switch (standing?.kind) {
    case 'first':
      return [`  ${text.policy.first(environment, standing.by)}`]
    case 'changed':
      return [`  ${text.policy.changed(environment)}`, ...changeLines(standing.changes, text)]
    case 'refused':
      return [`  ${text.policy.refused}`, ...changeLines(standing.changes, text)]
    default:
      return []
  }
}

/** Everything that is approved: who wants it, which artifact, the plan as a whole, and what it changes of the policy. */
export function approvalText(seen: RolloutPlan, text: Messages, columns = Infinity): string {
  const { plan, planHash, identity, standing, rollout, previous } = seen
  const whole = renderPlan({ ...plan, steps: stepsThatRun(plan, previous === null) }, planHash).trimEnd()
  const authors = plan.artifact.authors.join(', ')
  const open = rollout.approvals.filter(({ by }) => by === null).map(({ id }) => id)
  const lines = [
    text.policy.toApprove(rollout.id),
    ...text.policy
      .facts({ by: rollout.requestedBy, authors, identity, open: open.join(', ') })
      .map((row) => `  ${row}`),
    '',
    ...whole.split('\n'),
    '',
    text.policy.head,
    ...(standing === null || standing.kind === 'same'
      ? [`  ${text.policy.same(plan.environment)}`]
      : standingLines(standing, plan.environment, text)),
  ]
  return lines.flatMap((line) => wrapped(line, columns, `${INDENT}  `)).join('\n')
}

/** A policy with where it comes from. */
export function heldText(held: HeldPolicy, now: number, text: Messages): string {
  const { policy } = held
  const { analysis } = policy
  const people = Object.entries(policy.people).map(([role, ids]) => `  ${role}: ${ids.join(', ')}`)
  const weaken = Object.entries(policy.weaken).map(([dimension, who]) => {
    return `  ${dimension}: ${typeof who === 'string' ? who : (who ?? []).join(', ')}`
  })
  const { labels } = text.policy
  return [
    `${held.service} ${held.environment}  ${text.policy.version(held.version, held.hash.slice(0, 19))}`,
    `  ${originText(held, now, text)}`,
    ...section(
      labels.approvals,
      policy.approvals.map(({ role, at }) => `  ${role} (${at})`),
      text,
    ),
    ...section(labels.people, people, text),
    ...section(labels.gates, policy.gates.map(gateLine), text),
    ...section(
      labels.analysis,
      [...analysis.rules.map((rule) => `  ${rule.id}: ${ruleText(rule)}`), ...unusual(analysis)],
      text,
    ),
    `  ${text.policy.amounts(analysis.minRequests, durationOr(analysis.holdMs), formatDuration(analysis.bakeMs))}`,
    ...section(labels.weaken, weaken.length > 0 ? weaken : [`  ${text.policy.byApprovers}`], text),
  ].join('\n')
}

/** By the names of the keys, since these are what a spec would have to say. */
function unusual({ metrics, tickMs, noDataForMs }: HeldPolicy['policy']['analysis']): readonly string[] {
  return [
    ...(metrics === undefined ? [] : [`  metrics: ${JSON.stringify(metrics)}`]),
    ...(tickMs === undefined ? [] : [`  rollout.tick: ${formatDuration(tickMs)}`]),
    ...(noDataForMs === undefined ? [] : [`  rollout.noDataFor: ${formatDuration(noDataForMs)}`]),
  ]
}

export function originText({ by, at, how, rollout, note }: HeldPolicy, now: number, text: Messages): string {
  return text.policy.origin({ by, at: stamp(at, now), how, rollout, note })
}

function section(title: string, lines: readonly string[], text: Messages): readonly string[] {
  return [title, ...(lines.length > 0 ? lines : [`  ${text.policy.none}`])]
}

function gateLine({ kind, options }: HeldPolicy['policy']['gates'][number]): string {
  const given = Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0))
  const texts = given.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `  ${kind}${texts.length > 0 ? ` (${texts.join(', ')})` : ''}`
}

function durationOr(ms: number | null): string {
  return ms === null ? '-' : formatDuration(ms)
}
