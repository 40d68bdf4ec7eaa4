import type { Io } from '../cli/io.ts'

export type FakeIo = Io & {
  /** Everything written to stdout so far. */
  output(): string
  /** Everything written to stderr so far. */
  errors(): string
  interrupt(): void
}

export type FakeIoOptions = {
  readonly isTTY?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Answers to questions, in their order; then nobody is there. */
  readonly replies?: readonly string[]
  /** Of the terminal; read whenever it is asked for, so that a test can change it. */
  readonly size?: { columns: number; rows: number }
}

/** A terminal, or a pipe, in memory. */
export function fakeIo(options: FakeIoOptions = {}): FakeIo {
  const { isTTY = false, env = {}, cwd = '/', replies = [], size = { columns: 100, rows: 30 } } = options
  const texts = { stdout: '', stderr: '' }
  const left = [...replies]
  const handlers = new Set<() => void>()
  const writer = (name: 'stdout' | 'stderr') => ({
    isTTY,
    get columns() {
      return size.columns
    },
    get rows() {
      return size.rows
    },
    write(text: string) {
      texts[name] += text
    },
    raw(text: string) {
      texts[name] += text
    },
  })
  return {
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    canAsk: isTTY,
    env,
    cwd,
    now: Date.now,
    async ask(question) {
      texts.stderr += question
      return left.shift() ?? null
    },
    onInterrupt(handle) {
      handlers.add(handle)
      return () => void handlers.delete(handle)
    },
    mayLoseOutput() {},
    output: () => texts.stdout,
    errors: () => texts.stderr,
    interrupt() {
      for (const handle of handlers) handle()
    },
  }
}
