export type EmbeddedProblem =
  | 'unsupported-platform'
  | 'package-missing'
  | 'library-missing'
  | 'disk-full'
  | 'wrong-version'
  | 'wrong-owner'
  | 'folder-closed'
  | 'timeout'
  | 'failed'

/** Thrown when the embedded PostgreSQL cannot be started or stopped; the message says what to do. */
export class EmbeddedPostgresError extends Error {
  readonly problem: EmbeddedProblem
  constructor(problem: EmbeddedProblem, message: string, cause?: unknown) {
    super(message, { cause })
    this.problem = problem
  }
}

/** What the output of `initdb` or `postgres` means; `pkg` is the npm package whose install script may not have run. */
export function explain(doing: string, output: string, pkg: string): EmbeddedPostgresError {
  const last = output.trim().split('\n').slice(-5).join('\n')
  if (/error while loading shared libraries|Library not loaded/.test(output)) {
    const todo = `Its install script was blocked: run "npm rebuild ${pkg}" (npm 11: "npm approve-scripts ${pkg}" first).`
    return new EmbeddedPostgresError('library-missing', `${doing}: a library of ${pkg} is missing. ${todo}\n${last}`)
  }
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    const todo = 'Nothing is lost; free some space, then start again.'
    return new EmbeddedPostgresError('disk-full', `${doing}: the disk is full. ${todo}\n${last}`)
  }
  return new EmbeddedPostgresError('failed', `${doing} failed. Its last words:\n${last || '(none)'}`)
}
