/** Instances as processes of this machine: the platform that needs nothing but the machine (design §5, R-A07). */
import { join } from 'node:path'
import type { z } from 'zod'
import type { Platform } from '../../ports/platform.ts'
import type { Target } from '../../ports/result.ts'
import { ProcessOptions as ProcessOptionsSchema } from '../../spec/adapter-options.ts'
import { createArtifactStore } from '../artifact-store/store.ts'
import { splitCommand } from '../command/argv.ts'
import { allowedEnvironment } from '../command/environment.ts'
import { ensure, logs, observe, type Place, stop } from './process/orders.ts'

const options = ProcessOptionsSchema.superRefine(({ command }, context) => {
  const split = splitCommand(command)
  if (!split.ok) context.addIssue({ code: 'custom', path: ['command'], message: split.message })
})

export type ProcessOptions = z.output<typeof options>

export type ProcessDeps = {
  readonly target: Target
  /** Absolute; artifacts and slots are kept below it, and several control planes on one machine may share it. */
  readonly dataFolder: string
  /** PATH, HOME, LANG and TZ of the instances come from here; default: this process's environment. */
  readonly hostEnvironment?: Readonly<Record<string, string | undefined>>
}

function create(given: ProcessOptions, deps: ProcessDeps): Platform {
  const argv = splitCommand(given.command)
  if (!argv.ok) throw new Error(argv.message)
  const { service, environment, component } = deps.target
  const slots = join(deps.dataFolder, 'slots', ...[service, environment, component].map(pathName))
  const all = deps.hostEnvironment ?? process.env
  const host = allowedEnvironment(all)
  const compileCache = all['NODE_COMPILE_CACHE'] ?? join(deps.dataFolder, 'compile-cache')
  const place: Place = {
    target: deps.target,
    argv: argv.value,
    stopGraceMs: given.stopGraceMs,
    hungAfterMs: given.hungAfterMs,
    logs: { maxBytes: given.logMaxBytes, files: given.logFiles },
    user: given.user ?? null,
    dataFolder: deps.dataFolder,
    store: createArtifactStore(join(deps.dataFolder, 'artifacts')),
    host,
    // Halves the memory of a keeper: what is compiled once need not be read as TypeScript again.
    keeperEnvironment: { ...host, NODE_COMPILE_CACHE: compileCache },
  }
  return {
    capabilities: { slots: 2, logs: true },
    accepts: ({ ref, digest }) => place.store.has(ref, digest),
    observe: (slot, signal) => observe(place, join(slots, slot), signal),
    ensure: (slot, wish, order) => ensure(place, { folder: join(slots, slot), slot, wish, order }),
    stop: (slot, release, order) => stop(place, join(slots, slot), release, order),
    logs: (slot, query, signal) => logs(join(slots, slot), query, signal),
  }
}

export const processPlatform = { kind: 'process', options, takes: ['folder or archive'], create } as const

/** A folder's name for any name: letters, digits, `-` and `_` as they are, everything else percent-encoded. */
function pathName(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E')
}
