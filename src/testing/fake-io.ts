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
}

/** A terminal, or a pipe, in memory. */
export function fakeIo({ isTTY = false, env = {}, cwd = '/', replies = [] }: FakeIoOptions = {}): FakeIo {
  const texts = { stdout: '', stderr: '' }
  const left = [...replies]
  const handlers = new Set<() => void>()
  const writer = (name: 'stdout' | 'stderr') => ({
    isTTY,
    columns: 100,
    write(text: string) {
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
    output: () => texts.stdout,
    errors: () => texts.stderr,
    interrupt() {
      for (const handle of handlers) handle()
    },
  }
}
