/**
 * A counterexample as a scenario for `stellwerk rehearse`: the same things go wrong in the same phases. A scenario speaks of
 * phases and causes, the checker of single answers; what only the checker can do stands in it as a remark.
 */
import { stringify } from 'yaml'
import type { Command } from '../../core/rollout/commands.ts'
import { currentRollbackStep, currentStep, pendingOf, type RolloutState } from '../../core/rollout/state.ts'
import { phaseOf } from '../../core/rollout/view.ts'
import { PHASES } from '../scenario/build.ts'
import { LIVE_VERSION } from '../world/world.ts'
import type { Failure } from './explore.ts'
import { type Move, turned } from './moves.ts'
import type { Space } from './space.ts'

type Part = Readonly<Record<string, unknown>>
/** One surprise: what it adds to which list of the scenario; a version stands for the changes of that build. */
type Wrong =
  | { readonly list: string; readonly entry: Part }
  | { readonly gate: string; readonly outcome: string }
  | { readonly remark: string }

export function asScenario<N>(space: Space<N>, failure: Failure): string {
  const wrong: Wrong[] = []
  let stepped = space.begin()
  for (const turn of failure.path) {
    if (!stepped.ok) break
    const { node } = stepped
    const move = turned(space.moves, node, turn)
    if (!move) break
    if (move.cost > 0) wrong.push(...wrongOf(space.stateOf(node, move), move))
    stepped = space.take(node, move)
  }
  return written(space, failure, wrong)
}

function written<N>({ name, isFirst, releases }: Space<N>, { broken }: Failure, wrong: readonly Wrong[]): string {
  const listed = (list: string) => wrong.flatMap((each) => ('list' in each && each.list === list ? [each.entry] : []))
  const gates = wrong.flatMap((each) => ('gate' in each ? [[each.gate, each.outcome]] : []))
  const remarks = wrong.flatMap((each) => ('remark' in each ? [`# ${each.remark}: no scenario can say that.\n`] : []))
  const live = listed(LIVE_VERSION)
  const document = {
    scenario: `${name}, as the model checker broke it`,
    ...(isFirst ? { live: 'nothing' } : live.length > 0 ? { live: { changes: live } } : {}),
    releases: releases.map((version) => ({ version, ...some('changes', listed(version)) })),
    ...some('faults', listed('faults')),
    ...(gates.length > 0 ? { gates: Object.fromEntries(gates) } : {}),
    ...some('controlPlane', listed('controlPlane')),
    ...some('people', listed('people')),
  }
  return `# ${broken.replaceAll('\n', ' ')}\n${remarks.join('')}${stringify(document, { aliasDuplicateObjects: false })}`
}

function some(key: string, list: readonly Part[]): Part {
  return list.length > 0 ? { [key]: list } : {}
}

function wrongOf(state: RolloutState, move: Move): readonly Wrong[] {
  const from = momentOf(state, move)
  const { input, how } = move
  if (input?.type === 'command-finished') {
    const command = pendingOf(state, input.key)?.command
    return command ? answered(command, how, { from, state }) : []
  }
  if (input && 'by' in input && typeof input.by !== 'string' && input.type !== 'request-rollout') {
    const who = input.by.id.replace('person:', '')
    return [{ list: 'people', entry: { at: from, who, roles: [...input.by.roles], does: input.type } }]
  }
  if (how === 'nobody looked for a while') return [{ list: 'controlPlane', entry: { from, for: '40s' } }]
  if (how === 'the machine was restarted') return [{ list: versionOf(state), entry: { from, gone: true } }]
  if (how === 'time passes') return state.pending.flatMap(({ command }) => fault(command, 'never', from))
  const [type] = how.split(':')
  const silent = state.pending.find(({ command }) => command.type === type)
  return silent ? fault(silent.command, 'lost', from) : [{ remark: how }]
}

/** The phase in which it happened, and how long after its step began. */
function momentOf(state: RolloutState, { at }: Move): Part {
  const [name] = phaseOf(state).split(':')
  const phase = PHASES.find((each) => each === name)
  if (phase === undefined) return { after: '1s' }
  const step = currentStep(state)
  const weight = step && 'weight' in step ? { weight: `${step.weight}%` } : {}
  const since = state.step?.since ?? state.retireAt ?? at
  const later = currentRollbackStep(state) === null ? Math.floor((at - since) / 1000) : 0
  return { phase, ...weight, release: versionOf(state), ...(later > 0 ? { after: `${later}s` } : {}) }
}

/** As the scenes have it: rollout `shop-prod-2` brings v2. */
function versionOf({ id }: Pick<RolloutState, 'id'>): string {
  return id.replace('shop-prod-', 'v')
}

const FAULTS: Readonly<Record<string, string>> = {
  transient: 'transient',
  permanent: 'permanent',
  'unknown, not done': 'unknown',
  'unknown, but done': 'lost',
  'ok, not in force yet': 'ignored',
  'nothing seen': 'transient',
}

type Where = { readonly from: Part; readonly state: RolloutState }

function answered(command: Command, how: string, where: Where): readonly Wrong[] {
  if (command.type === 'CheckGate' && (how === 'fail' || how === 'no-evidence'))
    return [{ gate: command.gate, outcome: how }]
  if (command.type === 'RunSmoke' && how === 'fail') return candidate({ smoke: 'fails' })(where, how)
  const answers = FAULTS[how]
  if (answers !== undefined) return fault(command, answers, where.from)
  return CHANGES.find(([said]) => said.test(how))?.[1](where, how) ?? [{ remark: `${command.type}: ${how}` }]
}

const PORTS: Partial<Readonly<Record<Command['type'], readonly [string, string]>>> = {
  CheckGate: ['gate', 'any'],
  EnsureSlot: ['platform', 'ensure'],
  StopSlot: ['platform', 'stop'],
  SetRoute: ['router', 'set'],
  RunSmoke: ['smoke', 'any'],
  Observe: ['router', 'observe'],
  Migrate: ['commands', 'any'],
  Mitigate: ['commands', 'any'],
}

function fault(command: Command, answers: string, from: Part): readonly Wrong[] {
  const port = PORTS[command.type]
  return port ? [{ list: 'faults', entry: { from, in: port[0], orders: port[1], answers, times: 1 } }] : []
}

type Says = (where: Where, how: string) => readonly Wrong[]

const candidate =
  (entry: Part): Says =>
  ({ from, state }) => [{ list: versionOf(state), entry: { from, ...entry } }]
const both =
  (entry: Part): Says =>
  ({ from, state }) =>
    [versionOf(state), LIVE_VERSION].map((list) => ({ list, entry: { from, ...entry } }))
const inSlot =
  (entry: Part): Says =>
  ({ from, state }, how) => [
    { list: how.includes(state.candidateSlot) ? versionOf(state) : LIVE_VERSION, entry: { from, ...entry } },
  ]

function noDataFault(from: Part, port: string): Wrong {
  return { list: 'faults', entry: { from, in: port, orders: 'observe', answers: 'transient', for: '1m' } }
}

const CHANGES: readonly (readonly [RegExp, Says])[] = [
  [/candidate-bad/, candidate({ errors: '50%' })],
  [/all-bad/, both({ errors: '50%' })],
  [/now none/, ({ from }) => [{ list: 'faults', entry: { from, in: 'metrics', answers: 'transient', for: '1m' } }]],
  [/both slots have crashed/, both({ gone: true })],
  [/has crashed/, inSlot({ gone: true })],
  [/exited and came back/, inSlot({ crash: true })],
  [/lost readiness/, inSlot({ flapping: { every: '1h', for: '59m' }, for: '1m' })],
  [/from now on slots/, ({ from }) => [noDataFault(from, 'platform')]],
  [/from now on route/, ({ from }) => [noDataFault(from, 'router')]],
  [/from now on looks/, ({ from }) => [noDataFault(from, 'platform'), noDataFault(from, 'router')]],
  [/from now on both/, ({ from }) => [noDataFault(from, 'platform'), noDataFault(from, 'router')]],
  [/starts slowly/, candidate({ readyAfter: '20s' })],
]
