/** After the rollback window the previous release goes, every component of it; until then it stands by, warm (law L5, R-D12). */
import { commandIdentity } from './commands.ts'
import { after, type Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { issue, issueAt, pauseAfter } from './orders.ts'
import { hopeless } from './step-kind.ts'
import { isPending, liveSlot, type RolloutState, routesTo, slotOf } from './state.ts'

export function retire(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const { stable, retireAt } = state
  if (!stable || retireAt === null || state.windowClosed || now < retireAt) return []
  return isSeen(state, retireAt) ? stop(state, { release: stable.rollout, since: retireAt, now }) : look(state, now)
}

/** What routes name now, and not when the release was finalized, tells what may be stopped. */
function isSeen({ parts, routes }: RolloutState, retireAt: Instant): boolean {
  return parts.routes.every(({ id }) => (routes[id]?.at ?? -1) >= retireAt)
}

const LOOK_AGAIN_MS = 10_000

function look(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const { lookedAt, retireAt } = state
  if (isPending(state, 'Observe')) return []
  const command = { type: 'Observe', metrics: false } as const
  const failed = state.failures[commandIdentity(command)]?.count ?? 0
  const again = lookedAt !== null && retireAt !== null && lookedAt >= retireAt
  const due = after(now, Math.max(pauseAfter(failed), again ? LOOK_AGAIN_MS : 0))
  return [issueAt(state, command, { due, attempt: failed + 1 })]
}

type Retiring = { readonly release: string; readonly since: Instant; readonly now: Instant }

function stop(state: RolloutState, { release, since, now }: Retiring): readonly RolloutEvent[] {
  const slot = liveSlot(state)
  const refused = hopeless(state, 'StopSlot', 'deadline') !== null
  // Users were seen on it: another release serves from it, or the router came back with old weights. It is not ours to stop.
  const serves = state.parts.live.some((name) => routesTo(state, name, slot).length > 0)
  if (refused || serves) return [{ type: 'WindowClosed', data: { reason: 'superseded' } }]
  const left = state.parts.live.filter((name) => !isGone(state, name, { release, since, now }))
  if (left.length === 0) return [{ type: 'WindowClosed', data: { reason: 'retired' } }]
  return left.flatMap((component) => issue(state, { type: 'StopSlot', component, slot, release }, now))
}

function isGone(state: RolloutState, component: string, { release, since }: Retiring): boolean {
  const seen = slotOf(state, component, liveSlot(state))
  return seen !== null && seen.at >= since && (!seen.value.present || seen.value.release !== release)
}
