/** One thing that is wrong in a file, for people: where, what was found, what is expected, what to do. */
export type SpecProblem = {
  /** `stellwerk.yaml:7:11`; line and column count from 1. */
  readonly where: string
  /** `environments.prod.rollout.hold`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  /** What most likely was meant, as a sentence; null when there is no good guess. */
  readonly suggestion: string | null
}

export type PathPart = string | number

/** A list longer than this helps nobody; the last entry says that there are more. */
export const MAX_PROBLEMS = 100

/** `["smoke", 0, "http"]` → `smoke[0].http`. */
export function pathText(path: readonly PathPart[]): string {
  return path
    .map((part) =>
      typeof part === 'number' ? `[${part}]` : /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
    )
    .join('')
    .replace(/^\./, '')
}

/**
 * `stellwerk.yaml:7:11: rollout.hold: expected …; did you mean …?`
 * @kept One line per problem, for tests of what is refused.
 */
export function problemText(problem: SpecProblem): string {
  const path = problem.path ? `${problem.path}: ` : ''
  return `${problem.where}: ${path}${problem.message}${problem.suggestion ? `; ${problem.suggestion}` : ''}`
}

/** A value as found, short enough for one line: `"10 %"`, `300`, `a list of 3`. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'nothing (an empty value)'
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`
  const keys = Object.keys(value)
  if (keys.length === 0) return 'an empty map'
  return `a map with ${keys.slice(0, 4).join(', ').slice(0, 60)}${keys.length > 4 ? ', …' : ''}`
}

/** Cuts a list that is too long to be read. */
export function bounded(problems: readonly SpecProblem[]): readonly SpecProblem[] {
  if (problems.length <= MAX_PROBLEMS) return problems
  const message = 'there are more problems from here on; mend these first'
  return [
    ...problems.slice(0, MAX_PROBLEMS),
    { where: problems[MAX_PROBLEMS]!.where, path: '', message, suggestion: null },
  ]
}
