/** What must hold of every order to the outside. */
import { otherSlot } from '../../core/observed.ts'
import type { Facts } from './facts.ts'
import type { Layout } from './world-state.ts'
import type { Context, Ordered } from './invariant.ts'

export function sums(_: Facts, { command }: Ordered<'SetRoute'>): string | null {
  const { weights, maintenance } = command.route
  const whole = Object.values(weights).every((weight) => Number.isInteger(weight) && weight >= 0)
  const sum = weights.blue + weights.green
  return whole && (sum === 100 || (sum === 0 && maintenance)) ? null : `${weights.blue}/${weights.green}`
}

export function proven(facts: Facts, { command, event }: Ordered<'SetRoute'>, { plan }: Context): string | null {
  if (command.route.weights[facts.candidate] === 0 || facts.end === 'Finalized') return null
  if (!facts.smokePassed) return 'no smoke test has passed'
  const red = plan.gates.find(({ id }) => !facts.gates.includes(` ${id}`))
  if (red) return `the gate ${red.id} has not passed`
  const open = plan.approvals.find(({ id }) => !(facts.approvals[id] && facts.approvals[id] > event.at))
  return open && facts.shareOrdered === 0 ? `the approval ${open.id} is missing or expired` : null
}

/** A gate's command is the requester's: it waits for everybody who is asked. */
export function commandUnapproved(facts: Facts, { command }: Ordered<'CheckGate'>, { plan }: Context): string | null {
  if (!plan.gates.some(({ id, runs }) => id === command.gate && runs !== undefined)) return null
  const open = plan.approvals.find(({ id }) => !facts.approvals[id])
  return open ? `the approval ${open.id} is missing` : null
}

export function toReady(facts: Facts, { command }: Ordered<'SetRoute'>): string | null {
  const { weights, upstreams } = command.route
  const { candidate } = facts
  if (weights[candidate] > 0 && weights[candidate] > (facts.weights?.[candidate] ?? 0)) {
    const seen = facts.slots[candidate]
    if (seen?.release !== facts.id || seen.ready < 2) return `the candidate was seen with ${seen?.ready ?? 0} ready`
  }
  const bare = (['blue', 'green'] as const).find((slot) => weights[slot] > 0 && upstreams[slot].length === 0)
  return bare ? `no address in ${bare}` : null
}

export function shareOfStep(facts: Facts, { command }: Ordered<'SetRoute'>, { world }: Context): string | null {
  if (facts.back || facts.end) return null
  const share = command.route.weights[facts.candidate]
  const wanted = facts.step?.kind === 'finalize' ? 100 : wantedShare(facts, world.layout.routes)
  if (!facts.step || share !== wanted) return `${share} % in ${facts.step?.kind ?? 'no step'} ${wanted ?? ''}`
  return share < facts.shareOrdered ? `${share} % after ${facts.shareOrdered} %` : null
}

/** In a bake beside live nobody of live is ready, or was, of `api` or of a route beside it: nobody is left on any of live. */
export function controlComesOver(facts: Facts, beside: Layout['routes'] = []): boolean {
  const { step, slots, sides, candidate, stable, shareOrdered } = facts
  if (step?.kind !== 'bake' || stable === null) return false
  const other = otherSlot(candidate)
  const isDown = ({ live, candidate: next }: Layout['routes'][number]) =>
    live !== null && next !== null && sides[live]?.[other]?.ready === 0
  return shareOrdered === 100 || slots[other]?.ready === 0 || beside.some(isDown)
}

/** Of the candidate in the step under way; undefined: there is none. */
export function wantedShare(facts: Facts, beside: Layout['routes'] = []): number | undefined {
  return controlComesOver(facts, beside) ? 100 : facts.step?.weight
}

export function noTrafficBack(facts: Facts, { command }: Ordered<'SetRoute'>): string | null {
  const share = command.route.weights[facts.candidate]
  return facts.back && share > 0 ? `${share} %` : null
}

export function stopsRouted(_: Facts, { command }: Ordered<'StopSlot'>, { world }: Context): string | null {
  const weight = world.weights[command.slot]
  return weight > 0 && world.slots[command.slot]?.release === command.release
    ? `${command.slot} really gets ${weight} %`
    : null
}

export function stopsPrevious(facts: Facts, { command, event }: Ordered<'StopSlot'>): string | null {
  if (command.release !== facts.stable) return null
  const isPast = facts.windowClosed || (facts.retireAt !== null && event.at >= facts.retireAt)
  const open = facts.end !== 'Finalized' || !isPast
  return open ? `${command.release} is stopped ${facts.end ?? 'under way'}` : null
}

/** Each release is tested by its own checks: what users are back on never had those of the candidate. */
export function othersChecks(facts: Facts, { command }: Ordered<'RunSmoke'>): string | null {
  const wanted = facts.back === 'rollback' ? (facts.stable ?? undefined) : undefined
  return command.release === wanted ? null : `those of ${command.release ?? facts.id} instead of ${wanted ?? facts.id}`
}

/** Requests that the candidate still serves may end, for as long as the plan gives them. */
export function cutsOff(
  facts: Facts,
  { command, event }: Ordered<'StopSlot'>,
  { world, plan }: Context,
): string | null {
  if (world.draining !== command.slot || facts.step?.kind !== 'stop-candidate') return null
  const lasted = event.at - facts.step.since
  return lasted < plan.timings.drainLimitMs ? `requests are in flight, ${lasted} ms after traffic went` : null
}

export function stopsEarly(facts: Facts, { command }: Ordered<'StopSlot'>): string | null {
  if (command.release !== facts.id || facts.shareOrdered === 0) return null
  if (!facts.rollbackStepDone.includes('traffic-back')) return 'traffic-back has not ended'
  return facts.weights && facts.weights[facts.candidate] === 0 ? null : 'it was last seen with traffic'
}

export function startsEarly(facts: Facts, { command }: Ordered<'EnsureSlot'>, { plan }: Context): string | null {
  if (command.release === facts.stable) return facts.back === 'rollback' ? null : 'the previous one, but no rollback'
  if (command.release !== facts.id || command.slot !== facts.candidate) return `${command.release} in ${command.slot}`
  if (facts.quarantined) return 'quarantined'
  if (plan.gates.some(({ id }) => !facts.gates.includes(` ${id}`))) return 'a gate has not passed'
  return plan.approvals.some(({ id }) => !facts.approvals[id]) ? 'an approval is missing' : null
}
