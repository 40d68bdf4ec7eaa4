import type { AdapterOptions, Plan, PlannedCommand, PlannedComponent, PlannedGate } from '../core/plan.ts'
import type { Gate } from './gate.ts'
import type { MetricsSource } from './metrics-source.ts'
import type { Migration, MigrationSetting } from './migration.ts'
import type { Notifier } from './notifier.ts'
import type { Platform } from './platform.ts'
import type { Order, Result } from './result.ts'
import type { Router } from './router.ts'
import type { Secrets } from './secrets.ts'
import type { Smoke } from './smoke.ts'

/**
 * The outside, as the engine knows it: one port per concern, made from the options that stand in a plan. Asking for one costs
 * nothing: what is behind it is made once, when it is first used, and kept.
 */
export interface Adapters {
  platform(plan: Plan, component: PlannedComponent): Platform
  router(plan: Plan, component: PlannedComponent): Router
  metrics(plan: Plan, component: PlannedComponent): MetricsSource
  gate(plan: Plan, gate: PlannedGate): Gate
  smoke(plan: Plan): Smoke
  migration(plan: Plan): Migration
  /** Runs one declared command in its component's artifact folder. */
  run(
    plan: Plan,
    command: PlannedCommand,
    setting: MigrationSetting,
    order: Order,
  ): Promise<Result<{ readonly output: string }>>
  notifier(plan: Plan, options: AdapterOptions): Notifier
  readonly secrets: Secrets
}
