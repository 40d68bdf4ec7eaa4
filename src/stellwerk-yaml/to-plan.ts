/** `plan = compile(spec, artifact, environment, inputs)`: everything a rollout will do, decided before it begins (design §6). */
import { quote, say } from '../core/say.ts'
import { resolve } from 'node:path'
import { registry } from '../adapters/registry.ts'
import type { CiGrant } from '../core/ci.ts'
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
import { accountsOf, authorsOf } from './accounts.ts'
import type { PlatformSchema, SecretSchema } from './adapter-options.ts'
import { compileProblems } from './compile-checks.ts'
import { deployOrder } from './component-checks.ts'
import { holdersOf, rolesInUse } from './people-checks.ts'
import { plannedSmoke } from './planned-smoke.ts'
import type { PathPart, SpecProblem } from './problem.ts'
import { analysisRules, segmentsOf, startingOf } from './rules.ts'
import { secretNameIn } from './secret-checks.ts'
import type { EnvironmentSpec, Spec } from './spec.ts'
import { countingFor, routingFor } from './described.ts'
import { planSteps } from './rollout.ts'
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
    message: say`the plan breaks the interlock ${interlock}: ${quote(message)}`,
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
  const gates = plannedGates(spec)
  const approvals = plannedApprovals(spec)
  const accounts = accountsOf(spec.accounts)
  const metrics = withSecrets(spec.metrics, spec.secrets, inputs.folder)
  return {
    format: 1,
    service,
    environment,
    artifact: { ...artifact, authors: authorsOf(artifact.authors, accounts) },
    strategy: spec.rollout.strategy,
    concurrency: spec.rollout.concurrency,
    components: order.map((name) => plannedComponent(name, spec, artifact, inputs.folder)),
    gates,
    approvals,
    migration: plannedMigration(spec),
    smoke: plannedSmoke(spec),
    metrics,
    counting: countingFor(metrics),
    analysis: plannedAnalysis(spec),
    mitigate: spec.rollback.mitigate.map(({ run, component }) => ({ component, command: run })),
    targets: { rtoMs: spec.rollback.targets.rto },
    notify: plannedRoutes(spec, inputs.folder),
    flags: inputs.flags,
    timings: timings(spec),
    steps: planSteps(spec, order, { gates, approvals }),
    policy: { people: plannedPeople(spec), accounts, ...ciOf(spec), weaken: spec.policy.weaken, changes: [] },
  }
}

/** A plan of an environment without an artifact: what its spec proposes as policy, whatever is released into it. */
export function proposedPlan(service: string, environment: string, spec: EnvironmentSpec, folder = '/'): Plan {
  const nothing = { ref: '', digest: '' }
  const components = Object.fromEntries(Object.keys(spec.components).map((name) => [name, nothing]))
  const artifact = { version: '', commit: '', buildUrl: '', authors: [], components }
  return assemble({ service, environment, artifact, inputs: { flags: {}, folder } }, spec)
}

/** Absent where there is none: such a plan is the same as before there were grants. */
function ciOf({ ci }: EnvironmentSpec): { readonly ci?: readonly CiGrant[] } {
  return ci.length === 0 ? {} : { ci }
}

function plannedPeople(spec: EnvironmentSpec): Readonly<Record<string, readonly string[]>> {
  const roles = [...new Set(rolesInUse(spec))].toSorted()
  return Object.fromEntries(roles.map((role) => [role, holdersOf(spec, role)]))
}

function plannedComponent(name: string, spec: EnvironmentSpec, artifact: Artifact, folder: string): PlannedComponent {
  const { platform, router, traffic, instances, health, variables, secrets } = spec.components[name]!
  return {
    name,
    artifact: artifact.components[name]!,
    platform,
    ...routingFor({ router }),
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
  const paths = secretKind(reference)?.paths ?? []
  const members = paths.map((key) => [key, resolve(folder, String(reference[key]))])
  return { ...reference, ...Object.fromEntries(members) }
}

/** Every `{ secret: NAME }` of an adapter's options becomes the reference that the environment has for the name. */
export function withSecrets(
  options: AdapterOptions,
  secrets: EnvironmentSpec['secrets'],
  folder: string,
): AdapterOptions {
  const members = Object.entries(options).map(([key, value]) => {
    return [key, value === undefined ? value : namedIn(value, (name) => absolute(secrets[name]!, folder))]
  })
  return Object.fromEntries(members) as AdapterOptions
}

function namedIn(value: Json, reference: (name: string) => SecretReference): Json {
  const name = secretNameIn(value)
  if (name !== null) return reference(name)
  if (Array.isArray(value)) return value.map((each) => namedIn(each, reference))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value as Readonly<Record<string, Json>>).map(([key, inner]) => [key, namedIn(inner, reference)]),
  )
}

function secretKind({ kind }: { readonly kind: unknown }): SecretSchema | undefined {
  return registry.secrets.find((each) => each.kind === kind)
}

function plannedAnalysis(spec: EnvironmentSpec): Plan['analysis'] {
  const { analysis, rollout } = spec
  const rules = analysisRules(analysis.rules)
  return { rules, minRequests: rollout.minRequests, ...startingOf(analysis), ...segmentsOf(spec) }
}

/** Checking them runs something of the requester's, so they wait for the approvals. */
function runs(kind: string): boolean {
  return registry.gates.some((gate) => gate.kind === kind && 'runs' in gate)
}

/** Two gates of a kind are `command` and `command-2`. */
function plannedGates({ gates }: EnvironmentSpec): readonly PlannedGate[] {
  return gates.map(({ kind, ...options }, index) => {
    const before = gates.slice(0, index).filter((gate) => gate.kind === kind).length
    return {
      id: before === 0 ? kind : `${kind}-${before + 1}`,
      kind,
      options: options as Readonly<Record<string, Json>>,
      ...(runs(kind) ? { runs: 'command' as const } : {}),
    }
  })
}

/** `language` is absent where it is English: the hash of a plan that says nothing of it stays. */
function plannedRoutes({ notify, secrets }: EnvironmentSpec, folder: string): Plan['notify'] {
  return notify.map(({ on, to, language }) => {
    const route = { on, to: withSecrets(to, secrets, folder) }
    return language === 'de' ? { ...route, language } : route
  })
}

function plannedApprovals(spec: EnvironmentSpec): readonly PlannedApproval[] {
  return spec.approvals.map(({ role, at }) => ({ id: `${at}/${role}`, role, at, people: holdersOf(spec, role) }))
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
