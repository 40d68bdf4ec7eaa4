/** Instances of adapters: made once from what a plan says, with the one context that they may use, and kept. */
import { join } from 'node:path'
import { createArtifactStore } from '../adapters/artifact-store/store.ts'
import type { Redaction } from '../adapters/command/redact.ts'
import { restrictedHttp } from '../adapters/http.ts'
import type { Adapter } from '../adapters/kit.ts'
import { registry } from '../adapters/registry.ts'
import { canonicalJson } from '../core/json.ts'
import type { AdapterOptions, SecretReference } from '../core/plan.ts'
import type { AdapterContext, Host, Records } from '../ports/adapter.ts'
import type { Description } from '../ports/description.ts'
import type { Clock } from '../ports/clock.ts'
import { failure, type Result, type Target } from '../ports/result.ts'
import type { Router } from '../ports/router.ts'
import type { SecretSource, Secrets } from '../ports/secrets.ts'
import { runner } from './run-command.ts'

export type AdapterDeps = {
  /** Absolute; slots, artifacts and the router's state live below it. */
  readonly dataFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly log: AdapterContext['log']
  /** Learns every secret as it is read. */
  readonly redaction: Redaction
  readonly records: Records
}

export function hostOf({ dataFolder, environment }: Pick<AdapterDeps, 'dataFolder' | 'environment'>): Host {
  return { dataFolder, environment }
}

/** Instances by whose they are and what their options say. */
export type Kept<Port> = Map<string, Promise<Port>>

export type Make = {
  readonly deps: AdapterDeps
  readonly secrets: Secrets
  readonly signal: AbortSignal
}

type Described = Pick<Adapter<unknown>, 'describe'>

export type Asked<Port> = {
  readonly adapter: Adapter<Port>
  readonly options: AdapterOptions
  readonly target: Target
  /** The router of the same component. */
  readonly beside?: { readonly options: AdapterOptions | null; readonly open: () => Router | null }
  readonly kept: Kept<Port>
}

/** Options of plans grow in number with every release that changes them; nobody asks for most of them again. */
const KEPT_MAX = 1000

export function open<Port>(make: Make, asked: Asked<Port>): Promise<Port> {
  const { adapter, options, target, kept } = asked
  const key = canonicalJson([target, options, asked.beside?.options ?? null])
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
    beside,
  }: Pick<Asked<unknown>, 'options' | 'target' | 'beside'> & { readonly adapter: Described },
): AdapterContext {
  const { dataFolder, clock, log, redaction, records } = deps
  const reach = reachOf(adapter.describe(options), secrets)
  const store = createArtifactStore(join(dataFolder, 'artifacts'))
  return {
    target,
    secrets: reach.secrets,
    http: restrictedHttp({ mayReach: reach.mayReach, fetch }),
    run: runner(hostOf(deps), target.service),
    clock,
    artifacts: { digestOf: ({ ref, digest }) => store.digestOf(ref, digest) },
    records,
    router: async () => beside?.open() ?? null,
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
