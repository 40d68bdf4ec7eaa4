/** The concrete adapters behind the ports, made from the options that stand in a plan. */
import { mkdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { createArtifactStore } from '../adapters/artifact-store/store.ts'
import { splitCommand } from '../adapters/command/argv.ts'
import { allowedEnvironment } from '../adapters/command/environment.ts'
import { commandAccount } from '../adapters/command/command-account.ts'
import { type CommandPlace, commandMigration, runPlannedCommand } from '../adapters/command/migration.ts'
import type { Redaction } from '../adapters/command/redact.ts'
import { type CommandEnd, runCommand } from '../adapters/command/run.ts'
import { openWorkplace, type Workplace } from '../adapters/command/workplace.ts'
import type { GateCommand } from '../adapters/gate/command.ts'
import { registry } from '../adapters/registry.ts'
import { httpSmoke } from '../adapters/smoke/http.ts'
import { ownRulesOf } from '../core/analysis/own/rule.ts'
import type { AdapterOptions, Plan, PlannedComponent } from '../core/plan.ts'
import type { KeptRehearsal } from '../core/rollback-path.ts'
import type { Adapters, Environment } from '../ports/adapters.ts'
import type { Gate } from '../ports/gate.ts'
import { failure, ok, type Order, type Result, type Target } from '../ports/result.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { RouterClient } from '../router/client.ts'

export type AdapterDeps = {
  /** Absolute; slots, artifacts and the router's state live below it. */
  readonly dataFolder: string
  readonly router: () => Promise<RouterClient>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Learns every secret as it is read. */
  readonly redaction: Redaction
  /** What was handed over of an environment's rehearsals, the newest last. */
  readonly rehearsals: (service: string, environment: string) => Promise<readonly KeptRehearsal[]>
}

/** Longest time one declared command may take; the order's own deadline usually ends it earlier. */
const COMMAND_LIMIT_MS = 600_000

export function createAdapters(deps: AdapterDeps): Adapters {
  const secrets = createSecrets(deps)
  return {
    secrets,
    ...perComponent(deps, secrets),
    ...declaredCommands(deps),
    gate: (_, gate) => createGate(deps, gate, secrets),
    smoke: (resolveSecret) =>
      httpSmoke.create(
        { kind: 'http' },
        {
          resolveHeader: (check, secret) => resolveSecret(check.component, secret),
          redact: deps.redaction.redact,
        },
      ),
    notifier: (options) => pick(registry.notifiers, options, 'notifier').create(options as never, { fetch, secrets }),
  }
}

/** Options in a plan were read by the adapter's own schema when it was compiled; their type ends at the plan's JSON. */
function perComponent(deps: AdapterDeps, secrets: Secrets): Pick<Adapters, 'platform' | 'router' | 'metrics'> {
  const { dataFolder, environment, router: client } = deps
  return {
    platform: (plan, component) => {
      const adapter = pick(registry.platforms, component.platform, 'platform')
      const target = targetOf(plan, component)
      return adapter.create(component.platform as never, { target, dataFolder, hostEnvironment: environment })
    },
    router: (plan, component) => {
      const options = component.router ?? { kind: 'none' }
      return pick(registry.routers, options, 'router').create(options as never, {
        target: targetOf(plan, component),
        client,
      })
    },
    metrics: (plan, component) => {
      const beside = { target: targetOf(plan, component), client, secrets, fetch, now: () => Date.now() }
      return pick(registry.metrics, plan.metrics, 'metrics source').create(plan.metrics as never, {
        ...beside,
        queries: ownRulesOf(plan.analysis.rules, component.name),
        router: pick(registry.metrics, { kind: 'router' }, 'metrics source').create({} as never, beside),
      })
    },
  }
}

function declaredCommands(deps: AdapterDeps): Pick<Adapters, 'migration' | 'run'> {
  return {
    migration: ({ migration, ...plan }, environment) => {
      if (!migration) throw new Error('the plan has no migration')
      const { expand, down } = migration
      const options = {
        kind: 'command',
        expand: { ...expand },
        down: down && { ...down },
        timeLimitMs: COMMAND_LIMIT_MS,
      } as const
      return commandMigration.create(options, commandDeps(deps, plan, environment))
    },
    run: (plan, command, environment, order) =>
      runPlannedCommand(command, COMMAND_LIMIT_MS, commandDeps(deps, plan, environment), order),
  }
}

type Kinded = { readonly kind: string }

/** The adapter that a plan's options name; a plan of another version of us may name one that this one does not have. */
function pick<A extends Kinded>(adapters: readonly A[], { kind }: AdapterOptions, what: string): A {
  const found = adapters.find((adapter) => adapter.kind === kind)
  if (!found) throw new Error(`this Stellwerk has no ${what} of kind "${kind}"`)
  return found
}

function targetOf({ service, environment }: Plan, { name }: PlannedComponent): Target {
  return { service, environment, component: name }
}

/** The one place where secrets are resolved: from here on every stream leaves them out. */
export function createSecrets({ environment, redaction }: Pick<AdapterDeps, 'environment' | 'redaction'>): Secrets {
  const readers = new Map<string, Secrets>(
    registry.secrets.map((adapter) => [adapter.kind, adapter.create({ environment, warn: () => undefined } as never)]),
  )
  return {
    read: async (reference, signal) => {
      const reader = readers.get(reference.kind)
      if (!reader) return failure('permanent', `there are no secrets of kind "${reference.kind}"`)
      const read = await reader.read(reference, signal)
      if (read.ok) redaction.learn([read.value])
      return read
    },
  }
}

function createGate(deps: AdapterDeps, gate: Plan['gates'][number], secrets: Secrets): Gate {
  const options = { kind: gate.kind, ...gate.options }
  const run = (command: GateCommand) => runGateCommand(deps, secrets, command)
  return pick(registry.gates, options, 'gate').create(options as never, {
    digestTree: artifactStore(deps).digestOf,
    secrets,
    run,
    rehearsals: deps.rehearsals,
  })
}

/** In an empty folder, or one with the gate's own script; what is judged lies beside it, as data. */
async function runGateCommand(deps: AdapterDeps, secrets: Secrets, gate: GateCommand): Promise<Result<CommandEnd>> {
  const argv = splitCommand(gate.command)
  if (!argv.ok) return argv
  const resolved = await secretsOf(gate, secrets)
  if (!resolved.ok) return resolved
  const place = await workplaceFor(deps, gate.environment['STELLWERK_SERVICE'] ?? '')
  if (!place.ok) return place
  try {
    const laid = await layGate(deps, place.value, gate)
    if (!laid.ok) return laid
    const own = { ...gate.component.variables, ...resolved.value, ...gate.environment, ...laid.value }
    const { folder, account, environment } = place.value
    const run = { argv: argv.value, folder, account, secrets: Object.values(resolved.value) }
    const { timeLimitMs, outputLimit, signal } = gate
    const whole = { ...allowedEnvironment(deps.environment), ...environment, ...own }
    return await runCommand({ ...run, environment: whole, timeLimitMs, outputLimit, signal })
  } finally {
    await place.value.done()
  }
}

async function secretsOf(
  { component, secrets: names, signal }: GateCommand,
  secrets: Secrets,
): Promise<Result<Environment>> {
  const values: Record<string, string> = {}
  for (const name of names) {
    const reference = component.secrets[name]
    if (!reference) return failure('permanent', `${component.name} has no secret "${name}"`)
    const read = await secrets.read(reference, signal)
    if (!read.ok) return failure(read.kind, `secret ${name} of ${component.name}: ${read.message}`)
    values[name] = read.value
  }
  return ok(values)
}

async function layGate(deps: AdapterDeps, place: Workplace, gate: GateCommand): Promise<Result<Environment>> {
  const { component, source, signal } = gate
  const store = artifactStore(deps)
  const laid = source === null ? await emptyFolder(place.folder) : await store.checkout(source, place.folder)
  if (!laid.ok) return laid
  place.giveOver(place.folder)
  // An image is nowhere in a folder; what is to be known of it, its digest says.
  if (!isAbsolute(component.artifact.ref)) return ok({})
  const { ref, digest } = component.artifact
  const taken = await store.take(ref, digest, signal)
  if (!taken.ok) return taken
  const artifact = place.beside('artifact')
  const copied = await store.checkout(digest, artifact)
  if (!copied.ok) return copied
  place.giveOver(artifact)
  return ok({ STELLWERK_ARTIFACT: artifact })
}

async function emptyFolder(folder: string): Promise<Result<void>> {
  await mkdir(folder, { mode: 0o700 })
  return ok(undefined)
}

function artifactStore({ dataFolder }: Pick<AdapterDeps, 'dataFolder'>) {
  return createArtifactStore(join(dataFolder, 'artifacts'))
}

/** As a user of its own where we are root, so that what a spec says cannot read the control plane's files. */
async function workplaceFor(deps: AdapterDeps, service: string): Promise<Result<Workplace>> {
  const account = commandAccount(service, deps.environment)
  return account.ok ? openWorkplace(deps.dataFolder, account.value) : account
}

/** Declared commands run in a folder of their own that holds the component's artifact as it was pinned. */
function commandDeps(deps: AdapterDeps, plan: Pick<Plan, 'service' | 'components'>, environment: Environment) {
  return {
    hostEnvironment: deps.environment,
    workplace: async (name: string, { signal }: Order): Promise<Result<CommandPlace>> => {
      const component = plan.components.find((each) => each.name === name)
      if (!component) return failure('permanent', `the plan has no component "${name}"`)
      const { ref, digest } = component.artifact
      const taken = await artifactStore(deps).take(ref, digest, signal)
      if (!taken.ok) return taken
      const place = await workplaceFor(deps, plan.service)
      if (!place.ok) return place
      const { folder, account, done, giveOver } = place.value
      const laid = await artifactStore(deps).checkout(digest, folder)
      if (!laid.ok) await done()
      if (!laid.ok) return laid
      giveOver(folder)
      const secrets = Object.keys(component.secrets).flatMap((secret) => environment[secret] ?? [])
      return ok({ folder, account, environment: { ...place.value.environment, ...environment }, secrets, done })
    },
  }
}
