import { LOG_LEVELS, type LogLevel } from './config.ts'

export type Log = (level: LogLevel, message: string, data?: Readonly<Record<string, unknown>>) => void

/**
 * One JSON object a line on stdout. Messages are static and data stands beside; no header, body, token, card or address
 * is ever handed in, so the log holds no personal data (R-H02).
 */
export function createLog(level: LogLevel, about: Readonly<Record<string, unknown>>): Log {
  const from = LOG_LEVELS.indexOf(level)
  // Whoever reads our stdout may die before us; serving goes on without a reader.
  process.stdout.on('error', () => {})
  return (level, message, data = {}) => {
    if (LOG_LEVELS.indexOf(level) < from) return
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...about, ...data })}\n`)
  }
}

export interface Summary {
  count(status: number, ms: number): void
  stop(): void
}

/** Once a second what was served since the last line; a quiet second logs zeros, since silence means trouble (R-E07). */
export function startSummary(log: Log): Summary {
  let seen = { requests: 0, refused: 0, errors: 0, slowestMs: 0 }
  function write(): void {
    const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20)
    log('info', seen.requests > 0 ? 'requests served' : 'heartbeat', { ...seen, rssMb })
    seen = { requests: 0, refused: 0, errors: 0, slowestMs: 0 }
  }
  // A little under a second, so that a late timer still leaves a line in every second.
  const timer = setInterval(write, 900)
  return {
    count(status, ms) {
      seen.requests += 1
      if (status >= 400 && status < 500) seen.refused += 1
      if (status >= 500) seen.errors += 1
      seen.slowestMs = Math.max(seen.slowestMs, Math.round(ms))
    },
    stop() {
      clearInterval(timer)
      write()
    },
  }
}
