import { pino } from 'pino'
import type { Redact } from '../adapters/command/redact.ts'
import type { Log } from '../ports/log.ts'
import { writeSync } from 'node:fs'

/** JSON lines on stderr, so that results on stdout stay clean; without secrets. `silent` writes nothing. */
export function createLog(level: string, redact: Redact): Log {
  const logger = pino({ level, base: null, hooks: { streamWrite: redact } }, lineWriter(2))
  return {
    info: (message, data = {}) => logger.info(data, message),
    warn: (message, data = {}) => logger.warn(data, message),
    error: (message, data = {}) => logger.error(data, message),
  }
}

/**
 * Lines to a file descriptor, each at once. One that cannot be written (a full disk, a closed pipe, a reader that does not
 * read) is lost and counted; saying something is no reason to end.
 */

export type LineWriter = { write(line: string): void }

export type WriteSync = (fd: number, text: string) => number

export function lineWriter(fd: number, write: WriteSync = writeSync): LineWriter {
  let lost = 0
  return {
    write(line) {
      try {
        if (lost > 0) write(fd, `${JSON.stringify({ level: 40, msg: 'lines of this log were lost', lost })}\n`)
        lost = 0
        write(fd, line)
      } catch {
        lost += 1
      }
    },
  }
}
