/** Policies for people: what is held, what a spec changes of it, and what an approver has to see before he says yes. */
import type { HeldPolicy } from '../../core/policy/policy.ts'
import type { PolicyChange } from '../../core/plan.ts'
import { formatDuration } from '../../core/time.ts'
import type { RolloutPlan } from '../../engine/control-plane.ts'
import type { Messages } from '../../text/messages.ts'
import { optionTexts, planSections } from '../../text/plan/plan.ts'
import { grantText } from '../../core/policy/changes.ts'
import { changeRows } from '../../text/plan/policy.ts'
import { ruleSentence } from '../../text/plan/rule.ts'
import { stamp } from './moments.ts'
import { rowLines, sectionLines } from './plan-text.ts'
import { wrapped } from './wrapped.ts'

/** One change per line, what is weaker first and marked. */
export function changeLines(changes: readonly PolicyChange[], text: Messages): readonly string[] {
  return changeRows(changes, text).map(([change]) => `    ${change}`)
}

/** Everything that is approved: who wants it, which artifact, the plan as a whole, and what it changes of the policy. */
export function approvalText(seen: RolloutPlan, text: Messages, columns = Infinity): string {
  const { plan, identity, rollout } = seen
  const open = rollout.approvals.filter(({ by }) => by === null).map(({ id }) => id)
  const authors = plan.artifact.authors.join(', ')
  const facts = text.policy.facts({ by: rollout.requestedBy, authors, identity, open: open.join(', ') })
  const all = planSections(seen, text)
  // The policy stands last: it is what is easily overlooked, and the question comes next.
  const last = all.filter(({ topic }) => topic === 'policy')
  return [
    ...wrapped(text.policy.toApprove(rollout.id), columns),
    ...rowLines(facts, columns),
    '',
    ...sectionLines([...all.filter((section) => !last.includes(section)), ...last], columns),
  ].join('\n')
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
    ...ciLines(policy, text),
    ...section(labels.gates, policy.gates.map(gateLine), text),
    ...section(
      labels.analysis,
      [...analysis.rules.map((rule) => `  ${rule.id}: ${text.tell(ruleSentence(rule))}`), ...unusual(analysis)],
      text,
    ),
    `  ${amountsText(analysis, text)}`,
    ...section(labels.weaken, weaken.length > 0 ? weaken : [`  ${text.policy.byApprovers}`], text),
  ].join('\n')
}

/** Only where there are any: most policies are of people alone. */
function ciLines({ ci = [] }: HeldPolicy['policy'], text: Messages): readonly string[] {
  if (ci.length === 0) return []
  const lines = ci.map((grant) => `  ${text.tell(grantText(grant))}`)
  return section(text.policy.labels.ci, lines, text)
}

function amountsText({ minRequests, holdMs, bakeMs, control = 0 }: HeldPolicy['policy']['analysis'], text: Messages) {
  return text.policy.amounts(minRequests, durationOr(holdMs), formatDuration(bakeMs), control)
}

/** By the names of the keys, since these are what a spec would have to say. */
function unusual(analysis: HeldPolicy['policy']['analysis']): readonly string[] {
  const { metrics, tickMs, noDataForMs, warmUpMs, patienceMs, segments } = analysis
  return [
    ...(metrics === undefined ? [] : [`  metrics: ${JSON.stringify(metrics)}`]),
    ...(tickMs === undefined ? [] : [`  rollout.tick: ${formatDuration(tickMs)}`]),
    ...(noDataForMs === undefined ? [] : [`  rollout.noDataFor: ${formatDuration(noDataForMs)}`]),
    ...(warmUpMs === undefined ? [] : [`  analysis.warmUp: ${formatDuration(warmUpMs)}`]),
    ...(patienceMs === undefined ? [] : [`  analysis.patience: ${formatDuration(patienceMs)}`]),
    ...(segments === undefined ? [] : [`  analysis.segments: ${segments}`]),
  ]
}

export function originText({ by, at, how, rollout, note }: HeldPolicy, now: number, text: Messages): string {
  return text.policy.origin({ by, at: stamp(at, now), how, rollout, note })
}

function section(title: string, lines: readonly string[], text: Messages): readonly string[] {
  return [title, ...(lines.length > 0 ? lines : [`  ${text.policy.none}`])]
}

function gateLine({ kind, options }: HeldPolicy['policy']['gates'][number]): string {
  const texts = optionTexts(options)
  return `  ${kind}${texts.length > 0 ? ` (${texts.join(', ')})` : ''}`
}

function durationOr(ms: number | null): string {
  return ms === null ? '-' : formatDuration(ms)
}
