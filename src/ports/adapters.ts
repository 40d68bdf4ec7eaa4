import type { AdapterOptions, Plan, PlannedCommand, PlannedComponent, PlannedGate } from '../core/plan.ts'
import type { Gate } from './gate.ts'
import type { MetricsSource } from './metrics-source.ts'
import type { Migration } from './migration.ts'
import type { Notifier } from './notifier.ts'
import type { Platform } from './platform.ts'
import type { Order, Result } from './result.ts'
import type { Router } from './router.ts'
import type { Secrets } from './secrets.ts'
import type { Smoke } from './smoke.ts'

/**
 * The outside, as the engine knows it: one port per concern, made from the options that stand in a plan. Made once per
 * control plane by whoever knows the concrete adapters.
 */
export interface Adapters {
  platform(plan: Plan, component: PlannedComponent): Platform
  router(plan: Plan, component: PlannedComponent): Router
  metrics(plan: Plan, component: PlannedComponent): MetricsSource
  gate(plan: Plan, gate: PlannedGate): Gate
  smoke(resolveSecret: (component: string, name: string) => Promise<Result<string>>): Smoke
  migration(plan: Plan, environment: Environment): Migration
  /** Runs one declared command in its component's artifact folder. */
  run(
    plan: Plan,
    command: PlannedCommand,
    environment: Environment,
    order: Order,
  ): Promise<Result<{ readonly output: string }>>
  notifier(options: AdapterOptions): Notifier
  readonly secrets: Secrets
}

/** Complete environment variables of a process; values may be secrets. */
export type Environment = Readonly<Record<string, string>>
