/**
 * A world from a seed: what is released, who uses it, what goes wrong and when. Swarm: a world first draws which kinds of
 * trouble it knows at all, so that some have one kind in plenty and others a little of everything.
 *
 * Safety first, then liveness: whatever goes wrong does so for a while only. Then the world is well again, and everything in
 * it has to end.
 */
import type { z } from 'zod'
import { INTENT_NAMES } from '../../core/rollout/inputs.ts'
import { Scenario } from '../scenario/schema.ts'
import { type Dice, diceFrom } from './dice.ts'
import { drawPlan, type PlanOf } from './draw-plan.ts'

export type Drawn = {
  readonly seed: number
  readonly scenario: Scenario
  readonly planOf: PlanOf
  /** Instances die, hang or lose readiness by themselves: what users lose by that is nobody's decision. */
  readonly isFragile: boolean
}

type Input = z.input<typeof Scenario>
type Part<K extends keyof Input> = NonNullable<Input[K]>
type Moment = Part<'controlPlane'>[number]['from']

const KINDS = ['builds', 'faults', 'people', 'control plane', 'gates'] as const
type Kind = (typeof KINDS)[number]

export function drawWorld(seed: number): Drawn {
  const dice = diceFrom(seed)
  const kinds = KINDS.filter(() => dice.chance(0.5))
  const troubled = <T>(kind: Kind, draw: () => T, otherwise: T) => (kinds.includes(kind) ? draw() : otherwise)
  const plan = drawPlan(dice)
  const builds = troubled('builds', () => buildsOf(dice), WELL)
  const input: Input = {
    scenario: `world ${seed}`,
    seed: seed % 2 ** 31,
    limit: `${Math.ceil(plan.limitMs / 1000)}s`,
    traffic: { rate: dice.one([0, 4, 40, 40, 200]) },
    live: dice.chance(0.2) ? 'nothing' : {},
    releases: builds.releases,
    faults: troubled('faults', () => [...dice.several(5, () => fault(dice))], []),
    controlPlane: troubled('control plane', () => [...deaths(dice)], []),
    people: troubled('people', () => [...dice.several(4, () => act(dice))], []),
    gates: troubled<Part<'gates'>>(
      'gates',
      () => ({ 'artifact-pinned': dice.one(['pass', 'fail', 'no-evidence']) }),
      {},
    ),
    approvals: dice.chance(0.1) ? 'nobody' : { after: `${dice.between(1, 600)}s` },
  }
  return { seed, scenario: Scenario.parse(input), planOf: plan.of, isFragile: builds.isFragile }
}

const seconds = (dice: Dice, least: number, most: number) => `${dice.between(least, most)}s`

const PHASES = [
  'gates',
  'deploying',
  'smoking',
  'activating',
  'shifting',
  'holding',
  'baking',
  'verifying-live',
  'rolling-back',
] as const

type Phase = NonNullable<Moment['phase']>

function moment(dice: Dice): Moment {
  if (dice.chance(0.3)) return { after: seconds(dice, 0, 120) }
  return { phase: dice.one(PHASES), after: seconds(dice, 0, 15) }
}

const PARTS = ['router', 'platform', 'metrics', 'smoke', 'gate', 'commands', 'notifier'] as const
type Fault = Part<'faults'>[number]
const ANY = ['any'] as const
const ORDERS: {
  readonly [K in Fault['in']]: readonly [NonNullable<Fault['orders']>, ...NonNullable<Fault['orders']>[]]
} = {
  router: ['set', 'observe', 'any'],
  platform: ['ensure', 'stop', 'observe', 'any'],
  metrics: ANY,
  smoke: ANY,
  gate: ANY,
  commands: ANY,
  notifier: ANY,
}
const ANSWERS = ['transient', 'permanent', 'unknown', 'lost', 'never', 'ignored'] as const
const COUNTERS = ['transient', 'stale', 'nan', 'restarted', 'never'] as const

function fault(dice: Dice): Fault {
  const part = dice.one(PARTS)
  return {
    in: part,
    orders: dice.one(ORDERS[part]),
    answers: part === 'metrics' ? dice.one(COUNTERS) : dice.chance(0.2) ? 'well' : dice.one(ANSWERS),
    ...(dice.chance(0.4) ? { slow: seconds(dice, 1, 20) } : {}),
    ...(dice.chance(0.5) ? { times: dice.between(1, 3) } : {}),
    from: moment(dice),
    for: seconds(dice, 1, 300),
  }
}

/**
 * One after the other: the dead do not die. Half a second off what people do, since nobody repeats for them what they asked
 * for in the very moment of the death.
 */
function deaths(dice: Dice): Part<'controlPlane'> {
  const { after = '0s', ...from } = moment(dice)
  const first = { from: { ...from, after: `${after}500ms` }, for: seconds(dice, 1, dice.one([5, 60, 1200])) }
  return dice.chance(0.7)
    ? [first]
    : [first, { from: { after: `${seconds(dice, 1500, 2000)}500ms` }, for: seconds(dice, 1, 60) }]
}

/** Those who are asked approve by themselves. */
const [DEED = 'pause', ...DEEDS] = INTENT_NAMES.filter((name) => name !== 'approve')

function act(dice: Dice): Part<'people'>[number] {
  const at = { phase: dice.one<Phase>([...PHASES, 'finalized']), after: seconds(dice, 0, 30) }
  return { at, does: dice.one([DEED, ...DEEDS]), roles: ['release-captain'] }
}

type Build = NonNullable<Part<'releases'>[number]['build']>

const SOLID: readonly [Build, ...Build[]] = [
  {},
  { errors: '5%' },
  { errors: '60%' },
  { latency: '3s' },
  { readyAfter: '20s' },
  { readyAfter: 'never' },
  { smoke: 'fails' },
  { smoke: 'cannot run' },
]
const FRAGILE: readonly [Build, ...Build[]] = [
  { crashesAfter: '5s' },
  { crashesAfter: '40s' },
  { hangs: true },
  { flapping: { every: '10s', for: '3s' } },
]

type Builds = { readonly releases: Part<'releases'>; readonly isFragile: boolean }

const WELL: Builds = { releases: [{ version: 'v2' }], isFragile: false }

/** One or two releases, the second sometimes while the first is under way. */
function buildsOf(dice: Dice): Builds {
  const isFragile = dice.chance(0.3)
  const turns = dice.chance(0.3)
  const changes = turns ? [{ from: moment(dice), for: seconds(dice, 5, 300), errors: dice.one(['10%', '80%']) }] : []
  const v2 = { version: 'v2', build: dice.one(isFragile ? FRAGILE : SOLID), changes }
  const later = { version: 'v3', build: dice.one(SOLID), at: { after: seconds(dice, 1, 600) } }
  return { releases: dice.chance(0.3) ? [v2, later] : [v2], isFragile }
}
