/** The concrete adapters behind the ports: which one a plan means, and whose it is. */
import { runPlannedCommand } from '../adapters/command/planned.ts'
import { registry } from '../adapters/registry.ts'
import type { AdapterOptions, Plan, PlannedComponent } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Gate } from '../ports/gate.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import type { Migration } from '../ports/migration.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Platform } from '../ports/platform.ts'
import type { Router } from '../ports/router.ts'
import type { Smoke } from '../ports/smoke.ts'
import type { Target } from '../ports/result.ts'
import { type AdapterDeps, createSecrets, hostOf, type Make, open } from './adapter-instances.ts'
import * as lazily from './lazily.ts'
import { runner } from './run-command.ts'

export type OpenAdapters = Adapters & {
  /** Ends what the adapters do by themselves; what they started goes on (law L9). */
  close(): void
}

export function createAdapters(deps: AdapterDeps): OpenAdapters {
  const closing = new AbortController()
  const make: Make = { deps, secrets: createSecrets(deps), signal: closing.signal }
  const router = routersOf(make)
  return {
    secrets: make.secrets,
    platform: platformsOf(make),
    router,
    metrics: metricsOf(make, router),
    ...ofEnvironments(make),
    ...declaredCommands(make),
    close: () => closing.abort(),
  }
}

type Of<Port> = (plan: Plan, component: PlannedComponent) => Port

function platformsOf(make: Make): Of<Platform> {
  const kept = new Map<string, Promise<Platform>>()
  return (plan, component) => {
    const options = component.platform
    const adapter = pick(registry.platforms, options, 'platform')
    const target = targetOf(plan, component)
    return lazily.platform(adapter.describe(options), () => open(make, { adapter, options, target, kept }))
  }
}

function routersOf(make: Make): Of<Router> {
  const kept = new Map<string, Promise<Router>>()
  return (plan, component) => {
    const options = component.router ?? { kind: 'none' }
    const adapter = pick(registry.routers, options, 'router')
    const target = targetOf(plan, component)
    return lazily.router(adapter.describe(options), () => open(make, { adapter, options, target, kept }))
  }
}

function metricsOf(make: Make, router: Of<Router>): Of<MetricsSource> {
  const kept = new Map<string, Promise<MetricsSource>>()
  return (plan, component) => {
    const options = plan.metrics
    const adapter = pick(registry.metrics, options, 'metrics source')
    const beside = { options: component.router, open: () => (component.router ? router(plan, component) : null) }
    const target = targetOf(plan, component)
    return lazily.metrics(adapter.describe(options), () => open(make, { adapter, options, target, beside, kept }))
  }
}

function ofEnvironments(make: Make): Pick<Adapters, 'gate' | 'smoke' | 'notifier'> {
  const kept = {
    gates: new Map<string, Promise<Gate>>(),
    smoke: new Map<string, Promise<Smoke>>(),
    notifiers: new Map<string, Promise<Notifier>>(),
  }
  return {
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
    notifier(plan, options) {
      const adapter = pick(registry.notifiers, options, 'notifier')
      const asked = { adapter, options, target: environmentOf(plan), kept: kept.notifiers }
      return { deliver: async (message, order) => (await open(make, asked)).deliver(message, order) }
    },
  }
}

function declaredCommands(make: Make): Pick<Adapters, 'migration' | 'run'> {
  const kept = new Map<string, Promise<Migration>>()
  return {
    migration(plan) {
      if (!plan.migration) throw new Error('the plan has no migration')
      const options = { ...plan.migration, down: plan.migration.down && { ...plan.migration.down } }
      const adapter = pick(registry.migrations, options, 'migration')
      const target = targetOf(plan, { name: options.expand.component })
      const asked = { adapter, options, target, kept }
      return lazily.migration(() => open(make, asked))
    },
    run: (plan, command, setting, order) =>
      runPlannedCommand(runner(hostOf(make.deps), plan.service), command, setting, order),
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
