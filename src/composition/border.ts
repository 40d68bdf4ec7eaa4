/**
 * The border between everything outside and the engine. Whatever an adapter answers, failures and thrown errors included,
 * becomes storable and printable here, and loses the secrets that were read so far (law L11). Adapters need not think of
 * it, those of tests and of later ones included; nothing behind the border has to.
 */
import { inLanguage } from './in-language.ts'
import type { Redact } from '../adapters/command/redact.ts'
import { foreignData } from '../core/foreign-text.ts'
import type { Plan } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Gate } from '../ports/gate.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import type { Migration } from '../ports/migration.ts'
import type { Notification, Notifier } from '../ports/notifier.ts'
import type { Platform } from '../ports/platform.ts'
import type { Router } from '../ports/router.ts'
import type { Secrets } from '../ports/secrets.ts'
import type { Smoke } from '../ports/smoke.ts'
import { timeLimit } from '../timers.ts'

/** Members that may have several lines; every other text is one line. */
const TEXTS = new Set(['message', 'output', 'detail'])
/** What machines act on, and no adapter takes from a program's output: blanking a part of it would break what it names. */
const MACHINES = new Set(['upstreams', 'digest', 'version', 'release', 'epoch'])
const MACHINES_OF_ROUTE = new Set([...MACHINES, 'url'])

/** Values of class instances and functions do not cross: answers of ports are plain data. */
type Clean = <T>(value: T) => T
type Across = <T>(work: () => Promise<T>) => Promise<T>

const READ_LIMIT_MS = 2000

export function withBorder(adapters: Adapters, redact: Redact): Adapters {
  const clean: Clean = (value) => cleaned(value, redact)
  const crossing: Across = (work) => across(clean, work)
  const learn = secretsOfPlans(adapters.secrets)
  const knowing = (plan: Plan, how = clean): Across => {
    return (work) => across(how, async () => learn(plan).then(work))
  }
  const knowingRoutes = (plan: Plan) => knowing(plan, (value) => cleaned(value, redact, MACHINES_OF_ROUTE))
  return {
    secrets: adapters.secrets,
    platform: (plan, component) => platform(adapters.platform(plan, component), knowing(plan)),
    router: (plan, component) => router(adapters.router(plan, component), knowingRoutes(plan)),
    metrics: (plan, component) => metrics(adapters.metrics(plan, component), knowing(plan)),
    gate: (plan, gate) => gateOf(adapters.gate(plan, gate), knowing(plan)),
    smoke: (plan) => smoke(adapters.smoke(plan), crossing),
    migration: (plan) => migration(adapters.migration(plan), knowing(plan)),
    run: (plan, command, setting, order) => knowing(plan)(() => adapters.run(plan, command, setting, order)),
    notifier: (plan, options) => notifier(adapters.notifier(plan, options), crossing, clean),
  }
}

/**
 * Reads what a plan's components hold as secrets, once each, so that a control plane that was started after its instances
 * knows what these may repeat. One that cannot be read is looked for again next time.
 */
function secretsOfPlans(secrets: Secrets): (plan: Plan) => Promise<void> {
  const read = new Set<string>()
  return async ({ components }) => {
    for (const reference of components.flatMap(({ secrets: own }) => Object.values(own))) {
      const key = JSON.stringify(reference)
      if (read.has(key)) continue
      const value = await secrets.read(reference, timeLimit(READ_LIMIT_MS)).catch(() => null)
      if (value?.ok) read.add(key)
    }
  }
}

/** Before and after: a secret may be hidden from the first look by what is taken out of the text. */
export function cleaned<T>(value: T, redact: Redact, machines: ReadonlySet<string> = MACHINES): T {
  const kept = (text: string, key: string) => (machines.has(key) ? text : redact(text))
  return foreignData(redactedFirst(value, kept), TEXTS, kept)
}

function redactedFirst<T>(value: T, redact: (text: string, key: string) => string, key = ''): T {
  if (typeof value === 'string') return redact(value, key) as T
  if (Array.isArray(value)) return value.map((each: unknown) => redactedFirst(each, redact, key)) as T
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, inner]) => [name, redactedFirst(inner, redact, name)])
  return Object.fromEntries(members) as T
}

async function across<T>(clean: Clean, work: () => Promise<T>): Promise<T> {
  try {
    return clean(await work())
  } catch (error) {
    throw new Error(clean({ message: error instanceof Error ? error.message : String(error) }).message, {
      cause: error,
    })
  }
}

function platform(inner: Platform, across: Across): Platform {
  const accepts: Platform['accepts'] =
    inner.accepts && ((artifact, signal) => across(async () => inner.accepts!(artifact, signal)))
  return {
    capabilities: inner.capabilities,
    ...(accepts && { accepts }),
    observe: (slot, signal) => across(() => inner.observe(slot, signal)),
    ensure: (slot, desired, order) => across(() => inner.ensure(slot, desired, order)),
    stop: (slot, release, order) => across(() => inner.stop(slot, release, order)),
    logs: (slot, query, signal) => across(() => inner.logs(slot, query, signal)),
  }
}

function router(inner: Router, across: Across): Router {
  return {
    capabilities: inner.capabilities,
    listens: inner.listens,
    observe: (signal) => across(() => inner.observe(signal)),
    set: (desired, order) => across(() => inner.set(desired, order)),
    remove: (order) => across(() => inner.remove(order)),
    ...(inner.counts && { counts: (...asked) => across(() => inner.counts!(...asked)) }),
  }
}

function metrics(inner: MetricsSource, across: Across): MetricsSource {
  return { name: inner.name, collect: (...asked) => across(() => inner.collect(...asked)) }
}

function gateOf(inner: Gate, across: Across): Gate {
  return { check: (context) => across(() => inner.check(context)) }
}

function smoke(inner: Smoke, across: Across): Smoke {
  return { run: (run) => across(() => inner.run(run)) }
}

function migration(inner: Migration, across: Across): Migration {
  return {
    expand: (setting, order) => across(() => inner.expand(setting, order)),
    down: (setting, order) => across(() => inner.down(setting, order)),
  }
}

/** What people are told is cleaned on its way out as well: it may quote what was typed by hand. */
function notifier(inner: Notifier, across: Across, clean: Clean): Notifier {
  const told = (notification: Notification): Notification => {
    const { title, text, serving, ...rest } = inLanguage(notification)
    return { ...rest, ...clean({ title, serving }), text: clean({ message: text }).message }
  }
  return { deliver: (notification, order) => across(() => inner.deliver(told(notification), order)) }
}
