import type { Timings } from '../core/plan.ts'
import { lookLimitFor } from '../core/rollout/no-data.ts'
import type { EnvironmentSpec } from './spec.ts'

export function timings({ rollout, rollback }: EnvironmentSpec): Timings {
  const { limits } = rollout
  return {
    tickMs: rollout.tick,
    pollMs: rollout.poll,
    queueLimitMs: limits.queue,
    gatesLimitMs: limits.gates,
    approvalsLimitMs: limits.approvals,
    startLimitMs: limits.start,
    migrateLimitMs: limits.migrate,
    smokeLimitMs: limits.smoke,
    shiftLimitMs: limits.shift,
    extendTimes: rollout.extendTimes,
    drainLimitMs: limits.drain,
    pauseLimitMs: limits.pause,
    rollbackLimitMs: limits.rollback,
    watchMs: rollback.watch,
    rollbackWindowMs: rollout.rollbackWindow,
    commandLimitMs: limits.command,
    slowCommandLimitMs: limits.slowCommand,
    lookLimitMs: lookLimitFor(rollout.tick),
    noDataForMs: rollout.noDataFor,
  }
}
