/**
 * `oci://registry.example/team/api@sha256:…`: an image as a person names it to be pinned. The registry stands in it, since no
 * default of somebody's engine travels with a release, and so does the digest: a tag is whatever it is moved to (R-A04).
 */
export type ImageReference = {
  /** Host as the person wrote it, with its port: `registry.example:5000`. */
  readonly registry: string
  /** `team/api` */
  readonly repository: string
  /** Of the manifest or of the index: `sha256:` and 64 hex digits. */
  readonly digest: string
}

/** `form`: no registry and repository can be read in it. `tag`: there is no digest. `digest`: it is none of SHA-256. */
export type ReferenceProblem = 'form' | 'tag' | 'digest'

const SCHEME = 'oci://'

const HOST = /^(?:localhost|\[[0-9a-f:]+\]|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:))(?::\d{1,5})?$/i
/** Names of the distribution specification. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /:\w[\w.-]{0,127}$/

/** A tag beside the digest is left out, as engines leave it out: the digest alone says which image it is. */
export function readReference(text: string): ImageReference | ReferenceProblem {
  if (!text.startsWith(SCHEME)) return 'form'
  const [name = '', digest, ...rest] = text.slice(SCHEME.length).split('@')
  const slash = name.indexOf('/')
  const registry = name.slice(0, Math.max(0, slash))
  const repository = name.slice(slash + 1).replace(TAG, '')
  if (!HOST.test(registry) || !REPOSITORY.test(repository) || repository.length > 255 || rest.length > 0) return 'form'
  if (digest === undefined) return 'tag'
  return /^sha256:[0-9a-f]{64}$/.test(digest) ? { registry, repository, digest } : 'digest'
}

/** As it is written into the artifact. */
export function referenceText({ registry, repository, digest }: ImageReference): string {
  return `${SCHEME}${registry}/${repository}@${digest}`
}

/** Docker Hub answers its API at another name than the one that its images bear. */
export function registryOrigin({ registry }: ImageReference): string {
  if (registry === 'docker.io' || registry === 'index.docker.io') return 'https://registry-1.docker.io'
  return `${isLoopback(registry.replace(/:\d+$/, '')) ? 'http' : 'https'}://${registry}`
}

/** Where there is nobody between us and the registry, engines speak HTTP without a certificate, and so do we. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}
