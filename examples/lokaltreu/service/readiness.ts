import { Pool } from 'pg'

export interface Readiness {
  /** Why no traffic should come here; undefined when it may. Never takes much longer than a second. */
  reason(): Promise<string | undefined>
  close(): Promise<void>
}

const WITHIN_MS = 1000

/**
 * Asks the database `select 1` over a connection of its own, so that a pool exhausted by slow queries does not look
 * like a dead database and a dead database does not wait behind slow queries. Probes that come together share one look.
 */
export function watchReadiness(databaseUrl: string, schemaReady: () => boolean): Readiness {
  const options = { connectionTimeoutMillis: WITHIN_MS, query_timeout: WITHIN_MS }
  const pool = new Pool({ connectionString: databaseUrl, max: 1, ...options })
  pool.on('error', () => {}) // the next probe finds out by itself
  let look: Promise<string | undefined> | undefined

  async function ask(): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`the database gave no answer within ${WITHIN_MS} ms`), WITHIN_MS)
    })
    const answer = pool.query('select 1').then(() => undefined, describe)
    const reason = await Promise.race([answer, late])
    clearTimeout(timer)
    return reason ?? (schemaReady() ? undefined : 'the database schema is not prepared yet')
  }

  return {
    reason() {
      look ??= ask().finally(() => {
        look = undefined
      })
      return look
    },
    close: () => pool.end(),
  }
}

/** Codes (`ECONNREFUSED`, `57P03`) where there are any: messages of the driver can name users and hosts. */
export function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  return `the database does not answer: ${code ?? (error instanceof Error ? error.message : 'unknown error')}`
}
