/**
 * A control plane as a process of its own, for tests that kill it: `node control-plane.ts '{"dataFolder": …}'`. Says
 * `{"url": …, "token": …}` on its standard output when it serves; ends in order on SIGTERM.
 *
 * While `<data>/metrics-gone-<service>` exists, that service's metrics cannot be read.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startControlPlane } from '../../src/composition/start.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { failure } from '../../src/ports/result.ts'

export type PlaneArguments = {
  readonly dataFolder: string
  readonly databaseUrl: string | null
  readonly migrationUrl?: string | null
  readonly port: number
}

const { dataFolder, databaseUrl, migrationUrl = null, port } = JSON.parse(process.argv[2] ?? '') as PlaneArguments

const running = await startControlPlane({
  dataFolder,
  databaseUrl,
  migrationUrl,
  port,
  host: '127.0.0.1',
  logLevel: 'warn',
  // Several of them on one database, as the tests start them.
  replica: true,
  progress: () => undefined,
  decorate,
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))
console.log(JSON.stringify({ url: running.url, token: running.localToken }))

function decorate(adapters: Adapters): Adapters {
  return {
    ...adapters,
    metrics: (plan, component) => {
      const source = adapters.metrics(plan, component)
      const isGone = () => existsSync(join(dataFolder, `metrics-gone-${plan.service}`))
      return {
        name: source.name,
        collect: async (signal) => (isGone() ? failure('transient', 'the metrics are gone') : source.collect(signal)),
      }
    },
  }
}
