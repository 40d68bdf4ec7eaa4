/** Test files in a process of their own, with a deadline: no process outlives it, and nothing is left of it on disk. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../tool.ts'
import { endBelow } from './below.ts'
import { failure, type Message, type TestResult } from './result.ts'

export type Batch = {
  /** Told when the batch is done: `src`, `test/package/package.test.ts`. */
  readonly name: string
  readonly files: readonly string[]
  readonly testTimeoutMs: number
  readonly deadlineMs: number
  /** It runs behind those that are not: its tests do not see how fast the machine is. */
  readonly isPure: boolean
}

export type BatchResult = {
  readonly batch: Batch
  readonly results: readonly TestResult[]
  readonly tookMs: number
  /** As `processor-time.ts` counts it; 0 when the worker ended before it could say. */
  readonly processorTimeMs: number
  /** What stood in their temporary folder when they had ended: somebody forgot to remove it. */
  readonly left: readonly string[]
  /** What the tests wrote to stdout and stderr, the last 64 KiB of it. */
  readonly output: string
}

const OUTPUT_MAX = 64 * 1024
/** Niceness: a thirtieth of the share that others get, and all of it when nobody else wants any. */
export const BEHIND = 15
const LOWEST = 19

type Worker = { readonly child: ChildProcess; readonly folder: string }

const alive = new Set<Worker>()

/** Ctrl-C ends every worker with all that its tests started, not only us. */
export function endWithUs(): void {
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const])
    process.once(signal, () => {
      for (const worker of alive) endGroup(worker)
      for (const worker of alive) clear(worker)
      process.exit(code)
    })
}

/** A worker leads a process group of its own, so that what its tests started goes with it. */
function endGroup({ child }: Worker): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // ESRCH: the group is empty.
  }
}

/**
 * Daemons left the worker's group: databases, supervisors, routers, instances. They work in the folder that tests take for the
 * temporary one, which is the worker's own, and goes with them.
 */
function clear({ folder }: Worker): void {
  endBelow(folder)
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  } catch (error) {
    console.error(`cannot remove what tests left: ${(error as Error).message}`)
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-tests-'))
  chmodSync(folder, 0o755) // as root, PostgreSQL runs as another user
  return folder
}

/** One process for the whole batch; what a test leaves open must not keep the run waiting. */
function nodeArguments({ testTimeoutMs, files }: Batch): readonly string[] {
  const reporter = join(import.meta.dirname, 'reporter.ts')
  const options = ['--test-isolation=none', '--test-force-exit', `--test-timeout=${testTimeoutMs}`]
  return ['--test', ...options, `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', ...files]
}

/** Types are stripped once for all processes of a run, and for the next one: beside `bin/stellwerk.mjs`, which does so too. */
const COMPILE_CACHE = process.env['NODE_COMPILE_CACHE'] ?? join(ROOT, 'node_modules/.cache/stellwerk')

function startWorker(batch: Batch): Worker {
  const folder = temporaryFolder()
  const child = spawn(process.execPath, nodeArguments(batch), {
    // Without NODE_TEST_CONTEXT: else a run inside a test would run nothing.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, TMPDIR: folder, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    detached: true,
  })
  if (batch.isPure && child.pid !== undefined) putBehind(child.pid)
  return { child, folder }
}

/**
 * Linux may share the cores between sessions first (sched(7), autogroup): niceness then counts only among the processes of
 * one, and a worker leads its own. So the session is put behind as well.
 */
function putBehind(pid: number): void {
  const niceness = Math.min(getPriority() + BEHIND, LOWEST)
  setPriority(pid, niceness)
  try {
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness))
  } catch {
    // No Linux, or one without it.
  }
}

export function runBatch(batch: Batch): Promise<BatchResult> {
  const from = performance.now()
  const worker = startWorker(batch)
  const { child } = worker
  alive.add(worker)
  const heard = listen(child)
  const deadline = setTimeout(() => {
    heard.late = true
    endGroup(worker)
  }, batch.deadlineMs)
  return new Promise((resolve) => {
    child.once('exit', async (code, signal) => {
      clearTimeout(deadline)
      endGroup(worker)
      await closed(child)
      const left = existsSync(worker.folder) ? readdirSync(worker.folder) : []
      clear(worker)
      alive.delete(worker)
      const results = [...heard.results, ...wrongEnd(batch, heard, signal ?? code)]
      const { output, processorTimeMs } = heard
      resolve({ batch, results, tookMs: performance.now() - from, processorTimeMs, left, output })
    })
  })
}

/** Until all that was written is read; a daemon that holds our pipe open is not waited for. */
function closed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const enough = setTimeout(resolve, 2_000)
    child.once('close', () => {
      clearTimeout(enough)
      resolve()
    })
  })
}

type Heard = { results: TestResult[]; done: boolean; late: boolean; processorTimeMs: number; output: string }

function listen(child: ChildProcess): Heard {
  const heard: Heard = { results: [], done: false, late: false, processorTimeMs: 0, output: '' }
  child.on('message', (message: Message) => {
    if (message.type === 'done') Object.assign(heard, { done: true, processorTimeMs: message.processorTimeMs })
    else heard.results.push(message.result)
  })
  const collect = (chunk: Buffer) => void (heard.output = (heard.output + chunk).slice(-OUTPUT_MAX))
  child.stdout?.on('data', collect)
  child.stderr?.on('data', collect)
  return heard
}

/** A failure that no test told: the process ended before all had run, or not well although all had passed. */
function wrongEnd(batch: Batch, { done, late, results }: Heard, code: string | number | null): readonly TestResult[] {
  if (done && (code === 0 || results.some(({ outcome }) => outcome === 'fail'))) return []
  const last = results.at(-1)
  const after = last ? `the last test that ended was "${last.path.join(' › ')}"` : 'no test had ended'
  const what = late ? `gave up after ${batch.deadlineMs / 1000} s` : `the process ended early with ${code}`
  const text = done ? `no test failed, yet the process ended with ${code}` : `${what}; ${after}`
  return [failure(last?.file ?? batch.files[0] ?? batch.name, text)]
}
