/** What can only be wrong once an environment, an artifact and the inputs of a release come together. */
import { listed, say, type Told } from '../core/say.ts'
import { joined } from './expected.ts'
import { type Artifact, artifactProblems, type ReferenceKind, referenceKind } from '../core/artifact.ts'
import { authorProblems } from './accounts.ts'
import type { PlatformSchema } from './adapter-options.ts'
import type { PathPart, SpecProblem } from './problem.ts'
import type { Spec } from './spec.ts'
import { whySecret } from './secret-shapes.ts'
import { nearest } from './suggest.ts'

export type CompileRequest = {
  readonly spec: Spec
  readonly artifact: Artifact
  readonly environment: string
  /** Flag values of this release (R-A09): `{ claims-enabled: "false" }`. */
  readonly flags: Readonly<Record<string, string>>
  readonly platforms: readonly PlatformSchema[]
  /** Where a path of the artifact stands, `artifact.json:4:12`. */
  readonly locateArtifact: (path: readonly PathPart[]) => string
}

const FLAG = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/
const MAX_FLAG_VALUE = 4096

export function compileProblems(request: CompileRequest): readonly SpecProblem[] {
  const { spec, environment } = request
  if (!Object.hasOwn(spec.environments, environment)) return [unknownEnvironment(spec, environment)]
  return [
    ...mutableReferences(request),
    ...otherComponents(request),
    ...strangers(request),
    ...unfitReferences(request),
    ...flagProblems(request.flags),
  ]
}

/** A reference of a kind that its platform does not run would be found out at a gate, a quarter of an hour later (R-A07). */
function unfitReferences(request: CompileRequest): readonly SpecProblem[] {
  const { spec, artifact, environment, platforms, locateArtifact } = request
  const { components } = spec.environments[environment]!
  return Object.entries(artifact.components).flatMap(([name, { ref }]) => {
    const wanted = Object.hasOwn(components, name) ? components[name]!.platform : undefined
    const message = wanted && unfit(ref, wanted.kind, platforms)
    if (!message) return []
    const suggestion = say`pin what this platform runs, or give ${name} another platform (${spec.locate(environment, ['components', name, 'platform'])})`
    return [
      { where: locateArtifact(['components', name, 'ref']), path: `artifact.components.${name}`, message, suggestion },
    ]
  })
}

const KINDS: Readonly<Record<ReferenceKind, Told>> = {
  'folder or archive': say`a folder or archive`,
  image: say`an image`,
  URL: say`a URL`,
  commit: say`a commit`,
}

/** Why the platform of this kind cannot run `ref`, told by the reference's form; null when it can, or is unknown here. */
export function unfit(ref: string, kind: string, platforms: readonly PlatformSchema[]): Told | null {
  const takes = platforms.find((platform) => platform.kind === kind)?.takes
  const given = referenceKind(ref)
  if (!takes || takes.includes(given)) return null
  const runs = joined(
    takes.map((kind) => KINDS[kind]),
    (left, right) => say`${left} or ${right}`,
  )
  return say`${JSON.stringify(ref)} is ${KINDS[given]}; the platform "${kind}" runs ${runs} only`
}

function unknownEnvironment(spec: Spec, environment: string): SpecProblem {
  const names = Object.keys(spec.environments)
  const near = nearest(environment, names)
  const suggestion = near ? say`did you mean "${near}"?` : say`known: ${names.join(', ')}`
  const message = say`there is no environment "${environment}" in the spec`
  return { where: spec.locate('', ['environments']), path: 'environments', message, suggestion }
}

/** Whoever wrote it must be known where somebody has to approve it: an author may not (law L7). */
function strangers({ spec, artifact, environment, locateArtifact }: CompileRequest): readonly SpecProblem[] {
  const { accounts, approvals } = spec.environments[environment]!
  return authorProblems(artifact.authors, { accounts, isAsked: approvals.length > 0 }).map(
    ({ index, message, suggestion }) => ({
      where: locateArtifact(['authors', index]),
      path: `artifact.authors[${index}]`,
      message,
      suggestion,
    }),
  )
}

function suggested(near: string | null): Told | null {
  return near === null ? null : say`did you mean "${near}"?`
}

/** R-A04. */
function mutableReferences({ artifact, locateArtifact }: CompileRequest): readonly SpecProblem[] {
  return artifactProblems(artifact).map(({ path, value, said }) => ({
    where: locateArtifact(path.split('.')),
    path: `artifact.${path}`,
    message: listed([JSON.stringify(value), said], ' '),
    suggestion: say`pin it with \`stellwerk artifact pin\``,
  }))
}

/** A release holds exactly the components of the spec: one left out would stay behind, one too many go nowhere (R-A02). */
function otherComponents({ spec, artifact, environment, locateArtifact }: CompileRequest): readonly SpecProblem[] {
  const wanted = Object.keys(spec.environments[environment]!.components)
  const given = Object.keys(artifact.components)
  const missing = wanted.filter((name) => !given.includes(name))
  const unknown = given.filter((name) => !wanted.includes(name))
  return [
    ...missing.map((name) => ({
      where: locateArtifact(['components']),
      path: 'artifact.components',
      message: say`the artifact has no component "${name}", which the spec declares (${spec.locate(environment, ['components', name])})`,
      suggestion: say`pin it with \`--component ${name}=REF\``,
    })),
    ...unknown.map((name) => ({
      where: locateArtifact(['components', name]),
      path: `artifact.components.${name}`,
      message: say`the artifact's component "${name}" is not declared in the spec`,
      suggestion: suggested(nearest(name, missing)),
    })),
  ]
}

function flagProblems(flags: CompileRequest['flags']): readonly SpecProblem[] {
  const names = Object.keys(flags)
  const variables = names.map(flagVariable)
  return names.flatMap((name, index) => {
    const problem =
      flagProblem(name, flags[name]!) ??
      (variables.indexOf(variables[index]!) < index ? say`is another spelling of a flag given already` : null)
    if (problem === null) return []
    return [
      {
        where: 'flags',
        path: `flags.${name}`,
        message: say`the flag ${JSON.stringify(name)} ${problem}`,
        suggestion: null,
      },
    ]
  })
}

function flagProblem(name: string, value: string): Told | null {
  if (!FLAG.test(name)) return say`is not a name of letters, digits, dashes and underscores that starts with a letter`
  const why = whySecret(name, value)
  if (why !== null) return say`is no place for a secret (${why}): it would stand in the log for ever`
  if (value.length > MAX_FLAG_VALUE) return say`has a value of more than ${MAX_FLAG_VALUE} characters`
  return value.isWellFormed() && !value.includes('\0') ? null : say`has a value that no program can be given`
}

/** `claims-enabled` → `STELLWERK_FLAG_CLAIMS_ENABLED`: what the instances are given. */
export function flagVariable(name: string): string {
  return `STELLWERK_FLAG_${name.toUpperCase().replaceAll('-', '_')}`
}
