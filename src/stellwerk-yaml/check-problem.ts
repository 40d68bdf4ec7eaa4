import type { PathPart } from './problem.ts'
import type { EnvironmentSpec } from './spec.ts'
import { nearest } from './suggest.ts'

/** An environment whose sections may have failed to be read. */
export type PartialSpec = { readonly [S in keyof EnvironmentSpec]: EnvironmentSpec[S] | undefined }

export type CheckProblem = {
  /** Below the environment: `["rollout", "steps", 1]`. */
  readonly path: readonly PathPart[]
  readonly message: string
  readonly suggestion?: string | null
}

/** Where each kind of name is declared. */
const SECTIONS = {
  component: 'components',
  role: 'people',
  group: 'groups',
  secret: 'secrets of the component',
  'secret of the environment': 'secrets',
} as const

/** `what` "api" must be among `names`. */
export function unknownName(
  path: readonly PathPart[],
  what: keyof typeof SECTIONS,
  name: string,
  names: readonly string[],
): readonly CheckProblem[] {
  if (names.includes(name)) return []
  const section = SECTIONS[what]
  const near = nearest(name, names)
  const known = names.length > 0 ? `known: ${names.join(', ')}` : `declare it under ${section}`
  const suggestion = near ? `did you mean "${near}"?` : known
  return [{ path, message: `the ${what} "${name}" is not declared under ${section}`, suggestion }]
}
