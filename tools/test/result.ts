/** What a worker tells about one test, as it crosses the process border. */
export type TestResult = {
  readonly outcome: 'pass' | 'fail' | 'skip'
  /** Outermost suite first: `['lint refuses', 'src/core/node.ts by stellwerk(rooms)']`. */
  readonly path: readonly string[]
  readonly file: string
  readonly line: number
  readonly tookMs: number
  /** Of a failure the error with its stack, of a skip the reason, else empty. */
  readonly text: string
}

/** Sent over IPC; the last one says that every test has ended, so that an early exit cannot pass for success. */
export type Message =
  | { readonly type: 'result'; readonly result: TestResult }
  | { readonly type: 'done'; readonly processorTimeMs: number }

export function failure(file: string, text: string): TestResult {
  return { outcome: 'fail', path: [], file, line: 1, tookMs: 0, text }
}
