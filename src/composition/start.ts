/**
 * Puts a control plane together and takes it down again: database, log, queue, engine, data plane, HTTP API. Nothing that
 * serves users is ended with it (law L9).
 */
import { hostname } from 'node:os'
import { createRedaction } from '../adapters/command/redact.ts'
import { makeDataFolder } from './data-folder.ts'
import { createApp } from '../http/app.ts'
import { serveHttp } from '../http/serve.ts'
import type { ControlPlane } from '../engine/control-plane.ts'
import type { Engine } from '../engine/running.ts'
import { readVersion } from '../version.ts'
import { assemble, type Assembled } from './assemble.ts'
import { systemClock } from './clock.ts'
import { gaugesOf } from './gauges.ts'
import { openIdentity } from './identity.ts'
import { createLog } from './log.ts'
import type { StartOptions } from './start-options.ts'

export type RunningControlPlane = {
  readonly url: string
  /** As the superuser of the embedded PostgreSQL, password included; null where it is another one. */
  readonly adminUrl: string | null
  readonly controlPlane: ControlPlane
  readonly engine: Engine
  /** For this machine's administration; also in `<data>/local-token`. */
  readonly localToken: string
  readonly ended: Promise<void>
  stop(): Promise<void>
  /** Ends the instances and the router too: for demos and tests. */
  tearDown(): Promise<void>
}

const STOP_GRACE_MS = 10_000

export async function startControlPlane(options: StartOptions): Promise<RunningControlPlane> {
  await makeDataFolder(options.dataFolder)
  const redaction = createRedaction()
  redaction.learn([options.databaseUrl, options.migrationUrl].filter((url) => typeof url === 'string'))
  const log = createLog(options.logLevel, redaction.redact)
  const parts = await assemble(options, log, redaction)
  try {
    return await serve(options, parts)
  } catch (error) {
    await parts.stop(STOP_GRACE_MS)
    throw error
  }
}

async function serve(options: StartOptions, parts: Assembled): Promise<RunningControlPlane> {
  const { dataFolder, host, port } = options
  const { controlPlane, contents, engine, log, store } = parts
  const identity = await openIdentity({ store, dataFolder, log })
  const gauges = () => gaugesOf(store, systemClock.now(), engine.troubles)
  const { tokens, ciLogin } = identity
  const hosts = [host, hostname(), ...(options.allowedHosts ?? [])]
  const app = createApp({ controlPlane, contents, tokens, ciLogin, log, version: readVersion(), gauges, hosts })
  await engine.start()
  const server = await serveHttp(app, { host, port })
  parts.listensOn(server.url)
  const stop = async () => {
    await server.close()
    await identity.stop()
    await parts.stop(STOP_GRACE_MS)
  }
  const { adminUrl, ended } = parts
  return {
    url: server.url,
    adminUrl,
    controlPlane,
    engine,
    localToken: identity.localToken,
    ended,
    stop: once(stop),
    tearDown: once(() => endEverything(parts, stop)),
  }
}

async function endEverything({ engine, tearDown }: Assembled, stop: () => Promise<void>): Promise<void> {
  await engine.stop(STOP_GRACE_MS)
  // What could not be ended does not keep our own parts going: the database would outlive us.
  await tearDown().finally(stop)
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null
  return () => (running ??= work())
}
