/**
 * The worker's reporter for `node --test`: sends each result to the parent process over IPC, and `done` at the end.
 *
 * The runner's own process isolation would do nearly the same, but there a file that leaves a timer behind hangs the run,
 * and a `process.exit` in a test passes for success.
 */
import { inspect } from 'node:util'
import { processorTimeMs } from './processor-time.ts'
import { failure, type Message, type TestResult } from './result.ts'

type Event = {
  readonly name: string
  readonly message?: string
  readonly nesting: number
  readonly file?: string
  readonly line?: number
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details?: { readonly duration_ms?: number; readonly type?: string; readonly error?: TestError }
}
type TestError = Error & { readonly failureType?: string; readonly cause?: unknown }

const tell = (message: Message) => new Promise<void>((sent) => process.send!(message, () => sent()))

export default async function* report(source: AsyncIterable<{ readonly type: string; readonly data: unknown }>) {
  const open: string[] = []
  for await (const { type, data } of source) {
    const event = data as Event
    if (type === 'test:start') open.splice(event.nesting, Infinity, event.name)
    const result = judge(type, event, open)
    if (result) await tell({ type: 'result', result })
  }
  await tell({ type: 'done', processorTimeMs: processorTimeMs() })
  yield ''
}

/** Null for what is no test of its own: a suite, or a test that failed only through its subtests. */
function judge(type: string, event: Event, open: readonly string[]): TestResult | null {
  if (type === 'test:diagnostic') return stray(event)
  if (type !== 'test:pass' && type !== 'test:fail') return null
  const { name, nesting, file = '', line = 1, details } = event
  const base = { path: [...open.slice(0, nesting), name], file, line, tookMs: details?.duration_ms ?? 0 }
  const off = whyOff(event)
  if (off !== null) return { outcome: 'skip', ...base, text: off }
  if (isWhole(details)) return null
  if (type === 'test:fail') return { outcome: 'fail', ...base, text: describe(details?.error) }
  if (name === file) return failure(file, 'this file has no tests: it would pass whatever the code does')
  return { outcome: 'pass', ...base, text: '' }
}

/** An error after its test had ended: node:test only mentions it, yet the code under test has failed. */
function stray({ message = '', file = '' }: Event): TestResult | null {
  return message.startsWith('Error: ') ? failure(file, message) : null
}

function isWhole(details: Event['details']): boolean {
  const kind = details?.error?.failureType
  return kind === 'subtestsFailed' || (details?.type === 'suite' && kind !== 'hookFailed')
}

function whyOff({ skip, todo }: Event): string | null {
  const off = todo ?? skip
  if (off === undefined || off === false) return null
  const why = typeof off === 'string' && off !== '' ? off : 'no reason given'
  return todo === undefined ? why : `to do: ${why}`
}

function describe(error: TestError | undefined): string {
  if (!error) return 'failed without an error'
  const cause = error.cause ?? error.message
  const text = typeof cause === 'string' ? cause : inspect(cause, { depth: 6 })
  return text.replace(/\n\s+at .*(node:internal|node:async_hooks).*/g, '')
}
