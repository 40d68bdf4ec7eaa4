/**
 * The embedded router lives by itself (law L9); the control plane only sees to it that there is one. It is started when a
 * route is first asked for, and again, at once, should it ever be gone while routes are known.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Log } from '../ports/log.ts'
import { after } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import { forgetRouter, routerOf } from '../adapters/router/embedded/reach.ts'
import { connect, type RouterClient } from '../router/client.ts'

const LOOK_EVERY_MS = 500

export type DataPlane = {
  /** A client of the router that lives now; starts one when there is none. */
  client(): Promise<RouterClient>
  /** Ends the watch, not the router. */
  stop(): Promise<void>
}

export type DataPlaneOptions = { readonly dataFolder: string; readonly clock: Clock; readonly log: Log }

export function watchDataPlane(options: DataPlaneOptions): DataPlane {
  const folder = join(options.dataFolder, 'router')
  const stopping = new AbortController()
  const client = () => routerOf(options)
  const start = () => {
    forgetRouter(options)
    return client()
  }
  const watching = watch(options, folder, { start, stopping: stopping.signal })
  return {
    client,
    async stop() {
      stopping.abort()
      await watching
      forgetRouter(options)
    },
  }
}

type Watch = { readonly start: () => Promise<RouterClient>; readonly stopping: AbortSignal }

async function watch({ clock, log }: DataPlaneOptions, folder: string, { start, stopping }: Watch): Promise<void> {
  while (!stopping.aborted) {
    await revive(folder, log, start).catch((error) =>
      log.error('the router could not be started', { error: String(error) }),
    )
    await clock.sleepUntil(after(clock.now(), LOOK_EVERY_MS), stopping).catch(() => undefined)
  }
}

/** Routes that were set are kept on disk: a router that is started again serves them as they were. */
async function revive(folder: string, log: Log, start: Watch['start']): Promise<void> {
  if (!existsSync(join(folder, 'routes.json'))) return
  const living = await connect(folder).catch(() => null)
  if (living) return
  log.warn('the router is gone and is started again', { folder })
  await start()
}
