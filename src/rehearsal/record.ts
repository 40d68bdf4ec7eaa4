/** The record of a rehearsed rollback, to be handed to a control plane for its gate `rollback-rehearsed` (R-B09). */
import { createHash } from 'node:crypto'
import type { Plan } from '../core/plan.ts'
import { type RehearsalRecord, rollbackPathText } from '../core/rollback-path.ts'
import type { Instant } from '../core/time.ts'
import { mismatches } from './expect.ts'
import type { Rehearsal } from './result.ts'

/**
 * What the rehearsal proved of this plan's way back, or null when it proved nothing: no release went through a rollback to
 * the end with all users back on the version before, something came otherwise than expected, or it was another plan since the scenario overruled the tick.
 */
export function recordOf(rehearsal: Rehearsal, plan: Plan, at: Instant): RehearsalRecord | null {
  const { scenario, releases, serves } = rehearsal
  if (scenario.tick !== undefined && scenario.tick !== plan.timings.tickMs) return null
  const back = releases.find(({ view }) => view.phase === 'rolled-back')
  if (!back || back.trafficBackMs === null || mismatches(rehearsal).length > 0) return null
  if (releases.at(-1) === back && serves !== back.view.stable?.version) return null
  return {
    format: 1,
    service: plan.service,
    environment: plan.environment,
    path: createHash('sha256').update(rollbackPathText(plan)).digest('hex'),
    at,
    scenario: scenario.scenario,
    seed: scenario.seed,
    result: 'rolled-back',
    trafficBackMs: back.trafficBackMs,
  }
}
