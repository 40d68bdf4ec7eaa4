/** The concrete adapters behind the ports, each made once from the options that stand in a plan, and kept. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createArtifactStore } from '../adapters/artifact-store/store.ts'
import { runPlannedCommand } from '../adapters/command/planned.ts'
import type { Redaction } from '../adapters/command/redact.ts'
import { restrictedHttp } from '../adapters/http.ts'
import type { Adapter } from '../adapters/kit.ts'
import { registry } from '../adapters/registry.ts'
import { canonicalJson } from '../core/json.ts'
import type { AdapterOptions, Plan, PlannedComponent, SecretReference } from '../core/plan.ts'
import type { AdapterContext, AdapterLog, Description, Host } from '../ports/adapter.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Clock } from '../ports/clock.ts'
import { failure, type Result, type Target } from '../ports/result.ts'
import type { Gate } from '../ports/gate.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import type { Migration } from '../ports/migration.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Platform } from '../ports/platform.ts'
import type { Router } from '../ports/router.ts'
import type { SecretSource, Secrets } from '../ports/secrets.ts'
import type { Smoke } from '../ports/smoke.ts'
import * as lazily from './lazily.ts'
import { runner } from './run-command.ts'

export type AdapterDeps = {
  /** Absolute; slots, artifacts and the router's state live below it. */
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: AdapterLog
  /** Learns every secret as it is read. */
  readonly redaction: Redaction
}

export type OpenAdapters = Adapters & {
  /** Ends what the adapters do by themselves; what they started goes on (law L9). */
  close(): void
}

export function createAdapters(deps: AdapterDeps): OpenAdapters {
  const closing = new AbortController()
  const make: Make = { deps, secrets: createSecrets(deps), signal: closing.signal }
  const kept = keptInstances()
  const router = (plan: Plan, component: PlannedComponent) => {
    const options = component.router ?? { kind: 'none' }
    const adapter = pick(registry.routers, options, 'router')
    const target = targetOf(plan, component)
    return lazily.router(adapter.describe(options), () => open(make, { adapter, options, target, kept: kept.routers }))
  }
  return {
    secrets: make.secrets,
    router,
    platform(plan, component) {
      const options = component.platform
      const adapter = pick(registry.platforms, options, 'platform')
      const target = targetOf(plan, component)
      return lazily.platform(adapter.describe(options), () =>
        open(make, { adapter, options, target, kept: kept.platforms }),
      )
    },
    metrics(plan, component) {
      const adapter = pick(registry.metrics, plan.metrics, 'metrics source')
      const beside = async () => (component.router ? router(plan, component) : null)
      const target = targetOf(plan, component)
      const asked = { adapter, options: plan.metrics, target, router: beside, kept: kept.metrics }
      return lazily.metrics(adapter.describe(plan.metrics), () => open(make, asked))
    },
    gate(plan, gate) {
      const options = { kind: gate.kind, ...gate.options }
      const adapter = pick(registry.gates, options, 'gate')
      const asked = { adapter, options, target: environmentOf(plan), kept: kept.gates }
      return { check: async (context) => (await open(make, asked)).check(context) }
    },
    smoke(plan) {
      const options = { kind: 'http' }
      const adapter = pick(registry.smoke, options, 'smoke runner')
      const asked = { adapter, options, target: environmentOf(plan), kept: kept.smoke }
      return { run: async (run) => (await open(make, asked)).run(run) }
    },
    migration(plan) {
      if (!plan.migration) throw new Error('the plan has no migration')
      const options = { ...plan.migration, down: plan.migration.down && { ...plan.migration.down } }
      const adapter = pick(registry.migrations, options, 'migration')
      const target = targetOf(plan, { name: options.expand.component })
      const asked = { adapter, options, target, kept: kept.migrations }
      return lazily.migration(() => open(make, asked))
    },
    run: (plan, command, setting, order) =>
      runPlannedCommand(runner(hostOf(deps), plan.service), command, setting, order),
    notifier(plan, options) {
      const adapter = pick(registry.notifiers, options, 'notifier')
      const asked = { adapter, options, target: environmentOf(plan), kept: kept.notifiers }
      return { deliver: async (message, order) => (await open(make, asked)).deliver(message, order) }
    },
    close: () => closing.abort(),
  }
}

/** The adapter that a plan's options name; a plan of another version of us may name one that this one does not have. */
function pick<A extends { readonly kind: string }>(adapters: readonly A[], { kind }: AdapterOptions, what: string): A {
  const found = adapters.find((adapter) => adapter.kind === kind)
  if (!found) throw new Error(`this Stellwerk has no ${what} of kind "${kind}"`)
  return found
}

function targetOf({ service, environment }: Plan, { name }: { readonly name: string }): Target {
  return { service, environment, component: name }
}

function environmentOf({ service, environment }: Plan): Target {
  return { service, environment, component: '' }
}

function hostOf({ dataFolder, environment }: Pick<AdapterDeps, 'dataFolder' | 'environment'>): Host {
  return { dataFolder, environment }
}

/** Instances by whose they are and what their options say. */
type Kept<Port> = Map<string, Promise<Port>>

function keptInstances() {
  return {
    platforms: new Map<string, Promise<Platform>>(),
    routers: new Map<string, Promise<Router>>(),
    metrics: new Map<string, Promise<MetricsSource>>(),
    gates: new Map<string, Promise<Gate>>(),
    smoke: new Map<string, Promise<Smoke>>(),
    migrations: new Map<string, Promise<Migration>>(),
    notifiers: new Map<string, Promise<Notifier>>(),
  }
}

type Make = {
  readonly deps: AdapterDeps
  readonly secrets: Secrets
  readonly signal: AbortSignal
}

type Described = Pick<Adapter<unknown>, 'describe'>

type Asked<Port> = {
  readonly adapter: Adapter<Port>
  readonly options: AdapterOptions
  readonly target: Target
  readonly router?: AdapterContext['router']
  readonly kept: Kept<Port>
}

/** Options of plans grow in number with every release that changes them; nobody asks for most of them again. */
const KEPT_MAX = 1000

function open<Port>(make: Make, asked: Asked<Port>): Promise<Port> {
  const { adapter, options, target, kept } = asked
  const key = canonicalJson([target, options])
  const known = kept.get(key)
  if (known) return known
  const opened = adapter.create(options, contextFor(make, asked))
  kept.set(key, opened)
  opened.catch(() => kept.delete(key))
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!)
  return opened
}

/** For who asks an adapter of which nothing is kept. */
export function contextOf(
  deps: AdapterDeps,
  asked: Pick<Asked<unknown>, 'options' | 'target'> & { readonly adapter: Described },
): AdapterContext {
  return contextFor({ deps, secrets: createSecrets(deps), signal: new AbortController().signal }, asked)
}

function contextFor(
  { deps, secrets, signal }: Make,
  {
    adapter,
    options,
    target,
    router,
  }: Pick<Asked<unknown>, 'options' | 'target' | 'router'> & { readonly adapter: Described },
): AdapterContext {
  const { dataFolder, clock, log, redaction } = deps
  const reach = reachOf(adapter.describe(options), secrets)
  const store = createArtifactStore(join(dataFolder, 'artifacts'))
  return {
    target,
    secrets: reach.secrets,
    http: restrictedHttp({ mayReach: reach.mayReach, fetch }),
    run: runner(hostOf(deps), target.service),
    clock,
    artifacts: { digestOf: ({ ref, digest }) => store.digestOf(ref, digest) },
    records: { rehearsal: (file) => textOf(join(dataFolder, file)) },
    router: router ?? (async () => null),
    host: hostOf(deps),
    log,
    redact: redaction.redact,
    signal,
  }
}

/** What the options name, and where a secret that it read leads to: an address may be a secret. */
function reachOf({ hosts }: Description, inner: Secrets) {
  const learned = new Set(hosts)
  const secrets: Secrets = {
    read: async (reference, signal) => {
      const read = await inner.read(reference, signal)
      const address = read.ok ? URL.parse(read.value.trim()) : null
      if (address && /^https?:$/.test(address.protocol)) learned.add(address.host)
      return read
    },
  }
  return { secrets, mayReach: (host: string) => learned.has(host) }
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const NOWHERE: Target = { service: '', environment: '', component: '' }

/** The one place where secrets are resolved: from here on every stream leaves them out. */
export function createSecrets(deps: AdapterDeps): Secrets {
  const nothing: Secrets = { read: async () => failure('permanent', 'a secret is not read by way of another') }
  const make: Make = { deps, secrets: nothing, signal: new AbortController().signal }
  const kept: Kept<SecretSource> = new Map()
  return {
    read: async (reference, signal) => {
      const read = await readOne(make, kept, { reference, signal })
      if (read.ok) deps.redaction.learn([read.value])
      return read
    },
  }
}

type Read = { readonly reference: SecretReference; readonly signal: AbortSignal }

async function readOne(make: Make, kept: Kept<SecretSource>, { reference, signal }: Read): Promise<Result<string>> {
  const adapter = registry.secrets.find(({ kind }) => kind === reference.kind)
  if (!adapter) return failure('permanent', `there are no secrets of kind "${reference.kind}"`)
  const source = await open(make, { adapter, options: reference, target: NOWHERE, kept })
  return source.read(signal)
}
