import type { PlannedApproval, PlannedGate, Step } from '../core/plan.ts'
import { consentSteps } from '../core/policy/policy.ts'
import type { EnvironmentSpec } from './spec.ts'

type Consents = { readonly gates: readonly PlannedGate[]; readonly approvals: readonly PlannedApproval[] }

/**
 * The forward steps of a rollout (design §6), `names` being the components in the order in which they are deployed. What has
 * no router works as soon as it runs, so it starts at the switch and not beside live (R-D16).
 */
export function planSteps(spec: EnvironmentSpec, names: readonly string[], consents: Consents): readonly Step[] {
  const { steps: weights, strategy } = spec.rollout
  const routed = names.filter((name) => spec.components[name]!.router !== undefined)
  const scaled = weights.map((weight) => deploySteps(spec, routed, strategy === 'canary' ? weight : 100))
  return [
    ...consentSteps(consents.gates, consents.approvals),
    ...scaled[0]!,
    ...(spec.migrations ? [{ kind: 'migrate' } as const] : []),
    { kind: 'smoke' },
    ...weights.flatMap((weight, index) => [
      ...(index > 0 ? added(scaled[index]!, scaled[index - 1]!) : []),
      ...(weight === 100 && routed.length < names.length ? [{ kind: 'activate' } as const] : []),
      { kind: 'shift', weight } as const,
      waitAt(weight, spec),
    ]),
    { kind: 'verify-live' },
    { kind: 'finalize' },
  ]
}

type Deploy = Extract<Step, { kind: 'deploy' }>

/** Instances for a share of the traffic, rounded up: never less capacity than its share (law L5). */
function deploySteps(spec: EnvironmentSpec, names: readonly string[], weight: number): readonly Deploy[] {
  return names.map((component) => {
    return { kind: 'deploy', component, instances: Math.ceil((spec.components[component]!.instances * weight) / 100) }
  })
}

function added(next: readonly Deploy[], last: readonly Deploy[]): readonly Deploy[] {
  return next.filter((step, index) => step.instances > last[index]!.instances)
}

function waitAt(weight: number, { rollout }: EnvironmentSpec): Step {
  return weight === 100 ? { kind: 'bake', holdMs: rollout.bake } : { kind: 'hold', weight, holdMs: rollout.hold }
}
