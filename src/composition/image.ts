/** An image as `artifact pin` names it: asked for at its registry, as whoever pins is known there. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { credentialFor, type Keyring } from '../adapters/artifact-source/oci/credentials.ts'
import { inspectImage } from '../adapters/artifact-source/oci/image.ts'
import {
  type ImageReference,
  type ReferenceProblem,
  readReference,
  referenceText,
} from '../adapters/artifact-source/oci/reference.ts'
import { openRepository } from '../adapters/artifact-source/oci/registry.ts'
import { restrictedHttp } from '../adapters/http.ts'
import { quote, say, type Sentence, verbatim } from '../core/say.ts'
import { StellwerkError, whyUnread } from '../errors.ts'
import type { Failure } from '../ports/result.ts'
import { delay } from '../timers.ts'

export type SeenImage = {
  readonly ref: string
  readonly digest: string
  /** `linux/amd64` … */
  readonly platforms: readonly string[]
}

/** A keyring may ask its owner for a password. */
const HELPER_LIMIT_MS = 60_000

/** `wanted`: platforms that the image must be made for. */
export async function seeImage(text: string, wanted: readonly string[], env: Keyring['env']): Promise<SeenImage> {
  const image = readReference(text)
  if (typeof image === 'string') throw unreadable(text, image)
  const { signal } = new AbortController()
  const credential = await credentialFor({ env, readFile: readIfThere, helper: helperIn(env) }, image)
  if (!credential.ok) throw unseen(image, credential)
  // The hosts are those that the registry leads to; what they answer counts by its digest alone.
  const http = restrictedHttp({ mayReach: () => true, fetch })
  const wire = { http, wait: (ms: number) => delay(ms), now: () => Date.now() }
  const seen = await inspectImage(
    openRepository({ wire, image, credential: credential.value, signal }),
    image.digest,
    wanted,
  )
  if (!seen.ok) throw unseen(image, seen)
  return { ref: referenceText(image), digest: image.digest, platforms: seen.value.platforms }
}

const WHY: Readonly<Record<ReferenceProblem, Sentence>> = {
  form: say`it must be oci://REGISTRY/NAME@sha256:…, the registry included`,
  tag: say`without its digest it is a mutable reference: a tag may be moved`,
  digest: say`its digest must be "sha256:" and 64 hex digits`,
}

function unreadable(text: string, problem: ReferenceProblem): StellwerkError {
  const name = text.replace(/^oci:\/\//, '').replace(/@.*$/, '')
  const fix =
    problem === 'form'
      ? verbatim('oci://registry.example.com/team/api@sha256:…')
      : say`add @ and what this prints: docker buildx imagetools inspect ${name} --format "{{.Manifest.Digest}}"; or: skopeo inspect --format "{{.Digest}}" docker://${name}`
  return new StellwerkError('usage', { what: say`cannot pin "${text}"`, why: WHY[problem], fix })
}

function unseen(image: ImageReference, { kind, message }: Failure): StellwerkError {
  return new StellwerkError('usage', {
    what: say`cannot pin ${referenceText(image)}`,
    why: quote(message),
    fix:
      kind === 'permanent'
        ? say`correct what is said about it and pin it again; nothing was pinned`
        : say`pin it again when the registry answers; nothing was pinned`,
  })
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    const fix = say`make it readable, or name another folder: DOCKER_CONFIG`
    throw new StellwerkError(
      'usage',
      { what: say`cannot read the logins at registries`, why: whyUnread(error, path), fix },
      error,
    )
  }
}

function helperIn(env: Keyring['env']): Keyring['helper'] {
  return (name, host) =>
    new Promise((resolve) => {
      const options = { env, timeout: HELPER_LIMIT_MS, maxBuffer: 1024 * 1024 }
      const helper = execFile(`docker-credential-${name}`, ['get'], options, (error, stdout) =>
        resolve(error ? null : stdout),
      )
      // One that is not there, or reads nothing, closes its input; the callback says so.
      helper.stdin?.on('error', () => {})
      helper.stdin?.end(host)
    })
}
