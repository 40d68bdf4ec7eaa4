/**
 * An artifact that was pinned at the control plane: one stream for each version of a service, whose first event says for
 * ever what that version is. And content that was handed over: one stream for each digest, of who brought it.
 */
import type { Artifact } from './artifact.ts'
import { say } from './say.ts'
import type { Instant } from './time.ts'

/** An event `ArtifactPinned`. */
export type PinnedData = { readonly service: string; readonly artifact: Artifact }

/** An event `ContentReceived`. */
export type ReceivedData = {
  readonly service: string
  readonly digest: string
  readonly bytes: number
  readonly files: number
}

export type PinnedArtifact = PinnedData & { readonly by: string; readonly pinnedAt: Instant }

/** What becomes a part of an address and the name of a file; with `.json` at its end, `--artifact` would take it for a file. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/

export function isVersionName(version: string): boolean {
  return VERSION.test(version) && !version.endsWith('.json')
}

/** As `stellwerk.yaml` names components: another one could never be released, and the version would be taken. */
const COMPONENT = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/

export const COMPONENT_NAME = say`lower-case letters, digits and dashes, a letter in front, at most 40`

export function isComponentName(name: string): boolean {
  return COMPONENT.test(name)
}

export function artifactStream(service: string, version: string): string {
  return `artifact:${service}/${version}`
}

export function contentStream(digest: string): string {
  return `content:${digest}`
}
