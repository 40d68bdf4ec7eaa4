/**
 * What the events alone say, folded by the checker itself. It shares no line with `evolve`: a mistake there must not be able
 * to hide from the invariants.
 */
import { canonicalJson } from '../../core/json.ts'
import type { ObservedRoute, Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { Instant } from '../../core/time.ts'
import { NOTHING_SEEN, type SeenParts } from './visibility.ts'
import type { Plan } from '../../core/plan.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import type { Input } from '../../core/rollout/inputs.ts'
import type { Layout } from './world-state.ts'

export type SeenSlot = {
  readonly present: boolean
  readonly release: string | null
  readonly running: number
  readonly ready: number
  readonly restarts: number
}

/** `order` is the command as one text. */
export type Waits = {
  readonly key: string
  readonly command: Command
  readonly desired: string
  readonly deadline: Instant
}

export type Facts = {
  readonly id: string
  readonly candidate: Slot
  readonly stable: string | null
  readonly quarantined: boolean
  /** The event that ended it last, or null while it is under way. */
  readonly end: string | null
  /** The turn back under way or done. */
  readonly back: 'abort' | 'rollback' | null
  readonly rollbackStepDone: string
  readonly step: {
    readonly track: 'forward' | 'rollback'
    readonly index: number
    readonly kind: string
    /** Which one is deployed. */
    readonly component: string | null
    readonly weight: number
    readonly since: Instant
    readonly deadline: Instant
  } | null
  readonly gates: string
  readonly smokePassed: boolean
  readonly liveSmoke: boolean | null
  readonly approvals: Readonly<Record<string, Instant>>
  readonly paused: boolean
  readonly promoted: boolean
  /** Indexes of the holds and bakes that ended with a pass. */
  readonly held: string
  /** Greatest share of the candidate ever ordered. */
  readonly shareOrdered: number
  readonly slots: Readonly<Record<Slot, SeenSlot | null>>
  readonly weights: Readonly<Record<Slot, number>> | null
  /** What was observed since the step began. */
  readonly seenAt: { readonly route: Instant | null; readonly slots: Instant | null }
  /** Or at the very moment at which it began. */
  readonly seenInStep: { readonly route: boolean; readonly slots: boolean }
  readonly restartsBefore: number
  /** Ticks in a row in which half of the candidate's requests failed at the share of the hold under way. */
  readonly badTicks: number
  readonly unreadyLooks: number
  readonly seenParts: SeenParts
  /** People were told of data that stays away, and one of them said that it shall wait. */
  readonly toldNoData: boolean
  readonly answered: boolean
  readonly waits: readonly Waits[]
  /** Failures in a row per order within the step. */
  readonly failed: Readonly<Record<string, number>>
  readonly retireAt: Instant | null
  readonly windowClosed: boolean
  /** What was seen of components beside `api`: their slots, and their routes with whether that was since the step began. */
  readonly sides: Readonly<Record<string, Readonly<Partial<Record<Slot, SeenSlot>>>>>
  readonly routes: Readonly<
    Record<string, { readonly seen: ObservedRoute; readonly at: Instant; readonly inStep: boolean }>
  >
}

export const NO_FACTS: Facts = {
  id: '',
  candidate: 'blue',
  stable: null,
  quarantined: false,
  end: null,
  back: null,
  rollbackStepDone: '',
  step: null,
  gates: '',
  smokePassed: false,
  liveSmoke: null,
  approvals: {},
  paused: false,
  promoted: false,
  held: '',
  shareOrdered: 0,
  slots: { blue: null, green: null },
  weights: null,
  seenAt: { route: null, slots: null },
  seenInStep: { route: false, slots: false },
  restartsBefore: 0,
  badTicks: 0,
  unreadyLooks: 0,
  seenParts: NOTHING_SEEN,
  toldNoData: false,
  answered: false,
  waits: [],
  failed: {},
  retireAt: null,
  windowClosed: false,
  sides: {},
  routes: {},
}

/** `SetRoute api 50`: two commands of one text order the same. */
export function desiredOf(command: Command): string {
  switch (command.type) {
    case 'CheckGate':
      return `CheckGate ${command.gate}`
    case 'EnsureSlot':
    case 'StopSlot':
      return `${beside(command)}${command.type} ${command.slot} ${command.release}`
    case 'SetRoute':
      return `${beside(command)}${routeText(command.route)}${command.as ? ' as before' : ''}`
    case 'RemoveRoute':
      return `${beside(command)}RemoveRoute`
    case 'RunSmoke':
      return `RunSmoke ${command.target}${command.release ? ` of ${command.release}` : ''}`
    case 'Migrate':
      return `Migrate ${command.direction}`
    case 'OpenIncident':
      return `OpenIncident ${command.title}`
    case 'Mitigate':
      return `Mitigate ${command.index}`
    case 'Observe':
    case 'Notify':
      return command.type
    default:
      return canonicalJson(command)
  }
}

/** `api` is what is meant where nothing is said. */
function beside({ component }: { readonly component: string }): string {
  return component === 'api' ? '' : `${component}: `
}

function routeText({ weights, upstreams }: Command<'SetRoute'>['route']): string {
  return `SetRoute ${weights.blue}/${weights.green} to ${upstreams.blue.length}+${upstreams.green.length}`
}

/** One decision, before and after: what the rules of `afterwards.ts` are asked about. */
export type Decided = {
  readonly before: Facts
  readonly after: Facts
  readonly input: Input
  readonly events: readonly Recorded[]
  /** When the decider says that it has to be asked next. */
  readonly nextDue: Instant | null
  readonly now: Instant
  readonly plan: Plan
  readonly layout: Layout
}
