/** `plan = compile(spec, artifact, environment, inputs)`: everything a rollout will do, decided before it begins (design §6). */
import { resolve } from 'node:path'
import type { Artifact } from '../core/artifact.ts'
import type { Json } from '../core/json.ts'
import { planProblems } from '../core/plan-interlocks.ts'
import type {
  AdapterOptions,
  Plan,
  PlannedApproval,
  PlannedComponent,
  PlannedGate,
  SecretReference,
} from '../core/plan.ts'
import type { PlatformSchema } from './adapter-options.ts'
import { compileProblems } from './compile-checks.ts'
import { deployOrder } from './component-checks.ts'
import { plannedSmoke } from './planned-smoke.ts'
import type { PathPart, SpecProblem } from './problem.ts'
import { analysisRules } from './rules.ts'
import type { EnvironmentSpec, Spec } from './spec.ts'
import { planSteps } from './steps.ts'
import { timings } from './timings.ts'

export type PlanInputs = {
  /** Flag values of this release (R-A09): `{ claims-enabled: "false" }`. */
  readonly flags: Readonly<Record<string, string>>
  /** Absolute folder that relative paths of the spec start from. */
  readonly folder: string
  /** What each kind of platform runs; absent: references are not held against it. */
  readonly platforms?: readonly PlatformSchema[]
  /** Where a path of the artifact stands, `artifact.json:4:12`; absent: problems say "artifact". */
  readonly locateArtifact?: (path: readonly PathPart[]) => string
}

export type CompileResult =
  | { readonly ok: true; readonly plan: Plan }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

export function compile(spec: Spec, artifact: Artifact, environment: string, inputs: PlanInputs): CompileResult {
  const locateArtifact = inputs.locateArtifact ?? (() => 'artifact')
  const { flags, platforms = [] } = inputs
  const problems = compileProblems({ spec, artifact, environment, flags, platforms, locateArtifact })
  if (problems.length > 0) return { ok: false, problems }
  const plan = assemble({ service: spec.service, environment, artifact, inputs }, spec.environments[environment]!)
  const broken = planProblems(plan).map(({ interlock, message }) => ({
    where: spec.locate(environment, []),
    path: `environments.${environment}`,
    message: `the plan breaks the interlock ${interlock}: ${message}`,
    suggestion: null,
  }))
  return broken.length > 0 ? { ok: false, problems: broken } : { ok: true, plan }
}

type Release = {
  readonly service: string
  readonly environment: string
  readonly artifact: Artifact
  readonly inputs: PlanInputs
}

function assemble({ service, environment, artifact, inputs }: Release, spec: EnvironmentSpec): Plan {
  const { order } = deployOrder(spec.components)
  return {
    format: 1,
    service,
    environment,
    artifact,
    strategy: spec.rollout.strategy,
    concurrency: spec.rollout.concurrency,
    components: order.map((name) => plannedComponent(name, spec, artifact, inputs.folder)),
    gates: plannedGates(spec),
    approvals: plannedApprovals(spec),
    migration: plannedMigration(spec),
    smoke: plannedSmoke(spec),
    metrics: withAbsolutePaths(spec.metrics, inputs.folder),
    analysis: { rules: analysisRules(spec.analysis), minRequests: spec.rollout.minRequests },
    damp: spec.rollback.damp.map(({ run, component }) => ({ component, command: run })),
    targets: { rtoMs: spec.rollback.targets.rto, rpoMs: spec.rollback.targets.rpo },
    notify: spec.notify,
    flags: inputs.flags,
    timings: timings(spec),
    steps: planSteps(spec, order),
  }
}

function plannedComponent(name: string, spec: EnvironmentSpec, artifact: Artifact, folder: string): PlannedComponent {
  const { platform, router, traffic, instances, health, variables, secrets } = spec.components[name]!
  return {
    name,
    artifact: artifact.components[name]!,
    platform,
    router: router ?? null,
    ...(traffic === undefined ? {} : { traffic }),
    instances,
    health,
    variables: { ...withoutKeys(spec.variables, secrets), ...variables },
    secrets: Object.fromEntries(Object.entries(secrets).map(([key, value]) => [key, absolute(value, folder)])),
  }
}

/** A component's secret stands over a variable of the whole environment. */
function withoutKeys(variables: Readonly<Record<string, string>>, over: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !Object.hasOwn(over, name)))
}

/** The engine may stand in another folder than the spec. */
function absolute(reference: SecretReference, folder: string): SecretReference {
  return reference.kind === 'file' ? { ...reference, path: resolve(folder, reference.path) } : reference
}

/** A metrics source is let in by a secret, which may lie in a file. */
export function withAbsolutePaths(metrics: AdapterOptions, folder: string): AdapterOptions {
  const { auth } = metrics
  return auth === undefined ? metrics : { ...metrics, auth: absoluteIn(auth, folder) }
}

function absoluteIn(value: Json, folder: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  if (isSecretReference(value)) return absolute(value, folder)
  const members = Object.entries(value as Readonly<Record<string, Json>>)
  return Object.fromEntries(members.map(([key, inner]) => [key, absoluteIn(inner, folder)]))
}

function isSecretReference(value: object): value is SecretReference {
  return 'kind' in value && (value.kind === 'file' || value.kind === 'env')
}

/** Two gates of a kind are `command` and `command-2`. */
function plannedGates({ gates }: EnvironmentSpec): readonly PlannedGate[] {
  return gates.map(({ kind, ...options }, index) => {
    const before = gates.slice(0, index).filter((gate) => gate.kind === kind).length
    return {
      id: before === 0 ? kind : `${kind}-${before + 1}`,
      kind,
      options: options as Readonly<Record<string, Json>>,
    }
  })
}

/** People by name only: who belongs to a group, the token says. */
function plannedApprovals({ approvals, people }: EnvironmentSpec): readonly PlannedApproval[] {
  return approvals.map(({ role, at }) => {
    const holders = Object.hasOwn(people, role) ? people[role]! : []
    return { id: `${at}/${role}`, role, at, people: holders.filter((holder) => !holder.startsWith('group:')) }
  })
}

function plannedMigration({ migrations }: EnvironmentSpec): Plan['migration'] {
  if (!migrations) return null
  const { kind, component, expand, down } = migrations
  return {
    kind,
    expand: { component, command: expand },
    down: down === undefined ? null : { component, command: down },
  }
}
