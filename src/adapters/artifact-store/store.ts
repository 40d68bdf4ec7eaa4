/**
 * Keeps an own, read-only copy of every artifact that was deployed: what a build job overwrites later, or somebody
 * edits, is never what starts. A digest is taken over the copy, not over what it was copied from.
 */
import { randomUUID } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { failure, ok } from '../../ports/result.ts'
import type { Result } from '../../ports/result.ts'
import { isSameProcess, startOf } from '../command/process-group.ts'
import { isArchive, unpack } from './archive.ts'
import { copyTree, digestFolder, listTree, makeReadOnly } from './tree.ts'

export interface ArtifactStore {
  /**
   * Takes the folder or archive at the absolute path `ref` in, unless this digest is there already, and answers where the
   * read-only copy is. `permanent` when the copy's digest is another one, naming both.
   */
  take(ref: string, digest: string, signal: AbortSignal): Promise<Result<string>>
  /** Could `take` succeed, as far as it can be told without copying? */
  has(ref: string, digest: string): Promise<Result<null>>
  /** Lays a writable copy of a taken artifact at `folder`, which must not exist; its digest is verified once more. */
  checkout(digest: string, folder: string): Promise<Result<void>>
}

export function createArtifactStore(folder: string): ArtifactStore {
  return {
    take: (ref, digest, signal) => guarded(`artifact ${ref}`, () => take(folder, ref, digest, signal)),
    has: (ref, digest) => guarded(`artifact ${ref}`, () => has(folder, ref, digest)),
    checkout: (digest, to) => guarded(`artifact ${digest}`, () => checkout(folder, digest, to)),
  }
}

/** Digest of a folder, or of what an archive (.tar, .tar.gz, .tgz) unpacks to: equal for the same tree (R-A04). */
export async function digestTree(path: string): Promise<Result<string>> {
  return guarded(`artifact ${path}`, async () => {
    if (!(await isArchiveFile(path))) return digestFolder(path)
    const scratch = await mkdtemp(join(tmpdir(), 'stellwerk-digest-'))
    try {
      const unpacked = await unpack(path, scratch, new AbortController().signal)
      return unpacked.ok ? await digestFolder(scratch) : unpacked
    } finally {
      await remove(scratch)
    }
  })
}

async function has(store: string, ref: string, digest: string): Promise<Result<null>> {
  if (await exists(homeOf(store, digest))) return ok(null)
  if (!isAbsolute(ref)) return failure('permanent', `"${ref}" is not an absolute path`)
  return (await exists(ref)) ? ok(null) : failure('permanent', `there is no folder or archive ${ref}`)
}

async function take(store: string, ref: string, digest: string, signal: AbortSignal): Promise<Result<string>> {
  const home = homeOf(store, digest)
  if (await exists(home)) return ok(home)
  if (!isAbsolute(ref)) return failure('permanent', `artifact "${ref}" is not an absolute path`)
  await mkdir(store, { recursive: true })
  await sweep(store)
  const scratch = join(
    store,
    `.taking-${randomUUID()}-${process.pid}-${encodeURIComponent(startOf(process.pid) ?? '')}`,
  )
  try {
    const filled = await fill(scratch, ref, signal)
    if (!filled.ok) return filled
    const verified = await verify(scratch, digest, ref)
    if (!verified.ok) return verified
    await makeReadOnly(scratch)
    await moveTo(scratch, home)
    return ok(home)
  } finally {
    await remove(scratch)
  }
}

async function checkout(store: string, digest: string, folder: string): Promise<Result<void>> {
  const home = homeOf(store, digest)
  const copied = await copyTree(home, folder)
  const verified = copied.ok ? await verify(folder, digest, home) : copied
  if (!verified.ok) await remove(folder)
  return verified
}

async function fill(scratch: string, ref: string, signal: AbortSignal): Promise<Result<void>> {
  if (!(await isArchiveFile(ref))) return copyTree(ref, scratch)
  await mkdir(scratch)
  return unpack(ref, scratch, signal)
}

async function verify(folder: string, expected: string, origin: string): Promise<Result<void>> {
  const actual = await digestFolder(folder)
  if (!actual.ok) return actual
  if (actual.value === expected) return ok(undefined)
  return failure(
    'permanent',
    `artifact ${origin} is not what was pinned: expected ${expected}, found ${actual.value}; pin it again, or restore it`,
  )
}

async function isArchiveFile(path: string): Promise<boolean> {
  const stat = await lstat(path)
  if (stat.isDirectory()) return false
  if (stat.isFile() && isArchive(path)) return true
  throw new Error('it is neither a folder nor a .tar, .tar.gz or .tgz file')
}

/** A rename that finds the place taken has lost a race against the same content. */
async function moveTo(scratch: string, home: string): Promise<void> {
  try {
    await rename(scratch, home)
  } catch (error) {
    if (!(await exists(home))) throw error
  }
}

/** Removes what takers that no longer live have left half done. */
async function sweep(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    const [, pid, start] = /^\.taking-[0-9a-f-]{36}-(\d+)-(.*)$/.exec(name) ?? []
    if (pid !== undefined && !isSameProcess(Number(pid), decodeURIComponent(start!))) await remove(join(store, name))
  }
}

async function remove(folder: string): Promise<void> {
  if (!(await exists(folder))) return
  const entries = await listTree(folder)
  const folders = entries.ok ? entries.value.filter(({ kind }) => kind === 'folder') : []
  for (const path of ['', ...folders.map((entry) => entry.path)]) await chmod(join(folder, path), 0o755)
  await rm(folder, { recursive: true, force: true })
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function homeOf(store: string, digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
  if (hex === undefined) throw new Error(`the digest "${digest}" is not "sha256:" and 64 hex digits`)
  return join(store, `sha256-${hex}`)
}

/** Errors of the file system become failures: a full disk may clear, a missing file will not come by itself. */
async function guarded<T>(what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const kind = code === 'ENOSPC' || code === 'EMFILE' || code === 'EDQUOT' ? 'transient' : 'permanent'
    return failure(kind, `${what}: ${message}`)
  }
}
