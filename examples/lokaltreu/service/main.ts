/** Lokaltreu's API: one process, one database. Wires the parts, starts them, and stops them in order. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Config, readConfig } from './config.ts'
import { createLog, type Log, startSummary } from './log.ts'
import { createMetrics } from './metrics.ts'
import { describe, watchReadiness } from './readiness.ts'
import { createHttp } from './server.ts'
import { type Service, versionOf } from './service.ts'
import { drain } from './shutdown.ts'
import { openStore, type Store } from './store.ts'
import { variant } from './variant.ts'

const RETRY_MS = 500

function main(): void {
  variant.fault.atStart?.()
  const read = readConfig(process.env)
  if ('config' in read) return start(read.config)
  console.error(`Lokaltreu cannot start:\n${read.problems.map((problem) => `- ${problem}`).join('\n')}`)
  process.exit(1)
}

function start(config: Config): void {
  const version = versionOf({ config, variant })
  const log = createLog(config.logLevel, { version, slot: config.slot, environment: config.environment })
  const metrics = createMetrics()
  const store = openStore(config.databaseUrl, metrics.databaseSeconds, (error) =>
    log('warn', 'database connection lost', { reason: describe(error) }),
  )
  let prepared = false
  let stopping = false
  const readiness = watchReadiness(config.databaseUrl, () => prepared)
  const service = { config, variant, store, readiness, metrics }
  const summary = startSummary(log)
  const server = createHttp(service, { log, summary, closing: () => stopping })
  server.on('error', (error) => fail(log, `cannot listen on 127.0.0.1:${config.port}`, error))
  server.listen(config.port, '127.0.0.1', () => {
    log('info', 'listening', { port: config.port })
    variant.fault.onListening?.()
  })
  void prepareUntilDone(store, log, () => stopping).then(() => (prepared = true))
  process.on('SIGTERM', () => {
    if (stopping || variant.fault.ignoresSigterm) return
    stopping = true
    log('info', 'stopping')
    void drain(server).then((finished) => stop(service, finished, summary.stop))
  })
}

/** The database may come later than we do; until it is prepared `/readiness` says so. */
async function prepareUntilDone(store: Store, log: Log, stopping: () => boolean): Promise<void> {
  while (!stopping()) {
    try {
      return await store.prepare()
    } catch (error) {
      log('warn', 'database not prepared, trying again', { reason: describe(error) })
      await delay(RETRY_MS)
    }
  }
}

async function stop({ store, readiness }: Service, finished: boolean, flush: () => void): Promise<void> {
  await Promise.race([Promise.allSettled([store.close(), readiness.close()]), delay(2000)])
  flush()
  process.exit(finished ? 0 : 1)
}

function fail(log: Log, what: string, error: NodeJS.ErrnoException): void {
  log('error', 'cannot start', { what, reason: error.code })
  process.exit(1)
}

main()
