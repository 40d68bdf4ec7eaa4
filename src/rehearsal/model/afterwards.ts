/** What must hold when a decision is complete: asked of everything that came out of one input. */
import { otherSlot, type Slot } from '../../core/observed.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Facts } from './facts.ts'
import { controlComesOver, wantedShare } from './of-orders.ts'
import { keepsWaiting } from './of-sides.ts'
import { keptNoData, leftWithoutData } from './of-visibility.ts'
import type { Decided } from './facts.ts'

export type Afterwards = { readonly name: string; readonly breaks: (decided: Decided) => string | null }

export const afterwards: readonly Afterwards[] = [
  { name: 'whoever waits has a deadline in the future', breaks: waitsForever },
  { name: 'a candidate that fails its users goes back at once', breaks: staysBad },
  {
    name: 'nobody is left on what cannot be seen',
    breaks: ({ after, now, plan }) => leftWithoutData({ facts: after, now, plan }),
  },
  {
    name: 'people are told of what cannot be seen',
    breaks: ({ after, now, plan }) => keptNoData({ facts: after, now, plan }),
  },
  { name: 'a route that fell back is put right', breaks: leavesWrong },
  { name: 'a rollback orders traffic back at once', breaks: hesitates },
  { name: 'no route waits for another one on the way back', breaks: keepsWaiting },
  { name: 'every rollback opens an incident, every end is told', breaks: keepsQuiet },
  { name: 'a person who takes it back is obeyed at once', breaks: disobeys },
  { name: 'whose spare slot is taken over does not come back', breaks: staysOpen },
  { name: 'a red gate ends it', breaks: redGate },
  { name: 'only the right people approve exactly this', breaks: approvedByOthers },
  { name: 'versions follow each other', breaks: versionsGap },
]

function waitsForever({ after, nextDue, now }: Decided): string | null {
  const late = after.waits.find(({ command, deadline }) => command.type !== 'Notify' && deadline <= now)
  if (late) return `${late.command.type} is past its deadline`
  if (after.end) {
    const retires = after.end === 'Finalized' && !after.windowClosed && after.stable !== null
    return retires && nextDue === null ? 'nothing would close the rollback window' : null
  }
  if (nextDue === null) return 'nothing would ever move it again'
  if (nextDue <= now) return 'it is due now and did nothing'
  const step = after.paused ? null : after.step
  if (step && step.deadline <= now) return `${step.kind} is past its deadline`
  return step && nextDue > step.deadline ? 'nobody asks at the deadline of its step' : null
}

function staysBad({ after, input }: Decided): string | null {
  if (after.end || after.back || after.shareOrdered === 0 || input.type === 'superseded') return null
  if (after.badTicks >= 2) return `${after.badTicks} ticks in a row in which half of its requests failed`
  const seen = after.slots[after.candidate]
  if (seen?.release === after.id && seen.restarts > after.restartsBefore) return 'an instance exited under traffic'
  return after.unreadyLooks >= 3 ? `not ready ${after.unreadyLooks} looks in a row` : null
}

function leavesWrong({ after }: Decided): string | null {
  const { step, weights, candidate, slots, waits } = after
  if (after.back || after.end || (step?.kind !== 'hold' && step?.kind !== 'bake')) return null
  const wanted = wantedShare(after)
  const share = weights?.[candidate] ?? wanted
  const able = servingSides(after).every((slot) => slots[slot] === null || slots[slot].ready >= 2)
  if (share === wanted || !able || !sidesReady(after) || waits.some(({ command }) => command.type === 'SetRoute'))
    return null
  return `${share} % instead of ${wanted} %, and no order`
}

/** Whose instances it takes to put the route right. */
function servingSides(facts: Facts): readonly Slot[] {
  return controlComesOver(facts) ? [facts.candidate] : [facts.candidate, otherSlot(facts.candidate)]
}

/** Users come back only to a candidate of which every part is ready. */
function sidesReady({ sides, candidate, id }: Facts): boolean {
  return Object.values(sides).every((slots) => slots[candidate]?.release !== id || slots[candidate].ready > 0)
}

function hesitates({ before, after, events, plan }: Decided): string | null {
  const turned = events.find((event) => event.type === 'RollbackTriggered')
  if (turned?.type !== 'RollbackTriggered') return null
  const exposed = before.shareOrdered > 0
  if (exposed !== (turned.data.mode === 'rollback')) return `${turned.data.mode}, users exposed: ${exposed}`
  if (!exposed || plan.mitigate.length > 0) return null
  const { candidate, weights } = after
  const live = weights?.[otherSlot(candidate)] ?? 0
  if (!weights || weights[candidate] === 0 || (live === 0 && after.stable !== null)) return null
  const first = firstOrderBack(after)
  const ordered = events.some((event) => event.type === 'CommandIssued' && event.data.command.type === first)
  return ordered ? null : `no ${first} was ordered`
}

/** Where the previous release is gone it has to be started first. */
function firstOrderBack({ stable, slots, candidate }: Facts): 'EnsureSlot' | 'SetRoute' {
  return stable !== null && slots[otherSlot(candidate)]?.running === 0 ? 'EnsureSlot' : 'SetRoute'
}

const ENDS: readonly Recorded['type'][] = ['Finalized', 'Aborted', 'RolledBack', 'NeedsHuman']

function keepsQuiet({ after, events }: Decided): string | null {
  const ends = events.filter(({ type }) => ENDS.includes(type)).length
  const back = events.filter((event) => event.type === 'RollbackTriggered' && event.data.mode === 'rollback').length
  const told = events.filter((event) => event.type === 'CommandIssued' && event.data.command.type === 'Notify').length
  if (back > 0 && !after.waits.some(({ command }) => command.type === 'OpenIncident'))
    return 'a rollback opened no incident'
  return told < ends + back ? `${told} messages for ${ends} ends and ${back} rollbacks` : null
}

function disobeys({ before, input, events }: Decided): string | null {
  if (input.type !== 'abort' && input.type !== 'roll-back') return null
  if (before.end !== null || before.back !== null) return null
  if (events.some((event) => event.type === 'RollbackTriggered' || event.type === 'Aborted')) return null
  return before.step?.track === 'forward' ? `${input.type} in ${before.step.kind} changed nothing` : null
}

function staysOpen({ before, after, input }: Decided): string | null {
  if (input.type !== 'superseded' || before.end !== 'Finalized') return null
  return after.windowClosed ? null : 'its rollback window is still open'
}

function redGate({ before, after, events }: Decided): string | null {
  const red = events.find((event) => event.type === 'GateChecked' && event.data.verdict.outcome === 'fail')
  if (red?.type !== 'GateChecked' || before.back !== null) return null
  return after.back === 'abort' ? null : `${red.data.gate} is red`
}

function approvedByOthers({ input, events, plan }: Decided): string | null {
  for (const event of events) {
    if (event.type !== 'Approved') continue
    if (input.type !== 'approve') return 'nobody approved'
    if (input.by.id === REQUESTER || plan.artifact.authors.includes(input.by.id))
      return `${input.by.id} has a part in it`
    const asked = plan.approvals.find(({ id }) => id === event.data.approval)
    if (!asked || !input.by.roles.includes(asked.role)) return `${input.by.id} does not hold the role`
    if (input.planHash !== PLAN_HASH) return 'another plan was approved'
    if (input.identity !== IDENTITY) return 'another artifact was approved'
    if (input.rollout !== undefined && input.rollout !== ROLLOUT) return 'another rollout was approved'
    if (input.policyStands === false) return 'it was approved under a policy that is no longer held'
  }
  return null
}

export const REQUESTER = 'person:alex'
export const PLAN_HASH = 'plan-hash-2'
const IDENTITY = 'identity-2'
const ROLLOUT = 'shop-prod-2'

function versionsGap({ events }: Decided): string | null {
  const wrong = events.find((event, index) => index > 0 && event.version !== (events[index - 1]?.version ?? 0) + 1)
  return wrong ? `${wrong.type} is version ${wrong.version}` : null
}
