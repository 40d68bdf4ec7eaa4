/** Test files in worker processes, a few at a time, each with a deadline; nobody outlives the run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { failure, type Message, type TestResult } from './result.ts'

export type Batch = {
  /** Told when the batch is done: `src`, `test/e2e/demo.test.ts`. */
  readonly name: string
  readonly files: readonly string[]
  readonly testTimeoutMs: number
  readonly deadlineMs: number
}

export type BatchResult = {
  readonly batch: Batch
  readonly results: readonly TestResult[]
  readonly tookMs: number
  /** What the tests wrote to stdout and stderr, the last 64 KiB of it. */
  readonly output: string
}

const OUTPUT_MAX = 64 * 1024
const alive = new Set<ChildProcess>()

/** Runs all batches, `concurrency` at a time; `each` sees every one as it ends. */
export async function runBatches(
  batches: readonly Batch[],
  concurrency: number,
  each: (done: BatchResult) => void,
): Promise<readonly BatchResult[]> {
  const waiting = [...batches]
  const all: BatchResult[] = []
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const done = await runBatch(next)
      all.push(done)
      each(done)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return all
}

/** Ends every worker with all its children, for when the run itself is interrupted. */
export function endAll(): void {
  for (const child of alive) endGroup(child)
}

/** A worker leads a process group of its own, so that what its tests started goes with it. */
function endGroup(child: ChildProcess): boolean {
  if (child.pid === undefined) return false
  try {
    return process.kill(-child.pid, 'SIGKILL')
  } catch {
    return false // ESRCH: the group is empty
  }
}

/** One process for the whole batch; what a test leaves open must not keep the run waiting. */
function nodeArguments({ testTimeoutMs, files }: Batch): readonly string[] {
  const reporter = join(import.meta.dirname, 'reporter.ts')
  const options = ['--test-isolation=none', '--test-force-exit', `--test-timeout=${testTimeoutMs}`]
  return ['--test', ...options, `--test-reporter=${reporter}`, '--test-reporter-destination=stdout', ...files]
}

function runBatch(batch: Batch): Promise<BatchResult> {
  const from = performance.now()
  const child = spawn(process.execPath, nodeArguments(batch), {
    env: { ...process.env, NODE_TEST_CONTEXT: undefined }, // else a run inside a test would run nothing
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    detached: true,
  })
  alive.add(child)
  const heard = listen(child)
  const deadline = setTimeout(() => {
    heard.late = true
    endGroup(child)
  }, batch.deadlineMs)
  return new Promise((resolve) => {
    child.once('exit', async (code, signal) => {
      clearTimeout(deadline)
      alive.delete(child)
      endGroup(child)
      await closed(child)
      const results = [...heard.results, ...wrongEnd(batch, heard, signal ?? code)]
      resolve({ batch, results, tookMs: performance.now() - from, output: heard.output })
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

type Heard = { results: TestResult[]; done: boolean; late: boolean; output: string }

function listen(child: ChildProcess): Heard {
  const heard: Heard = { results: [], done: false, late: false, output: '' }
  child.on('message', (message: Message) => {
    if (message.type === 'done') heard.done = true
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
