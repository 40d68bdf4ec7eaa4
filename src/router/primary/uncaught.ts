/**
 * What nobody caught in the primary. It holds the ports and answers the admin API; no user's request passes through it. A fault
 * there is counted and said, and the primary goes on: what it decides from is on disk, and each desired route is saved as a whole or
 * not at all. Only when faults come in a row does it end, so that whoever supervises it starts a fresh one.
 */
import type { Log } from './log.ts'

const IN_A_ROW = 20
const WITHIN_MS = 10_000

const seen = { count: 0, recent: [] as number[] }

export function uncaughtFaults(): number {
  return seen.count
}

export function surviveUncaught(log: Log): void {
  const survive = (error: unknown) => {
    const now = performance.now()
    seen.count++
    seen.recent = [...seen.recent.filter((at) => now - at < WITHIN_MS), now]
    log(`a fault that nobody caught; going on: ${error instanceof Error ? error.stack : String(error)}`)
    if (seen.recent.length < IN_A_ROW) return
    log(`${IN_A_ROW} faults within ${WITHIN_MS / 1000} s: ending, to be started afresh`)
    process.exit(1)
  }
  process.on('uncaughtException', survive)
  process.on('unhandledRejection', survive)
}
