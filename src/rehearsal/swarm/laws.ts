/**
 * What must hold in every world, read from outputs alone: the log, what users got, what serves at the end. The log is folded
 * and checked here anew, by the interlocks of the core and by the model checker's own invariants.
 */
import type { Plan } from '../../core/plan.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import { evolve } from '../../core/rollout/evolve.ts'
import { assertInterlocks } from '../../core/rollout/interlocks.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { NO_FACTS } from '../model/facts.ts'
import { invariants } from '../model/invariants.ts'
import { keepsWaiting } from '../model/of-sides.ts'
import type { Layout } from '../model/world-state.ts'
import { learn } from '../model/learn.ts'
import { leftWithoutData } from '../model/of-visibility.ts'
import { EMPTY_WORLD } from '../model/world.ts'
import type { RehearsedRelease, Rehearsal } from '../result.ts'
import type { Drawn } from './draw.ts'

/** These look at the model checker's own world; what users lost and what serves at the end says it of this one. */
const OF_THE_MODEL = [
  'never stop what the router really routes to',
  'the last requests of the candidate may end',
  'the end is what the world is',
  'never stop what any route really names',
  'the end is what all routes and slots are',
]
const OF_THE_LOG = invariants.filter(({ name }) => !OF_THE_MODEL.includes(name))

/** Every law that was broken, as a sentence. */
export function brokenLaws(drawn: Drawn, played: Rehearsal): readonly string[] {
  return [
    ...played.releases.flatMap(logBreaks),
    ...played.releases.flatMap(keptQuiet),
    ...played.releases.flatMap(heldWithoutData),
    ...played.releases.flatMap(waitedForOthers),
    ...played.generations,
    ...usersLost(drawn, played),
    ...lies(played),
  ]
}

function logBreaks({ version, events }: RehearsedRelease): readonly string[] {
  let state: RolloutState | null = null
  let facts = NO_FACTS
  for (const event of recorded(events)) {
    try {
      assertInterlocks(state, event)
    } catch (error) {
      return [`${version}: ${error instanceof Error ? error.message : String(error)}`]
    }
    state = evolve(state, event)
    for (const { name, breaks } of OF_THE_LOG) {
      const broken = breaks(facts, event, { plan: state.plan, world: worldOf(state) })
      if (broken !== null) return [`${version}, event ${event.version}: ${name}: ${broken}`]
    }
    facts = learn(facts, event)
  }
  return []
}

/** What the invariants know of components beside the API: of what the state says that it is about, nothing else. */
function worldOf(state: RolloutState): typeof EMPTY_WORLD {
  return { ...EMPTY_WORLD, layout: layoutOf(state) }
}

/** On the way back nothing is to be seen of a route that the previous release did not have and that was never ordered. */
function layoutOf({ parts, plan, stable, desired, rollback }: RolloutState): Layout {
  const before = stable ? (stable.components ?? plan.components) : []
  const beside = before.filter(({ name }) => name !== 'api')
  const addresses = (set: Plan['components']) =>
    Object.fromEntries(set.map(({ name, router }) => [name, String(router?.['listen'] ?? '')]))
  return {
    routes: parts.routes.filter(
      ({ id, live }) => id !== 'api' && (!rollback || live !== null || desired[id] !== undefined),
    ),
    own: addresses(plan.components),
    previous: addresses(before),
    instances: Object.fromEntries(beside.map(({ name, instances }) => [name, instances])),
  }
}

/** The log keeps events as JSON; their types are those that were appended. */
function recorded(events: RehearsedRelease['events']): readonly Recorded[] {
  return events as unknown as readonly Recorded[]
}

/** When a decision is complete, nobody is left on what cannot be seen; by the log alone, as the model checker reads it. */
function heldWithoutData({ version, events }: RehearsedRelease): readonly string[] {
  const log = recorded(events)
  const [first] = log
  if (first?.type !== 'RolloutRequested') return []
  let facts = NO_FACTS
  for (const [index, event] of log.entries()) {
    facts = learn(facts, event)
    if (log[index + 1]?.at === event.at) continue
    const broken = leftWithoutData({ facts, now: event.at, plan: first.data.plan })
    if (broken !== null) return [`${version}, event ${event.version}: ${broken}`]
  }
  return []
}

/** Users of a component that the previous release had go back at once, whatever else is missing. */
function waitedForOthers({ version, events }: RehearsedRelease): readonly string[] {
  const log = recorded(events)
  let state: RolloutState | null = null
  let facts = NO_FACTS
  for (const [index, event] of log.entries()) {
    state = evolve(state, event)
    facts = learn(facts, event)
    if (log[index + 1]?.at === event.at) continue
    const broken = keepsWaiting({ after: facts, layout: layoutOf(state) })
    if (broken !== null) return [`${version}, event ${event.version}: ${broken}`]
  }
  return []
}

const ENDS = ['Finalized', 'Aborted', 'RolledBack', 'NeedsHuman']

function keptQuiet({ version, events }: RehearsedRelease): readonly string[] {
  const log = recorded(events)
  return log.flatMap((event, at) => {
    const orders = log
      .slice(at, at + 4)
      .flatMap((each) => (each.type === 'CommandIssued' ? [each.data.command.type] : []))
    if (event.type === 'RollbackTriggered' && event.data.mode === 'rollback' && !orders.includes('OpenIncident'))
      return [`${version}: its rollback opened no incident`]
    return ENDS.includes(event.type) && !orders.includes('Notify')
      ? [`${version}: nobody was told of ${event.type}`]
      : []
  })
}

function usersLost({ isFragile }: Drawn, { users }: Rehearsal): readonly string[] {
  return isFragile || users.lost === 0 ? [] : [`${users.lost} requests of users went where nothing could answer`]
}

/** The last release that was finalized serves; while a person is needed nothing is promised but that it says so. */
function lies({ releases, serves, scenario }: Rehearsal): readonly string[] {
  if (releases.some(({ view }) => view.phase === 'needs-human')) return []
  const last = releases.findLast(({ view }) => view.phase === 'finalized')
  const wanted = last?.version ?? (scenario.live === 'nothing' ? null : 'v1')
  if (wanted === null)
    return serves === 'nothing' || serves === 'maintenance' ? [] : [`nothing was released and ${serves} serves`]
  return serves === wanted ? [] : [`${wanted} should serve; users get ${serves}`]
}
