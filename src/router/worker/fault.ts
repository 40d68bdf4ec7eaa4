/**
 * Faults of the router's own code. One that is thrown while a connection is served ends that exchange at most; it is counted
 * here, said in the log and reported with the counters, and counted against no slot: a trigger judges by those.
 *
 * What nobody caught is a fault without an exchange. The worker serves on, since ending it would end everybody's requests,
 * and the primary has a fresh one take over in good order (`Fleet`).
 */
import type { Faults } from '../protocol.ts'

const LINES_PER_MINUTE = 10
const MINUTE_MS = 60_000

const counted = { contained: 0, uncaught: 0 }
const said = { since: Number.NEGATIVE_INFINITY, lines: 0 }

export function faults(): Faults {
  return { ...counted }
}

/** `where`: what was being done, for the log. */
export function noteFault(where: string, error: unknown): void {
  counted.contained++
  say(`a fault in ${where} was contained`, error)
}

/** The last resort of the process. */
export function surviveUncaught(): void {
  process.on('uncaughtException', uncaught)
  process.on('unhandledRejection', uncaught)
}

function uncaught(error: unknown): void {
  counted.uncaught++
  say('a fault that nobody caught: serving on until a fresh worker takes over', error)
}

/** An attacker who found a fault must not fill the disk by it. */
function say(what: string, error: unknown): void {
  const now = performance.now()
  if (now - said.since >= MINUTE_MS) Object.assign(said, { since: now, lines: 0 })
  if (++said.lines > LINES_PER_MINUTE) return
  const more = said.lines === LINES_PER_MINUTE ? ' (no more lines about faults this minute)' : ''
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  console.error(`${new Date().toISOString()} stellwerk-router worker[${process.pid}] ${what}${more}: ${detail}`)
}

/** For callbacks that have no exchange to end: timers, messages. */
export function contained<A extends readonly unknown[]>(where: string, work: (...args: A) => void) {
  return (...args: A): void => {
    try {
      work(...args)
    } catch (error) {
      noteFault(where, error)
    }
  }
}
