/**
 * Whether an image is there, whole enough to be released: its manifest has the digest that was named, each image of an index
 * is there as well (copies often bring the index and one of them), and it is made for the platforms that are wanted.
 */
import { z } from 'zod'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { Repository } from './registry.ts'
import { parsed } from './json.ts'

export type Image = {
  /** `linux/amd64`, `linux/arm64/v8`; each once, in the order of the index. */
  readonly platforms: readonly string[]
}

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Platform = z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
const Manifest = z.object({ config: z.object({ digest: Digest }), layers: z.array(z.object({ digest: Digest })) })
const Index = z.object({ manifests: z.array(z.object({ digest: Digest, platform: Platform.optional() })) })

/** An index of more would be asked for longer than anybody waits. */
const IMAGES_MAX = 64

/** `wanted`: such as `linux/amd64`; a variant that is not named may be any. */
export async function inspectImage(
  repository: Repository,
  digest: string,
  wanted: readonly string[] = [],
): Promise<Result<Image>> {
  const found = await platformsOf(repository, digest)
  if (!found.ok) return found
  const platforms = [...new Set(found.value)]
  const missing = wanted.filter((each) => !platforms.some((has) => has === each || has.startsWith(`${each}/`)))
  if (missing.length === 0) return ok({ platforms })
  return failure('permanent', `it is made for ${platforms.join(', ')}, not for ${missing.join(', ')}`)
}

async function platformsOf(repository: Repository, digest: string): Promise<Result<readonly string[]>> {
  const text = await repository.manifest(digest)
  if (!text.ok) return text
  const index = Index.safeParse(parsed(text.value))
  if (!index.success) return ofManifest(repository, text.value)
  // What says nothing of a platform, or "unknown", is an attestation beside the images.
  const images = index.data.manifests.filter(({ platform }) => platform !== undefined && platform.os !== 'unknown')
  if (images.length === 0) return failure('permanent', 'its index names no image')
  if (images.length > IMAGES_MAX)
    return failure('permanent', `its index names ${images.length} images, more than ${IMAGES_MAX}`)
  for (const each of images) {
    const there = await repository.manifest(each.digest)
    if (!there.ok)
      return { ...there, message: `of its index, the image for ${nameOf(each.platform!)}: ${there.message}` }
    if (!Manifest.safeParse(parsed(there.value)).success)
      return failure('permanent', `${each.digest} of its index is no image`)
  }
  return ok(images.map(({ platform }) => nameOf(platform!)))
}

/** A manifest does not say what it is made for; its configuration does. */
async function ofManifest(repository: Repository, text: string): Promise<Result<readonly string[]>> {
  const manifest = Manifest.safeParse(parsed(text))
  if (!manifest.success)
    return failure('permanent', 'it is no image: neither an OCI or Docker (version 2) manifest nor an index of them')
  const config = await repository.blob(manifest.data.config.digest)
  if (!config.ok) return { ...config, message: `its configuration: ${config.message}` }
  const platform = Platform.safeParse(parsed(config.value))
  return platform.success
    ? ok([nameOf(platform.data)])
    : failure('permanent', 'it is no image that runs: its configuration names no platform')
}

function nameOf({ os, architecture, variant }: z.output<typeof Platform>): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}
