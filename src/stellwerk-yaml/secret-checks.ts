/** Secrets that an environment names: each must be declared, and each that is declared must be used by somebody. */
import { say } from '../core/say.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'
import { secretShape } from './secret-shapes.ts'
import type { PathPart } from './problem.ts'

/** The name in `{ secret: NAME }`; null for any other value of an adapter's options. */
export function secretNameIn(value: unknown): string | null {
  const { secret } = (typeof value === 'object' && value !== null ? value : {}) as { readonly secret?: unknown }
  return typeof secret === 'string' ? secret : null
}

export function secretProblems(spec: PartialSpec): readonly CheckProblem[] {
  const { secrets } = spec
  const known = Object.keys(secrets ?? {})
  const unknown = secrets ? uses(spec) : []
  return [
    ...unknown.flatMap(({ name, path }) => unknownName(path, 'secret of the environment', name, known)),
    ...plainSecrets(spec),
  ]
}

type Use = { readonly name: string; readonly path: readonly PathPart[] }

/** Who may name a secret of the environment: what belongs to it as a whole. */
function uses({ notify, metrics }: PartialSpec): readonly Use[] {
  const told = (notify ?? []).flatMap(({ to }, index) => namedIn(to, ['notify', index, 'to']))
  return [...told, ...namedIn(metrics, ['metrics'])]
}

function namedIn(value: unknown, path: readonly PathPart[]): readonly Use[] {
  const name = secretNameIn(value)
  if (name !== null) return [{ name, path: [...path, 'secret'] }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => namedIn(inner, [...path, key]))
}

/** Declared in one of the environments, named in none of them. */
export function idleSecrets(environments: readonly PartialSpec[], here: PartialSpec): readonly CheckProblem[] {
  if (environments.some(({ notify, metrics }) => notify === undefined || metrics === undefined)) return []
  const used = new Set(environments.flatMap(uses).map(({ name }) => name))
  return Object.keys(here.secrets ?? {})
    .filter((name) => !used.has(name))
    .map((name) => ({
      path: ['secrets', name],
      message: say`nothing in \`notify\` or \`metrics\` names ${name}, so it would have no effect`,
      suggestion: say`a secret of one component belongs under \`components.NAME.secrets\``,
    }))
}

/** Sections whose texts are looked at here; variables and headers say themselves what to do instead. */
const LOOKED_AT = ['components', 'smoke', 'migrations', 'rollback', 'gates', 'metrics', 'analysis'] as const
const OWN_WORDS = ['variables', 'secrets', 'headers']

/** A command, an option, a body with something in it that nothing but a secret looks like. */
function plainSecrets(spec: PartialSpec): readonly CheckProblem[] {
  return LOOKED_AT.flatMap((section) =>
    textsIn(spec[section], [section]).flatMap(({ path, text }) => {
      const what = secretShape(text)
      if (what === null) return []
      const message = say`holds ${what}, which would stand in the plan and in the log for ever`
      return [{ path, message, suggestion: say`hand it over as one of the \`secrets\` of the component` }]
    }),
  )
}

type FoundText = { readonly path: readonly PathPart[]; readonly text: string }

function textsIn(value: unknown, path: readonly PathPart[]): readonly FoundText[] {
  if (typeof value === 'string') return [{ path, text: value }]
  if (Array.isArray(value)) return value.flatMap((each, index) => textsIn(each, [...path, index]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    OWN_WORDS.includes(key) ? [] : textsIn(inner, [...path, key]),
  )
}
