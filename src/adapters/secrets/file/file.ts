/** Secrets from files. One line break at the end belongs to the editor, not to the secret, and is cut off. */
import { expected } from '../../../stellwerk-yaml/expected.ts'
import { say } from '../../../core/say.ts'
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { secretSource } from '../../kit.ts'

const PATH = expected(say`a path to a file`)

const options = z
  .strictObject({
    kind: z.literal('file').meta({ description: 'A file that holds nothing but the secret.' }),
    path: z
      .string(PATH)
      .regex(/^[^\0]+$/, PATH)
      .max(4096)
      .meta({ description: 'Its path; a relative one starts from the folder of stellwerk.yaml.' }),
  })
  .meta({ description: 'A secret in a file of its own, as systemd, Docker and Kubernetes hand them over.' })

/** A secret is a line, a key or a certificate; a larger file is something else. */
const MAX_BYTES = 65_536
const READABLE_BY_ALL = 0o004

export const file = secretSource({
  kind: 'file',
  paths: ['path'],
  options,
  planned: z.object({ kind: z.literal('file'), path: z.string() }),
  describe: () => NOTHING_OUTSIDE,
  create({ path }, { log }) {
    let hasWarned = false
    // A path, never a value.
    const warn = () => {
      if (!hasWarned) log.warn(`${path} can be read by everybody on this machine; run: chmod o-r ${path}`)
      hasWarned = true
    }
    return { read: () => read(path, warn) }
  },
})

async function read(path: string, warn: () => void): Promise<Result<string>> {
  try {
    return await readFile(path, warn)
  } catch (error) {
    return unreadable(path, error)
  }
}

async function readFile(path: string, warn: () => void): Promise<Result<string>> {
  // Without O_NONBLOCK the opening of a pipe waits for somebody to write into it.
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const stat = await handle.stat()
  if (!stat.isFile()) return failure('permanent', `${path} is not a file`)
  if (stat.size > MAX_BYTES)
    return failure('permanent', `${path} has ${stat.size} bytes; a secret has at most ${MAX_BYTES}`)
  if ((stat.mode & READABLE_BY_ALL) !== 0) warn()
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
