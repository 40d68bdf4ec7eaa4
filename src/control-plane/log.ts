import { pino } from 'pino'
import type { Log } from '../engine/log.ts'
import type { Log as HttpLog } from '../http/log.ts'

/** JSON lines on stderr, so that results on stdout stay clean. `silent` writes nothing. */
export function createLog(level: string): Log {
  const logger = pino({ level, base: null }, pino.destination({ fd: 2, sync: true }))
  return {
    info: (message, data = {}) => logger.info(data, message),
    warn: (message, data = {}) => logger.warn(data, message),
    error: (message, data = {}) => logger.error(data, message),
  }
}

export function httpLog({ info, warn, error }: Log): HttpLog {
  return {
    info: (data, message) => info(message, { ...data }),
    warn: (data, message) => warn(message, { ...data }),
    error: (data, message) => error(message, { ...data }),
  }
}
