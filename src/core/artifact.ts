import { say, type Sentence } from './say.ts'
/**
 * An immutable build result: `{ version: "v1.4.0", commit: "9f8…", buildUrl: "https://…", components: { api: … } }`.
 * `commit` is the full hash (40 or 64 hex digits), R-A04.
 */
export type Artifact = {
  readonly version: string
  readonly commit: string
  readonly buildUrl: string
  /** Commit authors as pseudonymous ids; none of them may approve this release (law L7). */
  readonly authors: readonly string[]
  readonly components: Readonly<Record<string, ArtifactComponent>>
}

/** One component's immutable reference: what `ref` is, its platform says (a folder, an archive, an image, a commit). */
export type ArtifactComponent = {
  readonly ref: string
  /** `sha256:` and 64 hex digits, over the tree (folder, archive) or the manifest (image). */
  readonly digest: string
}

/** What a reference is, told by its form alone. A platform says which kinds it can run. */
export type ReferenceKind = 'folder or archive' | 'image' | 'URL' | 'commit'

export function referenceKind(ref: string): ReferenceKind {
  if (/^https?:\/\//i.test(ref)) return 'URL'
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(ref)) return 'commit'
  const isPath = /^[./~]/.test(ref) || /^[A-Za-z]:[\\/]/.test(ref) || ref.startsWith('file:')
  const isImage = /@sha256:[0-9a-f]{64}$/.test(ref) || /^[\w.-]+(:\d+)?(\/[\w.-]+)*:[\w.-]+$/.test(ref)
  return !isPath && (isImage || /^[a-z][a-z0-9+.-]*:\/\//.test(ref)) ? 'image' : 'folder or archive'
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const DIGEST = /^sha256:[0-9a-f]{64}$/

export type ArtifactProblem = { readonly path: string; readonly value: string; readonly said: Sentence }

/** Every way in which `artifact` is not immutable (R-A04); an empty list when it is pinned. */
export function artifactProblems(artifact: Artifact): readonly ArtifactProblem[] {
  const problems: ArtifactProblem[] = []
  if (!COMMIT.test(artifact.commit)) {
    problems.push({
      path: 'commit',
      value: artifact.commit,
      said: mutable(say`a full commit hash of 40 or 64 hex digits`),
    })
  }
  if (!isWebUrl(artifact.buildUrl)) {
    problems.push({ path: 'buildUrl', value: artifact.buildUrl, said: say`must be the http(s) URL of the build` })
  }
  if (artifact.version.trim() === '' || artifact.version === 'latest') {
    problems.push({ path: 'version', value: artifact.version, said: mutable(say`a version of its own`) })
  }
  return [...problems, ...Object.entries(artifact.components).flatMap(([name, part]) => componentProblems(name, part))]
}

function componentProblems(name: string, { ref, digest }: ArtifactComponent): readonly ArtifactProblem[] {
  const problems: ArtifactProblem[] = []
  if (!DIGEST.test(digest)) {
    const said = mutable(say`"sha256:" and 64 hex digits`)
    problems.push({ path: `components.${name}.digest`, value: digest, said })
  }
  const named = /@(sha256:[0-9a-f]{64})$/.exec(ref)?.[1] ?? digest
  if (named !== digest) {
    const said = say`names another digest than ${digest}, which stands beside it; must be the same`
    problems.push({ path: `components.${name}.ref`, value: ref, said })
  }
  return problems
}

/** One digest for the whole release: what an approval and a quarantine name. Text to be hashed by the caller. */
export function artifactIdentity(artifact: Artifact): string {
  const digests = Object.entries(artifact.components).sort(([left], [right]) => (left < right ? -1 : 1))
  return [artifact.commit, ...digests.map(([name, { digest }]) => `${name}=${digest}`)].join('\n')
}

function mutable(wanted: Sentence): Sentence {
  return say`is a mutable reference; must be ${wanted}`
}

function isWebUrl(text: string): boolean {
  return /^https?:\/\/[^\s/]+/.test(text)
}
