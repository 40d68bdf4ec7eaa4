import { quote, say } from '../core/say.ts'
import { writeSync } from 'node:fs'
import { EXIT, StellwerkError } from '../errors.ts'

/** One stream to a person or a pipe. */
export type Writer = {
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number
  /** A text for people; made printable on its way (`border.ts`). */
  write(text: string): void
  /** Orders of our own to the terminal, and data that goes on as it is. */
  raw(text: string): void
}

/** What a verb has of the world it was called in; tests give their own. */
export type Io = {
  readonly stdout: Writer
  readonly stderr: Writer
  /** True when somebody can be asked. */
  readonly canAsk: boolean
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  now(): number
  /** Asks on stderr; null when the person went away (end of input, Ctrl-C). */
  ask(question: string): Promise<string | null>
  /** Calls `handle` on Ctrl-C or SIGTERM instead of ending; returns the function that stops that. */
  onInterrupt(handle: () => void): () => void
  /** What cannot be written is lost from now on: whoever runs something goes on running it. */
  mayLoseOutput(): void
}

export function processIo(): Io {
  let mayBeLost = false
  for (const name of ['stdout', 'stderr'] as const)
    process[name].on('error', (error) => {
      if (!mayBeLost) end(name, error)
    })
  return {
    stdout: writer(process.stdout),
    stderr: writer(process.stderr),
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    env: process.env,
    cwd: process.cwd(),
    now: Date.now,
    ask,
    onInterrupt,
    mayLoseOutput() {
      mayBeLost = true
    },
  }
}

function writer(stream: NodeJS.WriteStream): Writer {
  return {
    get isTTY() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.columns || 80
    },
    get rows() {
      return stream.rows || 24
    },
    write: (text) => void stream.write(text),
    raw: (text) => void stream.write(text),
  }
}

/**
 * `stellwerk deploy | head` closes our output: nobody reads any more, and what runs goes on without us, so it is no 0 that says
 * how it ended (law L10). Results that cannot be written otherwise, on a full disk say, are none.
 */
function end(name: 'stdout' | 'stderr', error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.detached.code)
  if (name === 'stdout') sayLast(`Error: cannot write to ${name}\nWhy: ${error.message}\n`)
  process.exit(EXIT.failed.code)
}

/** At once, and without a stream that could fail as well. */
function sayLast(text: string): void {
  try {
    writeSync(2, text)
  } catch {
    // Nobody can be told.
  }
}

async function ask(question: string): Promise<string | null> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const gone = new AbortController()
  lines.once('SIGINT', () => gone.abort())
  lines.once('close', () => gone.abort())
  try {
    return await lines.question(question, { signal: gone.signal })
  } catch (error) {
    if (gone.signal.aborted) return null
    throw new StellwerkError(
      'failed',
      { what: say`cannot ask`, why: quote(String(error)), fix: say`give --yes` },
      error,
    )
  } finally {
    lines.close()
  }
}

function onInterrupt(handle: () => void): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.on(signal, handle)
  return () => {
    for (const signal of signals) process.off(signal, handle)
  }
}
