import { listed, quote, say, type Told, verbatim } from '../core/say.ts'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Artifact, artifactProblems } from '../core/artifact.ts'
import { isVersionName, type PinnedArtifact } from '../core/pinned.ts'
import { detail, type ProblemDetail, StellwerkError, whyUnread } from '../errors.ts'
import { serviceOf } from './hand-over.ts'
import type { Shell } from './verb.ts'

/** `.stellwerk/artifacts/v1.4.0.json` */
export function artifactFile(dataFolder: string, version: string): string {
  return join(dataFolder, 'artifacts', `${version}.json`)
}

/** Reads and checks an artifact by its version (pinned here, or at the control plane) or by its file. */
export async function readArtifact(shell: Shell, named: string): Promise<Artifact> {
  const { io, globals } = shell
  const isFile = named.includes('/') || named.endsWith('.json') || !isVersionName(named)
  const file = isFile ? resolve(io.cwd, named) : artifactFile(globals.dataFolder, named)
  const text = await readFile(file, 'utf8').catch((error: unknown) => ({ why: whyUnread(error, file) }))
  if (typeof text !== 'string') {
    const there = isFile ? null : await pinnedThere(shell, named)
    if (there !== null) return there
    const why = isFile ? text.why : say`no such version is pinned here, nor at a control plane: ${text.why}`
    throw invalid(say`cannot read the artifact ${named}`, why, [])
  }
  const artifact = parse(text, file)
  const problems = artifactProblems(artifact).map(({ path, value, said }) =>
    detail(path, listed([`"${value}"`, said], ' ')),
  )
  if (problems.length > 0)
    throw invalid(say`the artifact in ${file} is not pinned`, say`a release must be immutable`, problems)
  return artifact
}

/** Null: no control plane is here to be asked, or it does not know this version. One that was named has to answer. */
async function pinnedThere(shell: Shell, version: string): Promise<Artifact | null> {
  try {
    const service = encodeURIComponent(await serviceOf(shell))
    const found = await shell.client.get<PinnedArtifact>(`/artifacts/${service}/${version}`, {
      doing: say`read the artifact ${version}`,
    })
    return found.artifact
  } catch (error) {
    const isAway = error instanceof StellwerkError && (error.exit === 'usage' || shell.globals.server === null)
    if (isAway) return null
    throw error
  }
}

function parse(text: string, file: string): Artifact {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(say`${file} is not an artifact`, quote(error instanceof Error ? error.message : String(error)), [])
  }
  const problems = shapeProblems(value)
  if (problems.length > 0)
    throw invalid(say`${file} is not an artifact`, say`members are missing or of the wrong kind`, problems)
  return value as Artifact
}

function shapeProblems(value: unknown): readonly ProblemDetail[] {
  const artifact = isRecord(value) ? value : {}
  const isText = (member: unknown) => typeof member === 'string'
  const texts = ['version', 'commit', 'buildUrl'].filter((key) => !isText(artifact[key]))
  const { authors, components } = artifact
  const pairs = isRecord(components) ? Object.entries(components) : []
  const bad = pairs.filter(([, part]) => !isRecord(part) || !isText(part['ref']) || !isText(part['digest']))
  return [
    ...texts.map((where) => detail(where, say`must be a text`)),
    ...(Array.isArray(authors) && authors.every(isText) ? [] : [detail('authors', say`must be a list of texts`)]),
    ...(pairs.length > 0 ? [] : [detail('components', say`must name at least one component`)]),
    ...bad.map(([name]) => detail(`components.${name}`, say`must have the texts ref and digest`)),
  ]
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: Told, why: Told, problems: readonly ProblemDetail[]): StellwerkError {
  const fix = verbatim('stellwerk artifact pin --version VERSION --commit SHA --build-url URL --component NAME=REF')
  return new StellwerkError('usage', { what, why, problems, fix })
}
