import { say, type Told } from '../core/say.ts'
import type { PathPart } from './problem.ts'
import type { EnvironmentSpec } from './spec.ts'
import { nearest } from './suggest.ts'

/** An environment whose sections may have failed to be read. */
export type PartialSpec = { readonly [S in keyof EnvironmentSpec]: EnvironmentSpec[S] | undefined }

export type CheckProblem = {
  /** Below the environment: `["rollout", "steps", 1]`. */
  readonly path: readonly PathPart[]
  readonly message: Told
  readonly suggestion?: Told | null
}

/** Where each kind of name is declared. */
const SECTIONS = {
  component: { what: say`the component`, section: 'components' },
  role: { what: say`the role`, section: 'people' },
  group: { what: say`the group`, section: 'groups' },
  secret: { what: say`the secret`, section: say`secrets of the component` },
  'secret of the environment': { what: say`the secret of the environment`, section: 'secrets' },
} as const

/** The `kind` "api" must be among `names`. */
export function unknownName(
  path: readonly PathPart[],
  kind: keyof typeof SECTIONS,
  name: string,
  names: readonly string[],
): readonly CheckProblem[] {
  if (names.includes(name)) return []
  const { what, section } = SECTIONS[kind]
  const near = nearest(name, names)
  const known = names.length > 0 ? say`known: ${names.join(', ')}` : say`declare it under ${section}`
  const suggestion = near ? say`did you mean "${near}"?` : known
  return [{ path, message: say`${what} "${name}" is not declared under ${section}`, suggestion }]
}
