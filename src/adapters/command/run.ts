/**
 * Runs one program to its end: no shell, a complete environment of its own, a time limit, a bounded output whose tail is
 * kept, secrets taken out, and nothing that it started left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { type Result, failure, ok } from '../../ports/result.ts'
import type { Account } from './account.ts'
import { COMMAND_USER } from './command-account.ts'
import { endMarked } from './marked.ts'
import { endGroup, groupMembers } from './process-group.ts'
import { redactStream } from './redact.ts'
import { delay } from '../../timers.ts'

export type CommandRun = {
  readonly argv: readonly string[]
  readonly folder: string
  /** Complete: nothing of our own environment is added. */
  readonly environment: Environment
  readonly timeLimitMs: number
  /** Characters of output that are kept, from the end; default 20 000. */
  readonly outputLimit?: number
  /** Time between SIGTERM and SIGKILL when the limit is reached; default 2 000. */
  readonly graceMs?: number
  readonly secrets: readonly string[]
  /** As whom; absent or null: as we do. */
  readonly account?: Account
  readonly signal: AbortSignal
}

export type CommandEnd = {
  /** `exited`: by itself; `timed-out`, `aborted`: it was ended by us, so its effect is not known. */
  readonly how: 'exited' | 'timed-out' | 'aborted'
  readonly code: number | null
  readonly signal: string | null
  /** Standard output and error as they came, the tail of it, redacted. */
  readonly output: string
  readonly durationMs: number
}

/** `permanent` when the program cannot be started; how it ended otherwise, whatever its exit code. */
export async function runCommand(run: CommandRun): Promise<Result<CommandEnd>> {
  if (run.signal.aborted) return failure('transient', `\`${run.argv[0]}\` was not started: the order's time was up`)
  const began = performance.now()
  const mark = randomUUID()
  const child = start(run, mark)
  if (!child.ok) return child
  return watch(run, child.value, { mark, began })
}

/** What has left the command's group is known by this variable. */
const MARK = 'STELLWERK_COMMAND'

/** Node throws at once where the system cannot even try: an account that does not exist here, a folder that is none. */
function start(run: CommandRun, mark: string): Result<ChildProcess> {
  try {
    return ok(
      spawn(run.argv[0]!, run.argv.slice(1), {
        cwd: run.folder,
        env: { ...run.environment, [MARK]: mark },
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        ...run.account,
      }),
    )
  } catch (error) {
    return notStarted(run, error as NodeJS.ErrnoException)
  }
}

async function watch(
  run: CommandRun,
  child: ChildProcess,
  { mark, began }: { readonly mark: string; readonly began: number },
): Promise<Result<CommandEnd>> {
  const output = keepTail(child, run)
  const exit = exitOf(run, child)
  const how = await Promise.race([exit.then(() => 'exited' as const), limitOf(run, exit)])
  if (child.pid !== undefined) await leaveNothing(child.pid, how, run.graceMs ?? 2000)
  await endMarked(MARK, mark, 0)
  const end = await exit
  if (!end.ok) return end
  await Promise.race([output.drained, delay(2000)])
  return ok({ how, ...end.value, output: output.text(), durationMs: Math.round(performance.now() - began) })
}

type Exit = { readonly code: number | null; readonly signal: string | null }

function exitOf(run: CommandRun, child: ChildProcess): Promise<Result<Exit>> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(notStarted(run, error)))
    child.once('exit', (code, signal) => resolve(ok({ code, signal })))
  })
}

function notStarted({ argv, account }: CommandRun, error: NodeJS.ErrnoException): Result<never> {
  const kind = error.code === 'EAGAIN' || error.code === 'ENOMEM' ? 'transient' : 'permanent'
  const why = error.code === 'ENOENT' ? 'it (or the folder it starts in) was not found' : error.message
  const who = account ? ` as the user ${account.uid}` : ''
  const fix = account
    ? `that user must be able to read and execute it; or name another one by ${COMMAND_USER}`
    : 'check the command and its PATH'
  return failure(kind, `\`${argv[0]}\` cannot be started${who}: ${why}; ${fix}`)
}

/** Resolves when the limit is reached or the order is aborted; never when the program ends first. */
async function limitOf(run: CommandRun, exit: Promise<unknown>): Promise<'timed-out' | 'aborted'> {
  const ended = new AbortController()
  void exit.then(() => ended.abort())
  const reached = await delay(run.timeLimitMs, 'timed-out' as const, {
    signal: AbortSignal.any([ended.signal, run.signal]),
  }).catch(() => 'aborted' as const)
  return ended.signal.aborted ? new Promise(() => {}) : reached
}

async function leaveNothing(group: number, how: CommandEnd['how'], graceMs: number): Promise<void> {
  if (how !== 'exited') await endGroup(group, graceMs)
  else if (groupMembers(group).length > 0) await endGroup(group, 0)
}

function keepTail(child: ChildProcess, run: CommandRun): { text(): string; drained: Promise<unknown> } {
  const limit = run.outputLimit ?? 20_000
  const clean = redactStream(run.secrets)
  let kept = ''
  let cut = false
  const keep = (text: string) => {
    kept += text
    cut ||= kept.length > limit
    if (kept.length > 2 * limit) kept = kept.slice(-limit)
  }
  const streams = [child.stdout!, child.stderr!]
  for (const stream of streams) stream.setEncoding('utf8').on('data', (text: string) => keep(clean.write(text)))
  const drained = Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve))))
  const text = () => {
    keep(clean.end())
    return cut ? `…${kept.slice(-limit)}` : kept
  }
  return { drained, text }
}

/** What a started program gets from the host's own environment; everything else is given by name (design §12). */
const ALLOWED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const

export type Environment = Readonly<Record<string, string>>

/** The allow-listed part of `host`: `{ PATH, HOME, LANG, … }`. */
export function allowedEnvironment(host: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(ALLOWED.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]])))
}
