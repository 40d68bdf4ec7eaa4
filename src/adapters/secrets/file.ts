import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import type { SecretReference } from '../../core/plan.ts'
import { failure, ok, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { FileSecretOptions } from '../../spec/adapter-options.ts'

export type FileDeps = {
  /** Called once per file that everybody on the machine may read. A path, never a value. */
  readonly warn: (message: string) => void
}

/** A secret is a line, a key or a certificate; a larger file is something else. */
const MAX_BYTES = 65_536
const READABLE_BY_ALL = 0o004

/** Secrets from files. One line break at the end belongs to the editor, not to the secret, and is cut off. */
export const file = {
  kind: 'file',
  options: FileSecretOptions,
  create(deps: FileDeps): Secrets {
    const warned = new Set<string>()
    const warn = (path: string) => {
      if (!warned.has(path)) deps.warn(`${path} can be read by everybody on this machine; run: chmod o-r ${path}`)
      warned.add(path)
    }
    return { read: (reference) => read(reference, warn) }
  },
} as const

async function read(reference: SecretReference, warn: (path: string) => void): Promise<Result<string>> {
  if (reference.kind !== 'file') return failure('permanent', `a reference of kind "${reference.kind}" is not for file`)
  try {
    return await readFile(reference.path, warn)
  } catch (error) {
    return unreadable(reference.path, error)
  }
}

async function readFile(path: string, warn: (path: string) => void): Promise<Result<string>> {
  // Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stat = await handle.stat()
  if (!stat.isFile()) return failure('permanent', `${path} is not a file`)
  if (stat.size > MAX_BYTES)
    return failure('permanent', `${path} has ${stat.size} bytes; a secret has at most ${MAX_BYTES}`)
  if ((stat.mode & READABLE_BY_ALL) !== 0) warn(path)
  const bytes = await handle.readFile()
  const text = bytes.toString('utf8').replace(/\r?\n$/, '')
  if (text.includes('\0') || text.includes('\uFFFD')) return failure('permanent', `${path} is not text`)
  return ok(text)
}

function unreadable(path: string, error: unknown): Result<string> {
  const { code } = error as { readonly code?: string }
  if (code === 'ENOENT') return failure('permanent', `${path} does not exist`)
  if (code === 'EACCES') return failure('permanent', `${path} may not be read by the control plane`)
  if (code === 'EISDIR') return failure('permanent', `${path} is a folder`)
  return failure('transient', `${path} could not be read (${code ?? 'unknown error'})`)
}
