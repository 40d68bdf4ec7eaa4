import { english, listed, type Part, say, type Told } from '../core/say.ts'
import { detail, type ProblemDetail } from '../errors.ts'
/** One thing that is wrong in a file, for people: where, what was found, what is expected, what to do. */
export type SpecProblem = {
  /** `stellwerk.yaml:7:11`; line and column count from 1. */
  readonly where: string
  /** `environments.prod.rollout.hold`; empty for the file as a whole. */
  readonly path: string
  readonly message: Told
  /** What most likely was meant, as a sentence; null when there is no good guess. */
  readonly suggestion: Told | null
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
  return `${problem.where}: ${path}${english(withSuggestion(problem))}`
}

/** `expected a duration …; did you mean 5m?` */
function withSuggestion({ message, suggestion }: Pick<SpecProblem, 'message' | 'suggestion'>): Told {
  return suggestion === null ? message : listed([message, suggestion])
}

/** As an API and a terminal show it: the path before it. */
export function problemDetail(problem: SpecProblem): ProblemDetail {
  const said = withSuggestion(problem)
  return detail(problem.where, problem.path === '' ? said : listed([problem.path, said], ': '))
}

/** A value as found, short enough for one line: `"10 %"`, `300`, `a list of 3`. */
export function show(value: unknown): Part {
  if (value === undefined) return say`nothing`
  if (value === null) return say`nothing (an empty value)`
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 59)}…` : value)
  if (typeof value !== 'object') return String(value)
  if (Array.isArray(value)) return value.length === 0 ? say`an empty list` : say`a list of ${value.length}`
  const keys = Object.keys(value)
  if (keys.length === 0) return say`an empty map`
  return say`a map with ${keys.slice(0, 4).join(', ').slice(0, 60)}${keys.length > 4 ? ', …' : ''}`
}

/** Cuts a list that is too long to be read. */
export function bounded(problems: readonly SpecProblem[]): readonly SpecProblem[] {
  if (problems.length <= MAX_PROBLEMS) return problems
  const message = say`there are more problems from here on; fix these first`
  return [
    ...problems.slice(0, MAX_PROBLEMS),
    { where: problems[MAX_PROBLEMS]!.where, path: '', message, suggestion: null },
  ]
}
