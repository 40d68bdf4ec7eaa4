/**
 * Runs one program to its end: no shell, a complete environment of its own, a time limit, a bounded output whose tail is
 * kept, secrets taken out, and nothing that it started left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { failure, ok } from '../../ports/result.ts'
import type { Result } from '../../ports/result.ts'
import type { Environment } from './environment.ts'
import { endGroup, groupMembers } from './process-group.ts'
import { redactStream } from './redact.ts'

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
  const child = spawn(run.argv[0]!, run.argv.slice(1), {
    cwd: run.folder,
    env: { ...run.environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = keepTail(child, run)
  const exit = exitOf(child)
  const how = await Promise.race([exit.then(() => 'exited' as const), limitOf(run, exit)])
  if (child.pid !== undefined) await leaveNothing(child.pid, how, run.graceMs ?? 2000)
  const end = await exit
  if (!end.ok) return end
  await Promise.race([output.drained, delay(2000)])
  return ok({ how, ...end.value, output: output.text(), durationMs: Math.round(performance.now() - began) })
}

type Exit = { readonly code: number | null; readonly signal: string | null }

function exitOf(child: ChildProcess): Promise<Result<Exit>> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => resolve(notStarted(child, error)))
    child.once('exit', (code, signal) => resolve(ok({ code, signal })))
  })
}

function notStarted(child: ChildProcess, error: NodeJS.ErrnoException): Result<never> {
  const kind = error.code === 'EAGAIN' || error.code === 'ENOMEM' ? 'transient' : 'permanent'
  const why = error.code === 'ENOENT' ? 'it (or the folder it starts in) was not found' : error.message
  return failure(kind, `\`${child.spawnfile}\` cannot be started: ${why}; check the command and its PATH`)
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
