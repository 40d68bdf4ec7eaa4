/**
 * The way back as it stands in a plan: what a rehearsal of it proves, and what it no longer proves once any of this changes
 * (R-B09). Not part of it: which artifact, who approves, who is told, which flags.
 */
import { rollbackPlanFrom, forwardKind } from './rollout/steps/index.ts'
import { canonicalJson, type Json } from './json.ts'
import type { Plan } from './plan.ts'
import type { Instant } from './time.ts'

/** One text per way back: equal texts are equal ways. */
export function rollbackPathText(plan: Plan): string {
  const { service, environment, strategy, migration, smoke, mitigate, targets, timings, analysis } = plan
  const components = plan.components.map(({ name, platform, router, instances, health }) => {
    return { name, platform, router, instances, health }
  })
  // Who is asked, and when, is the policy's: nothing has been started yet that could go back.
  const isAsking = (index: number) => forwardKind(plan.steps[index]!).asks === true
  const back = plan.steps.flatMap((_, index) => (isAsking(index) ? [] : [rollbackPlanFrom(plan, index)]))
  const steps = plan.steps.filter((_, index) => !isAsking(index))
  const path = {
    service,
    environment,
    strategy,
    components,
    migration,
    smoke,
    mitigate,
    targets,
    timings,
    steps,
    back,
    analysis,
  }
  return canonicalJson(path as unknown as Json)
}

/** What a finished rehearsal that went through a rollback proved. */
export type RehearsalRecord = {
  readonly format: 1
  readonly service: string
  readonly environment: string
  /** SHA-256 of `rollbackPathText`. */
  readonly path: string
  /** Real time at which it was rehearsed, by the clock of whoever rehearsed it. */
  readonly at: Instant
  readonly scenario: string
  readonly seed: number
  readonly result: 'rolled-back'
  /** From the decision to roll back until no user was on the candidate, simulated ms. */
  readonly trafficBackMs: number
}

/** A record that somebody handed over: an event `RollbackRehearsed` in the stream of its environment. */
export type KeptRehearsal = {
  readonly record: RehearsalRecord
  readonly by: string
  readonly keptAt: Instant
}

export function rehearsalStream({ service, environment }: Pick<RehearsalRecord, 'service' | 'environment'>): string {
  return `rehearsal:${service}/${environment}`
}
