/** Reads the file that `stellwerk artifact pin` writes: JSON (or YAML), with a place for every problem. */
import { z } from 'zod'
import { type Artifact, artifactProblems } from '../core/artifact.ts'
import type { JsonSchema } from './json-schema.ts'
import { knownKeys } from './known-keys.ts'
import { readSection } from './layers.ts'
import { Label, Name } from './name.ts'
import type { PathPart, SpecProblem } from './problem.ts'
import { place, refused, type SpecText } from './read.ts'
import { type Finding, nearestNode, type TreeNode } from './tree.ts'
import { decodeText, parseYaml } from './yaml.ts'

const ACTOR = 'a pseudonymous id of an author such as person:alex'

export const ArtifactFile = z.strictObject({
  version: Label.meta({ description: 'Version of its own: `v1.4.0`.', source: 'R-A04' }),
  commit: z.string().max(200).meta({ description: 'Full commit hash.', source: 'R-A04' }),
  buildUrl: z.string().max(2048).meta({ description: 'Where it was built.', source: 'R-A04' }),
  authors: z
    .array(z.string(ACTOR).min(1).max(200))
    .max(1000)
    .prefault([])
    .meta({ description: 'Commit authors as pseudonymous ids; none of them may approve it.', source: 'R-C03' }),
  components: z
    .record(Name, z.strictObject({ ref: z.string().min(1).max(4096), digest: z.string().max(200) }))
    .meta({ description: 'An immutable reference and its digest per component.', source: 'R-A04' }),
})

export type ArtifactResult =
  | { readonly ok: true; readonly artifact: Artifact; readonly locate: (path: readonly PathPart[]) => string }
  | { readonly ok: false; readonly problems: readonly SpecProblem[] }

export function readArtifact({ text, file }: SpecText): ArtifactResult {
  const decoded = decodeText(text)
  const parsed = decoded.ok ? parseYaml(decoded.text) : decoded
  if (!parsed.ok) return refused(parsed.findings, decoded.text, file)
  const read = readTree(parsed.root)
  if (!read.ok) return refused(read.findings, decoded.text, file)
  const locate = (path: readonly PathPart[]) => place(nearestNode(parsed.root, path).node.at, decoded.text, file)
  return { ok: true, artifact: read.artifact, locate }
}

type TreeArtifact =
  | { readonly ok: true; readonly artifact: Artifact }
  | { readonly ok: false; readonly findings: readonly Finding[] }

function readTree(root: TreeNode): TreeArtifact {
  const whole: TreeNode = { ...root, kind: 'map', entries: new Map([['artifact', root]]) }
  const { value, findings } = readSection('artifact', ArtifactFile, { root: whole, known: keys(), environment: null })
  if (value === undefined) return { ok: false, findings }
  const artifact = value as Artifact
  const mutable = artifactProblems(artifact).map(({ path, value, message }) => {
    const { node } = nearestNode(root, path.split('.'))
    const suggestion = 'pin it again with `stellwerk artifact pin`'
    return { at: node.at, path: node.path, message: `${JSON.stringify(value)} ${message}`, suggestion }
  })
  return mutable.length > 0 ? { ok: false, findings: mutable } : { ok: true, artifact }
}

function keys() {
  return knownKeys({ properties: { artifact: z.toJSONSchema(ArtifactFile, { io: 'input' }) as JsonSchema } })
}
