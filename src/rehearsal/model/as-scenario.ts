/**
 * A counterexample as a scenario for `stellwerk rehearse`: the same things go wrong in the same phases. A scenario speaks of
 * phases and causes, the checker of single answers; what only the checker can do stands in it as a remark.
 */
import { stringify } from 'yaml'
import type { Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import { currentRollbackStep, currentStep, pendingOf, type RolloutState } from '../../core/rollout/state.ts'
import { phaseOf } from '../../core/rollout/view.ts'
import { PHASES } from '../scenario/build.ts'
import { LIVE_VERSION } from '../world/world.ts'
import type { Failure } from './explore.ts'
import type { Surprise, SurpriseName } from './looks.ts'
import { type Move, turned } from './moves.ts'
import type { Space } from './space.ts'
import type { Feel, Hides } from './world-state.ts'

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
  const { input, how, surprise } = move
  const command = input?.type === 'command-finished' ? pendingOf(state, input.key)?.command : undefined
  if (surprise) return told(surprise, { from, state, command: command ?? null, how })
  if (input && 'by' in input && typeof input.by !== 'string' && input.type !== 'request-rollout') {
    const who = input.by.id.replace('person:', '')
    return [{ list: 'people', entry: { at: from, who, roles: [...input.by.roles], does: input.type } }]
  }
  return [{ remark: command ? `${command.type}: ${how}` : how }]
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

type Where = {
  readonly from: Part
  readonly state: RolloutState
  /** What was answered, where it is an answer. */
  readonly command: Command | null
  readonly how: string
}

function told<K extends SurpriseName>(surprise: Surprise<K>, where: Where): readonly Wrong[] {
  return TELLS[surprise.is](surprise, where)
}

type Tells = { readonly [K in SurpriseName]: (surprise: Surprise<K>, where: Where) => readonly Wrong[] }

const TELLS: Tells = {
  answer: ({ answers }, { command, from }) => (command ? fault(command, answers, from) : []),
  lost: ({ command }, { from }) => fault(command, 'lost', from),
  silence: (_, { state, from }) => state.pending.flatMap(({ command }) => fault(command, 'never', from)),
  verdict: ({ outcome }, { command }) => (command?.type === 'CheckGate' ? [{ gate: command.gate, outcome }] : []),
  smoke: (_, where) => [ofCandidate(where, { smoke: 'fails' })],
  slow: (_, where) => [ofCandidate(where, { readyAfter: '20s' })],
  reboot: (_, where) => [ofCandidate(where, { gone: true })],
  undriven: (_, { from }) => [{ list: 'controlPlane', entry: { from, for: '40s' } }],
  hidden: ({ hides }, { from }) => hidden(hides).map((port) => noDataFault(from, port)),
  crashed: ({ slots }, where) => slots.map((slot) => inSlot(where, slot, { gone: true })),
  exited: ({ slot }, where) => [inSlot(where, slot, { crash: true })],
  unready: ({ slot }, where) => [inSlot(where, slot, { flapping: { every: '1h', for: '59m' }, for: '1m' })],
  felt: ({ feel }, where) => felt(feel, where),
}

function ofCandidate({ from, state }: Where, entry: Part): Wrong {
  return { list: versionOf(state), entry: { from, ...entry } }
}

function inSlot({ from, state }: Where, slot: Slot, entry: Part): Wrong {
  return { list: slot === state.candidateSlot ? versionOf(state) : LIVE_VERSION, entry: { from, ...entry } }
}

function felt(feel: Feel, { from, state, how }: Where): readonly Wrong[] {
  const bad = { entry: { from, errors: '50%' } }
  if (feel === 'none') return [{ list: 'faults', entry: { from, in: 'metrics', answers: 'transient', for: '1m' } }]
  if (feel === 'candidate-bad') return [{ list: versionOf(state), ...bad }]
  return feel === 'all-bad' ? [versionOf(state), LIVE_VERSION].map((list) => ({ list, ...bad })) : [{ remark: how }]
}

function hidden(hides: Hides): readonly string[] {
  if (hides === 'slots') return ['platform']
  return hides === 'route' ? ['router'] : ['platform', 'router']
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

function noDataFault(from: Part, port: string): Wrong {
  return { list: 'faults', entry: { from, in: port, orders: 'observe', answers: 'transient', for: '1m' } }
}
