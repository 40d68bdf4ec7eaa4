/** Instances as processes of this machine: the platform that needs nothing but the machine (design §5, R-A07). */
import { expected } from '../../../stellwerk-yaml/expected.ts'
import { say } from '../../../core/say.ts'
import { join } from 'node:path'
import { z } from 'zod'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { Platform } from '../../../ports/platform.ts'
import { Duration } from '../../../stellwerk-yaml/duration.ts'
import { CommandLine } from '../../../stellwerk-yaml/name.ts'
import { Size } from '../../../stellwerk-yaml/scalars.ts'
import { createArtifactStore } from '../../artifact-store/store.ts'
import { splitCommand } from '../../../stellwerk-yaml/argv.ts'
import { allowedEnvironment } from '../../command/run.ts'
import { platform } from '../../kit.ts'
import { ensure, logs, observe, type Place, stop } from './orders.ts'

const USER = expected(say`a user of this machine, by name or number`)

const options = z
  .strictObject({
    kind: z.literal('process').meta({ description: 'Local processes.', source: 'R-A07' }),
    command: CommandLine.meta({
      description: "Starts one instance in the artifact's folder, without a shell; it listens on `127.0.0.1:$PORT`.",
    }),
    stopGrace: Duration.prefault('10s').meta({
      description: 'How long an instance may take to stop before it is killed.',
    }),
    hungAfter: Duration.refine((ms) => ms >= 1000, expected(say`a duration of at least 1s`))
      .prefault('30s')
      .meta({
        description: 'An instance that was alive and answers no liveness check for this long is started again.',
      }),
    logSize: Size.refine((bytes) => bytes >= 10_000, expected(say`a size of at least 10kB`))
      .prefault('10MB')
      .meta({ description: "Size at which an instance's log file is rotated." }),
    user: z
      .string(USER)
      .regex(/^[a-z_][a-z0-9_-]{0,31}$|^[0-9]{1,10}$/, USER)
      .optional()
      .meta({
        description:
          'System user that instances run as; only where the control plane is root. As the control plane when absent.',
      }),
    logFiles: z.int().min(1).max(100).prefault(3).meta({ description: 'Log files kept per instance.' }),
  })
  .transform(({ stopGrace, hungAfter, logSize, ...rest }) => {
    return { ...rest, stopGraceMs: stopGrace, hungAfterMs: hungAfter, logMaxBytes: logSize }
  })

const planned = z.object({
  kind: z.literal('process'),
  command: z.string(),
  stopGraceMs: z.number(),
  hungAfterMs: z.number(),
  logMaxBytes: z.number(),
  logFiles: z.number(),
  user: z.string().optional(),
})

const capabilities = { slots: 2, logs: true } as const

function create(given: z.output<typeof planned>, { target, host: machine }: AdapterContext): Platform {
  const argv = splitCommand(given.command)
  if (!argv.ok) throw new Error(argv.message)
  const { service, environment, component } = target
  const { dataFolder } = machine
  const slots = join(dataFolder, 'slots', ...[service, environment, component].map(pathName))
  const host = allowedEnvironment(machine.environment)
  const place: Place = {
    argv: argv.value,
    stopGraceMs: given.stopGraceMs,
    hungAfterMs: given.hungAfterMs,
    logs: { maxBytes: given.logMaxBytes, files: given.logFiles },
    user: given.user ?? null,
    dataFolder,
    store: createArtifactStore(join(dataFolder, 'artifacts')),
    host,
    supervisorEnvironment: { ...host, NODE_COMPILE_CACHE: compileCache(machine) },
  }
  return {
    capabilities,
    accepts: ({ ref, digest }) => place.store.has(ref, digest),
    observe: (slot, signal) => observe(place, join(slots, slot), signal),
    ensure: (slot, desired, order) => ensure(place, { folder: join(slots, slot), desired, order }),
    stop: (slot, release, order) => stop(place, join(slots, slot), release, order),
    logs: (slot, query, signal) => logs(join(slots, slot), query, signal),
  }
}

export const processPlatform = platform({
  kind: 'process',
  options,
  planned,
  takes: ['folder or archive'],
  hostBound: true,
  describe: () => ({ ...NOTHING_OUTSIDE, capabilities }),
  create,
})

/** Halves the memory of a supervisor: what is compiled once need not be read as TypeScript again. */
function compileCache({ environment, dataFolder }: AdapterContext['host']): string {
  return environment['NODE_COMPILE_CACHE'] ?? join(dataFolder, 'compile-cache')
}

/** A folder's name for any name: letters, digits, `-` and `_` as they are, everything else percent-encoded. */
function pathName(name: string): string {
  return encodeURIComponent(name).replaceAll('.', '%2E')
}
