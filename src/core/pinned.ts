/**
 * An artifact that was pinned at the control plane: one stream for each version of a service, whose first event says for
 * ever what that version is. And content that was handed over: one stream for each digest, of who brought it.
 */
import type { Artifact } from './artifact.ts'
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

/** What becomes a part of an address and the name of a file. */
const VERSION = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/

export function isVersionName(version: string): boolean {
  return VERSION.test(version)
}

export function artifactStream(service: string, version: string): string {
  return `artifact:${service}/${version}`
}

export function contentStream(digest: string): string {
  return `content:${digest}`
}
