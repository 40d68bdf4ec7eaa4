/**
 * The interlocks that can be checked before anything runs: each is a named predicate over a plan. `compile` asks them all,
 * and so does whoever accepts a plan from elsewhere (design §6).
 */
import { rollbackPlanFrom, forwardKind, isKnown } from './rollout/steps/index.ts'
import { judgedByARule } from './plan-rules.ts'
import { bakedShift, controlShare, type Plan, type PlanProblem, type Step, routedComponents } from './plan.ts'

type Interlock = { readonly name: string; readonly violations: (plan: Plan) => readonly string[] }

export const PLAN_INTERLOCKS: readonly Interlock[] = [
  { name: 'every-kind-is-known', violations: everyKindIsKnown },
  { name: 'gates-and-approvals-then-deploy', violations: gatesAndApprovalsThenDeploy },
  { name: 'consent-before-commands', violations: consentBeforeCommands },
  { name: 'every-component-deployed-before-traffic', violations: everyComponentDeployed },
  { name: 'capacity-for-the-share', violations: capacityForTheShare },
  { name: 'workers-start-at-the-switch', violations: workersAtTheSwitch },
  { name: 'migration-as-declared', violations: migrationAsDeclared },
  { name: 'prepared-before-traffic', violations: preparedBeforeTraffic },
  { name: 'no-shift-before-smoke', violations: noShiftBeforeSmoke },
  { name: 'smoke-not-empty', violations: smokeNotEmpty },
  { name: 'something-to-shift', violations: somethingToShift },
  { name: 'weights-grow-to-100', violations: weightsGrowTo100 },
  { name: 'hold-after-every-shift', violations: holdAfterEveryShift },
  { name: 'verify-live-then-finalize-last', violations: finalizeLast },
  { name: 'nothing-starts-after-the-bake', violations: nothingAfterTheBake },
  { name: 'judged-by-a-rule', violations: judgedByARule },
  { name: 'a-rollback-from-every-step', violations: aRollbackFromEveryStep },
  { name: 'every-wait-has-a-deadline', violations: everyWaitHasADeadline },
  { name: 'names-exist', violations: namesExist },
]

/** Every way in which the plan breaks an interlock; an empty list when it may run. */
export function planProblems(plan: Plan): readonly PlanProblem[] {
  const [known, ...others] = PLAN_INTERLOCKS.map(({ name, violations }) => {
    return () => violations(plan).map((message) => ({ interlock: name, message }))
  })
  const unknown = known?.() ?? []
  // The others ask the kinds.
  return unknown.length > 0 ? unknown : others.flatMap((each) => each())
}

function indexOf(plan: Plan, kind: Step['kind']): number {
  return plan.steps.findIndex((step) => step.kind === kind)
}

/** Index of the first shift, or of the end when nothing shifts. */
function firstShift(plan: Plan): number {
  const index = indexOf(plan, 'shift')
  return index === -1 ? plan.steps.length : index
}

/** Before anything is deployed every gate was checked, and everybody who is asked has consented. */
function gatesAndApprovalsThenDeploy(plan: Plan): readonly string[] {
  const deploy = indexOf(plan, 'deploy')
  const before = deploy === -1 ? plan.steps : plan.steps.slice(0, deploy)
  const checked = before.flatMap((step) => (step.kind === 'gates' ? (step.gates ?? idsOf(plan.gates)) : []))
  const unknown = checked.filter((id) => !idsOf(plan.gates).includes(id))
  const late = plan.steps.slice(before.length).some((step) => forwardKind(step).asks)
  const asks = before.some(({ kind }) => kind === 'approvals')
  return [
    ...idsOf(plan.gates)
      .filter((id) => !checked.includes(id))
      .map((id) => `no step before the first deploy checks the gate "${id}"`),
    ...unknown.map((id) => `a step checks the gate "${id}", which the plan does not have`),
    ...(plan.approvals.length > 0 && !asks
      ? ['approvals are declared, but no step before the first deploy asks for them']
      : []),
    ...(late ? ['something is deployed before gates and approvals'] : []),
  ]
}

/** Nothing of the requester's runs before the people who are asked have consented. */
function consentBeforeCommands(plan: Plan): readonly string[] {
  if (plan.approvals.length === 0) return []
  const asked = indexOf(plan, 'approvals')
  const early = plan.steps.slice(0, Math.max(asked, 0)).flatMap((step) => {
    if (step.kind !== 'gates') return []
    const here = plan.gates.filter(({ id }) => step.gates === undefined || step.gates.includes(id))
    return here.filter(({ runs }) => runs !== undefined)
  })
  return early.map(({ id }) => `the gate "${id}" runs a command of the requester's before the approvals`)
}

function idsOf(gates: Plan['gates']): readonly string[] {
  return gates.map(({ id }) => id)
}

function everyComponentDeployed(plan: Plan): readonly string[] {
  const before = plan.steps.slice(0, firstShift(plan))
  const deployed = before.flatMap((step) => (step.kind === 'deploy' ? [step.component] : []))
  return routedComponents(plan)
    .filter(({ name }) => !deployed.includes(name))
    .map(({ name }) => `${name} is not deployed before the first shift`)
}

/**
 * What has no router is started once, after the smoke tests and right before the share of traffic that bakes (R-D16): sooner
 * it would take jobs beside live's, later the bake would not see it.
 */
function workersAtTheSwitch(plan: Plan): readonly string[] {
  const last = bakedShift(plan.steps)
  const starts = plan.steps.flatMap(({ kind }, index) => (kind === 'activate' ? [index] : []))
  const beside = plan.components.flatMap(({ name, router }) => {
    if (router !== null) return []
    return plan.steps.some((step) => step.kind === 'deploy' && step.component === name)
      ? [`${name} has no router and is deployed beside live's, whose jobs it would take`]
      : []
  })
  const isAtSwitch = starts.length === 1 && starts[0] === last - 1
  const isNeeded = plan.components.some(({ router }) => router === null)
  return isAtSwitch || (!isNeeded && starts.length === 0)
    ? beside
    : [...beside, 'what has no router is not started once, right before the shift that bakes']
}

/** Instances in proportion to the share, rounded up, before every shift (law L5). */
function capacityForTheShare(plan: Plan): readonly string[] {
  const deployed = new Map<string, number>()
  const problems: string[] = []
  for (const step of plan.steps) {
    const { kind, component = '', instances: started = 0, weight = 0 } = step
    if (kind === 'deploy') deployed.set(component, started)
    if (kind !== 'shift') continue
    for (const { name, instances } of routedComponents(plan)) {
      const needed = Math.ceil((instances * weight) / 100)
      const found = deployed.get(name) ?? 0
      if (found < needed) problems.push(`${name} has ${found} instances at ${weight}% and needs ${needed}`)
    }
  }
  return problems
}

function migrationAsDeclared(plan: Plan): readonly string[] {
  const migrate = indexOf(plan, 'migrate')
  if (plan.migration === null) return migrate === -1 ? [] : ['a migration is planned, but none is declared']
  if (migrate === -1) return ['a migration is declared, but no step runs it']
  return []
}

function noShiftBeforeSmoke(plan: Plan): readonly string[] {
  const smoke = indexOf(plan, 'smoke')
  return smoke !== -1 && smoke < firstShift(plan) ? [] : ['traffic is shifted before the smoke tests']
}

function smokeNotEmpty(plan: Plan): readonly string[] {
  return plan.smoke.length > 0 ? [] : ['there is no smoke test: nothing would prove the candidate before traffic']
}

function somethingToShift(plan: Plan): readonly string[] {
  return routedComponents(plan).length > 0 ? [] : ['no component has a router: there is no traffic to shift']
}

function weightsGrowTo100(plan: Plan): readonly string[] {
  const weights = plan.steps.flatMap(({ kind, weight = 0 }) => (kind === 'shift' ? [weight] : []))
  const wrong = weights.filter((weight, index) => !isWeight(weight) || weight <= (weights[index - 1] ?? 0))
  const problems = wrong.map(
    (weight) => `the weight ${weight} is not a whole number from 1 to 100 above the one before`,
  )
  return weights.at(-1) === 100 ? problems : [...problems, 'the last weight is not 100']
}

function isWeight(weight: number): boolean {
  return Number.isInteger(weight) && weight >= 1 && weight <= 100
}

function holdAfterEveryShift(plan: Plan): readonly string[] {
  const bake = indexOf(plan, 'bake')
  const baked = bakedShift(plan.steps)
  return plan.steps.flatMap((step, index) => {
    if (step.kind !== 'shift') return []
    const next = plan.steps[index + 1]
    if (bake >= 0 && index > bake) return [] // `finalizeLast` says what follows it
    const wanted = index === baked ? 'bake' : 'hold'
    const isHeld = next?.kind === wanted && forwardKind(next).share?.(next) === step.weight
    return isHeld ? [] : [`the shift to ${step.weight}% is not followed by a ${wanted}`]
  })
}

/** What a kind says that it is only for as long as no user has met the candidate. */
function preparedBeforeTraffic(plan: Plan): readonly string[] {
  const late = plan.steps.slice(firstShift(plan)).filter((step) => forwardKind(step).beforeTraffic)
  return late.map(({ kind }) => `${kind} comes after traffic was shifted`)
}

/** Nobody could say what it would do, nor how to take it back. */
function everyKindIsKnown(plan: Plan): readonly string[] {
  const unknown = plan.steps.filter((step) => !isKnown(step))
  return unknown.map(({ kind }) => `there is no step of the kind "${kind}"`)
}

function finalizeLast(plan: Plan): readonly string[] {
  const isOnce = ['bake', 'finalize'].every((once) => plan.steps.filter(({ kind }) => kind === once).length === 1)
  const isControlled = controlShare(plan.steps) > 0
  const wanted = isControlled ? CONTROLLED_END : DIRECT_END
  const ends = plan.steps.slice(-wanted.length).map(({ kind }) => kind)
  const settled = plan.steps.at(-2)
  const isWhole = !isControlled || settled?.weight === 100
  if (isOnce && isWhole && ends.join() === wanted.join()) return []
  return [`the plan does not end with ${wanted.slice(0, -1).join(', ')} and finalize`]
}

const DIRECT_END = ['bake', 'verify-live', 'finalize']
/** What stayed on live for the bake comes over, is seen, tested, and held for a moment. */
const CONTROLLED_END = ['bake', 'shift', 'verify-live', 'hold', 'finalize']

/** What is finalized is what was analysed (law L5). */
function nothingAfterTheBake(plan: Plan): readonly string[] {
  const late = plan.steps.slice(indexOf(plan, 'bake') + 1)
  const starts = indexOf(plan, 'bake') < 0 ? [] : late.filter(({ kind }) => kind === 'deploy' || kind === 'activate')
  return starts.map(({ kind }) => `${kind} comes after the bake, which would not see it`)
}

function aRollbackFromEveryStep(plan: Plan): readonly string[] {
  return plan.steps.flatMap((step, index) => {
    const kinds = rollbackPlanFrom(plan, index).map(({ kind }) => kind)
    const started = plan.steps.slice(0, index + 1).some(({ kind }) => kind === 'deploy' || kind === 'activate')
    const activated = plan.steps.slice(0, index + 1).some(({ kind }) => kind === 'activate')
    if (activated && !kinds.includes('reactivate')) return [`from ${step.kind} nobody starts the previous workers`]
    if (started && !kinds.includes('stop-candidate')) return [`from ${step.kind} nothing takes the candidate away`]
    if (index < firstShift(plan)) return []
    return kinds.includes('traffic-back') && kinds.includes('smoke-live')
      ? []
      : [`from ${step.kind} no traffic comes back`]
  })
}

/** Law L6. Lengths of holds, watches and windows may be zero; deadlines and intervals may not. */
function everyWaitHasADeadline({ timings, steps }: Plan): readonly string[] {
  const lengths = ['extendTimes', 'watchMs', 'rollbackWindowMs']
  const wrong = Object.entries(timings).filter(([name, value]) => {
    return !Number.isFinite(value) || value < 0 || (value === 0 && !lengths.includes(name))
  })
  const holds = steps.flatMap((step) =>
    'holdMs' in step && !(step.holdMs >= 0) ? [`${step.kind} of ${step.holdMs} ms`] : [],
  )
  const shorter = steps.flatMap(({ kind, holdMs = 0, withinMs }) =>
    withinMs === undefined || withinMs >= holdMs ? [] : [`${kind} of ${holdMs} ms within ${withinMs} ms`],
  )
  return [...wrong.map(([name, value]) => `${name} is ${value}`), ...holds, ...shorter]
}

function namesExist(plan: Plan): readonly string[] {
  const names = plan.components.map(({ name }) => name)
  const users = [
    ...plan.steps.flatMap((step) =>
      'component' in step ? [{ who: `a step ${step.kind}`, name: step.component }] : [],
    ),
    ...plan.smoke.map(({ name, component }) => ({ who: `the smoke test "${name}"`, name: component })),
    ...plan.mitigate.map(({ command, component }) => ({ who: `the mitigating command "${command}"`, name: component })),
    ...(plan.migration ? migrationUsers(plan.migration) : []),
  ]
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  return [
    ...twice.map((name) => `two components are called "${name}"`),
    ...users
      .filter(({ name }) => !names.includes(name))
      .map(({ who, name }) => `${who} is for "${name}", which is not a component`),
  ]
}

function migrationUsers({ expand, down }: NonNullable<Plan['migration']>) {
  const commands = down ? [expand, down] : [expand]
  return commands.map(({ component }) => ({ who: 'the migration', name: component }))
}
