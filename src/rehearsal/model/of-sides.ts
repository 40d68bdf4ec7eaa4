/** What must hold of components beside `api`, in scenes in which a release changes the set of them. */
import { otherSlot, type Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Decided } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Context, Invariant, Ordered } from './invariant.ts'
import { controlComesOver, startsEarly, stopsEarly, stopsPrevious } from './of-orders.ts'
import { holderOf, NO_LAYOUT, reallyRouted } from './sides.ts'
import type { Layout, ModelWorld } from './world-state.ts'

type Part = Layout['routes'][number]

function onSide<T extends Command['type']>(
  type: T,
  breaks: (facts: Facts, order: Ordered<T>, context: Context) => string | null,
): Invariant['breaks'] {
  return (facts, event, context) => {
    if (event.type !== 'CommandIssued' || event.data.command.type !== type) return null
    if (!('component' in event.data.command) || event.data.command.component === 'api') return null
    return breaks(facts, { command: event.data.command as Extract<Command, { type: T }>, event }, context)
  }
}

/** Only where the set changes. */
function inSets(breaks: Invariant['breaks']): Invariant['breaks'] {
  return (facts, event, context) => (context.world.layout === NO_LAYOUT ? null : breaks(facts, event, context))
}

export const ofSides: readonly Invariant[] = [
  { name: 'a route beside has the share of what it is', breaks: onSide('SetRoute', wrongShare) },
  { name: 'a route goes only when nobody needs it', breaks: onSide('RemoveRoute', removesEarly) },
  { name: 'never stop what any route really names', breaks: onSide('StopSlot', stopsRouted) },
  {
    name: 'every part of the previous release stays until the window closes',
    breaks: onSide('StopSlot', stopsStandby),
  },
  { name: 'no part of the candidate is stopped before traffic is back', breaks: onSide('StopSlot', stopsEarly) },
  { name: 'parts are started in their time', breaks: onSide('EnsureSlot', startsPartEarly) },
  { name: 'what is started again has as many instances as it had', breaks: onSide('EnsureSlot', otherNumber) },
  { name: 'what no router leads to runs in one generation', breaks: onSide('EnsureSlot', twoGenerations) },
  { name: 'what is left of older releases is ended', breaks: inSets(leavesBehind) },
  { name: 'every route was seen as the step wants it', breaks: inSets(endsUnseen) },
  { name: 'the end is what all routes and slots are', breaks: inSets(lies) },
]

function partOf({ layout }: ModelWorld, id: string): Part | null {
  return layout.routes.find((part) => part.id === id) ?? null
}

function wrongShare(facts: Facts, { command }: Ordered<'SetRoute'>, { world }: Context): string | null {
  const { weights, upstreams } = command.route
  const bare = (['blue', 'green'] as const).find((slot) => weights[slot] > 0 && upstreams[slot].length === 0)
  if (bare) return `${command.component}: no address in ${bare}`
  const share = weights[facts.candidate]
  if (facts.back) return share > 0 ? `${share} % of ${command.component} while it goes back` : null
  const wanted = desiredShare(facts, world, command.component)
  if (share !== wanted) return `${share} % of ${command.component} instead of ${wanted}`
  return share > 0 && !facts.smokePassed ? 'no smoke test has passed' : null
}

function desiredShare(facts: Facts, world: ModelWorld, id: string): number {
  const part = partOf(world, id)
  const isLast = facts.end === 'Finalized' || facts.step?.kind === 'finalize'
  const isOver = controlComesOver(facts, world.layout.routes)
  const share = isLast || isOver ? 100 : (facts.step?.weight ?? 0)
  if (!part || part.candidate === null) return 0
  return part.live === null && share > 0 ? 100 : share
}

function removesEarly(facts: Facts, { command }: Ordered<'RemoveRoute'>, { world }: Context): string | null {
  const part = partOf(world, command.component)
  if (!part) return null
  if (part.candidate !== null && part.live !== null) return `both releases have ${part.id}`
  if (part.live === null)
    return facts.back && facts.rollbackStepDone.includes('traffic-back') ? null : `users may be on ${part.id}`
  const last = facts.end === 'Finalized' || facts.step?.kind === 'finalize' || facts.step?.weight === 100
  return last && !facts.back ? null : `the previous release serves ${part.id}`
}

function stopsRouted(_: Facts, { command }: Ordered<'StopSlot'>, { world }: Context): string | null {
  const { component, slot, release } = command
  if (world.sides[component]?.slots[slot]?.release !== release) return null
  const route = reallyRouted(world, component, slot)
  return route === null ? null : `the route of ${route} sends users to ${component} in ${slot}`
}

/** What gets no users is stopped before its successor starts (`steps/activate.ts`), and started again on the way back. */
function stopsStandby(facts: Facts, order: Ordered<'StopSlot'>, context: Context): string | null {
  const routed = context.world.layout.routes.map(({ live }) => live)
  const switches = facts.step?.track === 'forward' && facts.step.kind === 'activate'
  return switches && !routed.includes(order.command.component) ? null : stopsPrevious(facts, order)
}

function otherNumber(facts: Facts, { command }: Ordered<'EnsureSlot'>, { world }: Context): string | null {
  if (command.release !== facts.stable) return null
  const had = world.layout.instances[command.component]
  return command.instances === had ? null : `${command.instances} instances of ${command.component} instead of ${had}`
}

/** A worker of the previous release may have been stopped for a candidate that no user has met. */
function startsPartEarly(facts: Facts, order: Ordered<'EnsureSlot'>, context: Context): string | null {
  const { component, release } = order.command
  const isRouted = context.world.layout.routes.some(({ live }) => live === component)
  const returns = facts.back === 'abort' && release === facts.stable && !isRouted
  return returns ? null : startsEarly(facts, order, context)
}

/** Whoever takes jobs takes them from the moment it runs: nobody of the other release may be there. */
function twoGenerations({ candidate }: Facts, { command }: Ordered<'EnsureSlot'>, { world, plan }: Context) {
  if (plan.steps.some((step) => step.kind === 'deploy' && step.component === command.component)) return null
  const { routes } = world.layout
  const isWorker = (name: string, slot: Slot) =>
    !routes.some((part) => (slot === candidate ? part.candidate : part.live) === name)
  if (!isWorker(command.component, command.slot)) return null
  const other = otherSlot(command.slot)
  const beside = Object.keys(world.sides).find((name) => world.sides[name]?.slots[other] && isWorker(name, other))
  return beside ? `${beside} is still there in ${other} when ${command.component} is started` : null
}

/** What is still to be deployed makes room for itself then. */
function leavesBehind(facts: Facts, event: Recorded, { plan }: Context): string | null {
  if (event.type !== 'StepFinished' || event.data.kind !== 'deploy') return null
  const { candidate, id, stable, waits, failed } = facts
  const later = plan.steps.slice(event.data.index + 1)
  for (const name in facts.sides) {
    if (later.some((step) => step.kind === 'deploy' && step.component === name)) continue
    const left = facts.sides[name]?.[candidate]
    if (!left?.present || left.release === id || left.release === stable || left.release === null) continue
    const stop = `${name}: StopSlot ${candidate} ${left.release}`
    if (!waits.some(({ desired }) => desired === stop) && !(stop in failed))
      return `${left.release} of ${name} is left in ${candidate}`
  }
  return null
}

function endsUnseen(facts: Facts, event: Recorded, { world }: Context): string | null {
  if (event.type !== 'StepFinished') return null
  const { kind } = event.data
  if (kind === 'smoke-live') return workerAway(facts, world)
  if (kind === 'hold') return movedEarly(world)
  const isLast = kind === 'finalize' || (kind === 'shift' && facts.step?.weight === 100)
  if (!isLast && kind !== 'traffic-back') return null
  const unseen = world.layout.routes.find((part) => !isSeenAs(facts, part, isLast))
  return unseen ? `${kind} ends, and ${unseen.id} was not seen so` : null
}

/** Whoever exchanges addresses does so when nobody is served by the previous release any more. */
function movedEarly({ layout, address }: ModelWorld): string | null {
  const before = layout.previous['api'] ?? ''
  return address === '' || address === before
    ? null
    : `api is at ${address} while ${before} serves the previous release`
}

function isSeenAs({ routes, candidate }: Facts, { id, candidate: next, live }: Part, isLast: boolean): boolean {
  const found = routes[id]
  if (!found?.inStep) return !isLast && live === null && found === undefined
  const { weights, generation } = found.seen
  if (isLast) return next === null ? generation === 0 : weights[candidate] === 100
  return live === null ? weights[candidate] === 0 : weights[otherSlot(candidate)] === 100
}

/** What gets no users is part of what is back all the same. */
function workerAway({ sides, stable, candidate }: Facts, { layout }: ModelWorld): string | null {
  const routed = layout.routes.map(({ live }) => live)
  const away = Object.keys(layout.instances).find((name) => {
    const seen = sides[name]?.[otherSlot(candidate)]
    return !routed.includes(name) && !(seen?.release === stable && seen.running > 0)
  })
  return away ? `${away} of the previous release does not run` : null
}

function lies(facts: Facts, event: Recorded, { world }: Context): string | null {
  if (event.type === 'Finalized') return notFinal(facts, world)
  if (event.type === 'RolledBack') return notBack(facts, world) ?? notThere(facts, world)
  if (event.type === 'Aborted') return notThere(facts, world)
  if (event.type !== 'WindowClosed' || event.data.reason !== 'retired') return null
  const kept = Object.keys(world.layout.instances).find(
    (name) => world.sides[name]?.slots[otherSlot(facts.candidate)]?.release === facts.stable,
  )
  return kept ? `${kept} of the previous release still runs` : null
}

/** Nothing of the previous release is missing, whether or not it gets users. */
function notThere({ candidate, stable }: Facts, { layout, sides }: ModelWorld): string | null {
  const live = otherSlot(candidate)
  const away = Object.keys(layout.instances).find((name) => sides[name]?.slots[live]?.release !== stable)
  return away ? `${away} of the previous release is not there any more` : null
}

function notFinal({ candidate }: Facts, world: ModelWorld): string | null {
  const { layout, sides, address } = world
  if (address !== (layout.own['api'] ?? '')) return `api is at ${address}`
  for (const { id, candidate: next } of layout.routes) {
    const route = sides[holderOf(world, id)]?.route
    if (next === null ? route?.there : route?.weights[candidate] !== 100) return `the route of ${id} is not as released`
    if (next !== null && route?.address !== layout.own[next]) return `${id} is at ${route?.address}`
  }
  return null
}

function notBack({ candidate, id: release }: Facts, world: ModelWorld): string | null {
  const { layout, sides, address } = world
  if (address !== (layout.previous['api'] ?? '')) return `api is at ${address}`
  for (const { id, live } of layout.routes) {
    const route = sides[holderOf(world, id)]?.route
    if (live === null ? route?.there : route?.weights[otherSlot(candidate)] !== 100)
      return `the route of ${id} is not as before`
    if (live !== null && route?.address !== layout.previous[live]) return `${id} is at ${route?.address}`
  }
  const left = Object.keys(sides).find((name) => sides[name]?.slots[candidate]?.release === release)
  return left ? `${left} of the candidate is still there` : null
}

/** Users of what is there go back at once, whatever else is missing. */
export function keepsWaiting({ after, layout }: Pick<Decided, 'after' | 'layout'>): string | null {
  const { step, candidate, stable, waits } = after
  if (step?.track !== 'rollback' || (step.kind !== 'restore-previous' && step.kind !== 'traffic-back')) return null
  const live = otherSlot(candidate)
  const late = layout.routes.find(({ id, live: name }) => {
    const seen = name === null ? undefined : after.sides[name]?.[live]
    if (seen?.running === 0 && step.kind === 'restore-previous')
      return !waits.some(({ command }) => command.type === 'EnsureSlot' && command.component === name)
    const isThere = seen?.release === stable && seen.ready > 0
    if (!isThere || after.routes[id]?.seen.weights[live] === 100) return false
    return !waits.some(({ command }) => command.type === 'SetRoute' && command.component === id)
  })
  return late ? `nobody orders ${late.id} back in ${step.kind}` : null
}
