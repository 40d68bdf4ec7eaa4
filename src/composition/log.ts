import { pino } from 'pino'
import type { Redact } from '../adapters/command/redact.ts'
import type { Log } from '../ports/log.ts'
import { lineWriter } from './line-writer.ts'

/** JSON lines on stderr, so that results on stdout stay clean; without secrets. `silent` writes nothing. */
export function createLog(level: string, redact: Redact): Log {
  const logger = pino({ level, base: null, hooks: { streamWrite: redact } }, lineWriter(2))
  return {
    info: (message, data = {}) => logger.info(data, message),
    warn: (message, data = {}) => logger.warn(data, message),
    error: (message, data = {}) => logger.error(data, message),
  }
}
