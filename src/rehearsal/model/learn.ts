/** How each event changes what is known. */
import type { Recorded } from '../../core/rollout/events.ts'
import type { Instant } from '../../core/time.ts'
import { type Facts, NO_FACTS, desiredOf } from './facts.ts'
import { answeredWith, countedFrom, missed, saw, shiftedBy } from './visibility.ts'
import { missedBy } from './of-visibility.ts'

type Of<T extends Recorded['type']> = Extract<Recorded, { type: T }>
type Fold = { readonly [T in Recorded['type']]?: (facts: Facts, event: Of<T>) => Partial<Facts> }

export function learn(facts: Facts, event: Recorded): Facts {
  const fold = folds[event.type] as ((facts: Facts, event: Recorded) => Partial<Facts>) | undefined
  return fold ? { ...facts, ...fold(facts, event) } : facts
}

const MESSAGES = ['Notify', 'OpenIncident']

/** A bake without a share is of the whole. */
function shareIn(step: Of<'StepStarted'>['data']['step']): number {
  const share = 'weight' in step ? step.weight : undefined
  return share ?? (step.kind === 'bake' ? 100 : 0)
}

const ended = (end: string) => () => ({ end, step: null, paused: false, failed: {} })

const folds: Fold = {
  RolloutRequested: (_, { data }) => ({
    id: data.id,
    candidate: data.candidateSlot,
    stable: data.stable?.rollout ?? null,
    quarantined: data.quarantined,
  }),
  RolloutAdmitted: (_, { data }) => ({
    candidate: data.candidateSlot,
    stable: data.stable?.rollout ?? null,
    quarantined: data.quarantined,
  }),
  StepStarted: ({ waits, seenAt, routes }, { data, at }) => ({
    step: {
      track: data.track,
      index: data.index,
      kind: data.step.kind,
      component: 'component' in data.step ? data.step.component : null,
      weight: shareIn(data.step),
      since: at,
      deadline: data.deadline,
    },
    waits: waits.filter(({ command }) => command.type !== 'Observe'),
    failed: {},
    promoted: false,
    liveSmoke: null,
    seenInStep: { route: seenAt.route === at, slots: seenAt.slots === at },
    ...(routes === NO_FACTS.routes ? {} : { routes: before(routes, at) }),
    badTicks: 0,
  }),
  StepFinished: (facts, { data }) => ({
    ...(data.track === 'rollback' ? { rollbackStepDone: `${facts.rollbackStepDone} ${data.kind}` } : {}),
    ...(data.track === 'forward' && (data.kind === 'hold' || data.kind === 'bake')
      ? { held: `${facts.held} ${data.index}` }
      : {}),
  }),
  StepExtended: ({ step }, { data }) => ({ step: step && { ...step, deadline: data.deadline } }),
  CommandIssued: (facts, { data, version, at }) => {
    const { command, deadline } = data
    const share =
      command.type === 'SetRoute' && command.component === 'api' ? command.route.weights[facts.candidate] : 0
    const first = share > 0 && facts.shareOrdered === 0
    return {
      waits: [...facts.waits, { key: String(version), command, desired: desiredOf(command), deadline }],
      ...(share > facts.shareOrdered ? { shareOrdered: share } : {}),
      ...(first ? { restartsBefore: facts.slots[facts.candidate]?.restarts ?? 0, unreadyLooks: 0 } : {}),
      ...(first ? { seenParts: countedFrom(facts.seenParts, at) } : {}),
    }
  },
  CommandDone: (facts, { data }) => answered(facts, data.key, false),
  CommandFailed: (facts, { data, at }) => ({
    ...answered(facts, data.key, true),
    seenParts: missedBy(facts, data.key, at),
  }),
  SlotObserved: (facts, { data, at }) => ({
    ...(data.slot === facts.candidate && data.component === 'api'
      ? { seenParts: answeredWith(facts.seenParts, 'slot', at) }
      : {}),
    ...answered(facts, data.key, false),
    ...(data.component === 'api'
      ? { slots: { ...facts.slots, [data.slot]: data.observed } }
      : { sides: besides(facts, { [data.component]: { [data.slot]: data.observed } }) }),
  }),
  RouteObserved: (facts, { data, at }) => ({
    ...answered(facts, data.key, false),
    ...(data.component === 'api'
      ? {
          weights: data.observed.weights,
          seenAt: { ...facts.seenAt, route: at },
          seenInStep: { ...facts.seenInStep, route: true },
          seenParts: answeredWith(facts.seenParts, 'route', at),
        }
      : { routes: { ...facts.routes, [data.component]: { seen: data.observed, at, inStep: true } } }),
  }),
  WorldObserved: (facts, { data, at }) => {
    const slots = { ...facts.slots, ...data.slots['api'] }
    const weights = data.routes['api']?.weights ?? facts.weights
    const held = slots[facts.candidate]
    const unready = held === null || held.release !== facts.id || held.ready < 2
    return {
      ...(data.key === null ? {} : answered(facts, data.key, false)),
      slots,
      weights,
      seenAt: {
        route: 'api' in data.routes ? at : facts.seenAt.route,
        slots: 'api' in data.slots ? at : facts.seenAt.slots,
      },
      seenInStep: {
        route: facts.seenInStep.route || 'api' in data.routes,
        slots: facts.seenInStep.slots || 'api' in data.slots,
      },
      unreadyLooks: unready ? facts.unreadyLooks + 1 : 0,
      ...(facts.sides === NO_FACTS.sides && Object.keys(data.slots).length < 2 ? {} : aroundApi(facts, data, at)),
      seenParts: lookedAround(facts, data, at),
    }
  },
  MetricsBegun: ({ seenParts }, { at }) => ({ seenParts: saw(seenParts, 'metrics', at) }),
  MetricsObserved: (facts, { data, at }) => {
    const { requests, errors } = data.candidate
    const counts = facts.step?.kind === 'hold' || facts.step?.kind === 'bake'
    const bad = requests >= 20 && errors * 4 >= requests && data.live.errors === 0
    const seenParts = saw(facts.seenParts, 'metrics', at)
    return { seenParts, badTicks: counts && data.weight > 0 && bad ? facts.badTicks + 1 : 0 }
  },
  GateChecked: (facts, { data }) => ({
    ...answered(facts, data.key, data.verdict.outcome !== 'pass' && data.verdict.outcome !== 'fail'),
    gates: `${facts.gates.replace(` ${data.gate}`, '')}${data.verdict.outcome === 'pass' ? ` ${data.gate}` : ''}`,
  }),
  SmokeFinished: (facts, { data }) => ({
    ...answered(facts, data.key, false),
    ...(data.target === 'candidate' ? { smokePassed: data.report.passed } : { liveSmoke: data.report.passed }),
  }),
  Approved: ({ approvals }, { data }) => ({ approvals: { ...approvals, [data.approval]: data.expiresAt } }),
  NoDataFound: () => ({ toldNoData: true }),
  NoDataAnswered: () => ({ answered: true }),
  NoDataEnded: () => ({ toldNoData: false, answered: false }),
  Paused: () => ({ paused: true }),
  Resumed: () => ({ paused: false }),
  Promoted: () => ({ paused: false, promoted: true }),
  RollbackTriggered: (facts, { data }) => ({
    back: data.mode,
    rollbackStepDone: '',
    end: null,
    paused: false,
    failed: {},
    step: null,
    toldNoData: false,
    answered: false,
    // A start that is under way may still come: its answer is waited for before the way back ends.
    waits: facts.waits.filter(({ command }) => [...MESSAGES, 'EnsureSlot'].includes(command.type)),
  }),
  Finalized: (_, { data }) => ({ ...ended('Finalized')(), retireAt: data.retireAt }),
  WindowClosed: () => ({ windowClosed: true }),
  Aborted: ended('Aborted'),
  RolledBack: ended('RolledBack'),
  NeedsHuman: (facts) => ({
    ...ended('NeedsHuman')(),
    waits: facts.waits.filter(({ command }) => MESSAGES.includes(command.type)),
  }),
  Resolved: ended('Resolved'),
  TimeShifted: ({ step, waits, seenParts }, { data }) => ({
    seenParts: shiftedBy(seenParts, data.byMs),
    step: step && {
      ...step,
      since: (step.since + data.byMs) as Instant,
      deadline: (step.deadline + data.byMs) as Instant,
    },
    waits: waits.map((each) => ({ ...each, deadline: (each.deadline + data.byMs) as Instant })),
  }),
}

type Slots = Extract<Recorded, { type: 'WorldObserved' }>['data']['slots']

function besides({ sides }: Facts, seen: Slots): Facts['sides'] {
  const beside = Object.entries(seen).filter(([name]) => name !== 'api')
  return { ...sides, ...Object.fromEntries(beside.map(([name, slots]) => [name, { ...sides[name], ...slots }])) }
}

function aroundApi(
  facts: Facts,
  { slots, routes }: Pick<Extract<Recorded, { type: 'WorldObserved' }>['data'], 'slots' | 'routes'>,
  at: Instant,
) {
  const beside = Object.entries(routes).filter(([name]) => name !== 'api')
  const found = Object.fromEntries(beside.map(([name, seen]) => [name, { seen, at, inStep: true }]))
  return { sides: besides(facts, slots), routes: { ...facts.routes, ...found } }
}

/** Seen before the step that begins now, or at this very moment. */
function before(routes: Facts['routes'], since: Instant): Facts['routes'] {
  const seen = Object.entries(routes).map(([name, each]) => [name, { ...each, inStep: each.at === since }])
  return Object.fromEntries(seen)
}

function lookedAround(facts: Facts, data: Of<'WorldObserved'>['data'], at: Instant): Facts['seenParts'] {
  const asked = facts.waits.find(({ key }) => key === data.key)?.command
  const isSeen = data.slots['api']?.[facts.candidate] !== undefined
  const slot = isSeen ? saw(facts.seenParts, 'slot', at) : missed(facts.seenParts, 'slot', at)
  const route = 'api' in data.routes ? saw(slot, 'route', at) : missed(slot, 'route', at)
  return asked?.type === 'Observe' && asked.metrics ? missed(route, 'metrics', at) : route
}

/** The wait for this command is over; a failure counts towards the pause before the same order is tried again. */
function answered({ waits, failed }: Facts, key: string, isFailure: boolean): Partial<Facts> {
  const found = waits.find((each) => each.key === key)
  if (!found) return {}
  const { desired } = found
  return {
    waits: waits.filter((each) => each !== found),
    failed: isFailure ? { ...failed, [desired]: (failed[desired] ?? 0) + 1 } : { ...failed, [desired]: 0 },
  }
}
