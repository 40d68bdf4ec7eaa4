import { quote, say, verbatim } from '../core/say.ts'
import { appendFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { foreignLine } from '../core/foreign-text.ts'
import { readPerson } from '../core/person.ts'
import { makeDataFolder } from '../composition/data-folder.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import { Size } from '../stellwerk-yaml/scalars.ts'
import { delay, timeLimit } from '../timers.ts'
import { CONTROL_PLANE_FILE, type ControlPlaneFile, readControlPlaneFile } from './client/connection.ts'
import type { RunningControlPlane } from './deps.ts'
import { specFile } from './spec-file.ts'
import { columnsOf, wrapped } from './screen/wrapped.ts'
import { defineVerb, type Shell, usageError } from './verb.ts'

export const up = defineVerb({
  name: 'up',
  summary: say`Run the control plane here, until Ctrl-C`,
  takes: ['file', 'data'],
  description: say`Without DATABASE_URL it runs its own PostgreSQL in the data folder. When it ends, what serves users goes on; when it comes back, it resumes its rollouts.`,
  options: {
    listen: {
      flags: '--listen <host:port>',
      description: say`Where its API listens; port 0 takes a free one`,
      default: '127.0.0.1:7070',
    },
    databaseUrl: { flags: '--database-url <url>', description: say`A PostgreSQL of your own; default DATABASE_URL` },
    allowHost: {
      flags: '--allow-host <name>',
      description: say`A host name by which others reach /health, /readiness and /metrics; may be repeated`,
      many: true,
    },
    anchor: {
      flags: '--anchor <file>',
      description: say`A file elsewhere (another disk, a mount) to which every signed checkpoint is appended; may be repeated`,
      many: true,
    },
    acceptLog: {
      flags: '--accept-log <reason>',
      description: say`Accept the log as it is, though it is not the one that was signed: after a restore; with --by`,
    },
    by: {
      flags: '--by <person>',
      description: say`Who accepts the log, as person:alex; it stays in the log with the reason`,
    },
    artifactLimit: {
      flags: '--artifact-limit <size>',
      description: say`Largest content of a component that is taken over, such as 500MB or 4GiB`,
      default: '2GiB',
    },
    replica: {
      flags: '--replica',
      description: say`One of several control planes on one database; each needs this option`,
    },
    takeOver: {
      flags: '--take-over <host>',
      description: say`Take over the environments of this host; only when it is gone for good, or both would serve`,
    },
    logLevel: {
      flags: '--log-level <level>',
      description: say`Of the log on stderr`,
      default: 'warn',
      choices: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
    },
  },
  async run({ options, ...shell }) {
    const { globals, io, screen, deps } = shell
    const { host, port } = listenAddress(options.listen)
    const { dataFolder } = globals
    if (options.replica !== true) await mustBeAlone(dataFolder)
    // It serves, whoever reads what it says: a pager that was closed, a journal that is started again, a full disk.
    io.mayLoseOutput()
    await makeDataFolder(dataFolder)
    const running = await deps.startControlPlane({
      specFile: await specFile(shell),
      dataFolder,
      host,
      port,
      databaseUrl: options.databaseUrl ?? io.env['DATABASE_URL'] ?? null,
      migrationUrl: io.env['STELLWERK_MIGRATION_URL'] ?? null,
      logLevel: options.logLevel,
      allowedHosts: options.allowHost.map(hostName),
      anchors: await anchorsOf(io.cwd, options.anchor),
      acceptLog: acceptance(options.acceptLog, options.by),
      artifactBytesMax: sizeOf(options.artifactLimit),
      replica: options.replica === true,
      takeOver: options.takeOver ?? null,
      progress: (text) => screen.progress(text),
    })
    // It may fail before anybody waits for its end; that is heard below.
    running.ended.catch(() => {})
    await announce(dataFolder, running.url)
    if (!['127.0.0.1', '::1', 'localhost'].includes(host)) screen.say(OPEN_WARNING)
    const started = say`control plane at ${running.url} (process ${process.pid}, data in ${dataFolder})`
    screen.result(wrapped(shell.text.tell(started), columnsOf(io.stdout)).join('\n'))
    return untilInterrupted(shell, running)
  },
})

/** By name, with a reason: what was accepted stands in the log for ever. */
function acceptance(reason: string | undefined, by: string | undefined) {
  const example = verbatim('--accept-log "restored from the backup of Monday" --by person:alex')
  if (reason === undefined && by === undefined) return null
  if (reason === undefined)
    throw usageError(verbatim('--by'), say`it says who accepts the log, and nobody does`, example)
  if (by === undefined) throw usageError(verbatim('--accept-log'), say`it does not say who accepts it`, example)
  const person = readPerson(by)
  if (!person.ok) throw usageError(verbatim(`--by "${by}"`), person.said, example)
  return { by: person.id, reason: foreignLine(reason, REASON_MAX).trim() }
}

const REASON_MAX = 500

function sizeOf(text: string): number {
  const size = Size.safeParse(text)
  if (size.success) return size.data
  throw usageError(
    say`--artifact-limit "${text}" is no size`,
    say`it must be a number with its unit: kB, MB, GB, KiB, MiB or GiB`,
    verbatim('--artifact-limit 4GiB'),
  )
}

/** Addresses and localhost need no leave. */
function hostName(text: string): string {
  const isName =
    /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text) && isIP(text) === 0 && text.toLowerCase() !== 'localhost'
  if (isName) return text
  const why = say`it must be a host name without a port; addresses and localhost are allowed anyway`
  throw usageError(verbatim(`--allow-host "${text}"`), why, verbatim('--allow-host control.internal'))
}

/** An anchor that cannot be written is said at the start, not when it is needed. */
async function anchorsOf(cwd: string, files: readonly string[]): Promise<readonly string[]> {
  const anchors = files.map((file) => resolve(cwd, file))
  for (const file of anchors) {
    await appendFile(file, '', { mode: 0o644 }).catch((error: Error) => {
      throw usageError(
        verbatim(`--anchor ${file}`),
        quote(error.message),
        say`name a file in a folder that exists and can be written`,
      )
    })
  }
  return anchors
}

const OPEN_WARNING = say`Warning: reachable from other machines, and tokens travel unencrypted. Put it behind a proxy with TLS.`

async function untilInterrupted({ io, screen, globals }: Shell, running: RunningControlPlane): Promise<number> {
  const interrupted = Promise.withResolvers<void>()
  const release = io.onInterrupt(interrupted.resolve)
  try {
    await Promise.race([interrupted.promise, running.ended])
    screen.progress(say`ending; what serves users goes on`)
    return EXIT.done.code
  } finally {
    release()
    // One that ends because something of it is gone may find that nothing answers any more.
    await Promise.race([running.stop(), delay(STOP_BOUND_MS, undefined, { ref: false })])
    await rm(join(globals.dataFolder, CONTROL_PLANE_FILE), { force: true })
  }
}

const STOP_BOUND_MS = 30_000

/** `127.0.0.1:7070`, `[::1]:7070`, or a port alone. */
export function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]:|([^:]+):)?(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (digits !== undefined && port <= 65_535) return { host: bracketed ?? plain ?? '127.0.0.1', port }
  throw usageError(
    say`--listen "${text}" is not an address`,
    say`it must be HOST:PORT`,
    verbatim('--listen 127.0.0.1:7070'),
  )
}

/** Two control planes in one data folder would be two owners of one database. */
async function mustBeAlone(dataFolder: string): Promise<void> {
  const there = await runningHere(dataFolder)
  if (there === null) return
  throw new StellwerkError('failed', {
    what: say`a control plane runs here already (process ${there.pid}, ${there.url})`,
    why: say`${join(dataFolder, CONTROL_PLANE_FILE)} names it, and it answers`,
    fix: say`use it, or end it first: kill ${there.pid}`,
  })
}

/** The control plane of another process that owns the data folder and answers, or null. */
export async function runningHere(dataFolder: string): Promise<ControlPlaneFile | null> {
  const there = await readControlPlaneFile(dataFolder)
  if (there === null || there.pid === process.pid || !isAlive(there.pid)) return null
  const answers = await fetch(`${there.url}/health`, { signal: timeLimit(2000) }).catch(() => null)
  return answers?.ok ? there : null
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function announce(dataFolder: string, url: string): Promise<void> {
  const file = join(dataFolder, CONTROL_PLANE_FILE)
  const beside = `${file}.${process.pid}.new`
  await writeFile(beside, `${JSON.stringify({ url, pid: process.pid })}\n`, { mode: 0o600 })
  await rename(beside, file)
}
