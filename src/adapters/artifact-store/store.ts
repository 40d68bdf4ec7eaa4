/**
 * Keeps an own, read-only copy of every artifact that was pinned or deployed, named by its digest: what a build job
 * overwrites later, or somebody edits, is never what starts, and an old version can still be promoted. A digest is taken
 * over the copy, not over what it was copied from, and once more over whatever is laid out to be used.
 *
 * Nothing is collected yet: content goes when somebody removes its folder by hand while no release needs it.
 */
import { randomUUID } from 'node:crypto'
import { lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { type Result, failure, ok } from '../../ports/result.ts'
import { isSameProcess, startOf } from '../command/process-group.ts'
import { isArchive, unpack } from './archive.ts'
import { damageMark, exists, homeOf, mayClear, moveTo, remove } from './homes.ts'
import type { Manifest } from './manifest.ts'
import { copyTree, digestFolder, makeReadOnly, readTree, withFiles } from './tree.ts'

export interface ArtifactStore {
  /**
   * Takes a folder or archive in and answers its digest. Content that is kept already is kept once; a kept copy that was
   * damaged is replaced by a sound one.
   */
  takeOver(path: string, signal: AbortSignal): Promise<Result<string>>
  /**
   * Takes the folder or archive at the absolute path `ref` in, unless this digest is there already, and answers where the
   * read-only copy is. `permanent` when the copy's digest is another one, naming both, and when neither a copy nor the
   * reference is there any more.
   */
  take(ref: string, digest: string, signal: AbortSignal): Promise<Result<string>>
  /** Could `take` succeed, as far as it can be told without copying? */
  has(ref: string, digest: string): Promise<Result<null>>
  /** Lays a writable copy of a taken artifact at `folder`, which must not exist; its digest is verified once more. */
  checkout(digest: string, folder: string): Promise<Result<void>>
  /** The digest of what would be used for this reference now: of the copy that is kept, else of what is at `ref`. */
  digestOf(ref: string, digest: string): Promise<Result<string>>
}

export function createArtifactStore(folder: string): ArtifactStore {
  return {
    takeOver: (path, signal) => guarded(`artifact ${path}`, () => takeOver(folder, path, signal)),
    digestOf: (ref, digest) =>
      guarded(`artifact ${ref}`, async () => {
        const home = homeOf(folder, digest)
        return (await exists(home)) ? digestFolder(home) : digestTree(ref)
      }),
    take: (ref, digest, signal) => guarded(`artifact ${ref}`, () => take(folder, ref, digest, signal)),
    has: (ref, digest) => guarded(`artifact ${ref}`, () => has(folder, ref, digest)),
    checkout: (digest, to) => guarded(`artifact ${digest}`, () => checkout(folder, digest, to)),
  }
}

/** Digest of a folder, or of what an archive (.tar, .tar.gz, .tar.zst) unpacks to: equal for the same tree (R-A04). */
export async function digestTree(path: string): Promise<Result<string>> {
  return withTree(path, async (_, { digest }) => digest)
}

/** Gives `use` the folder, or what the archive unpacks to for so long, and what it consists of. Errors of `use` come out. */
export async function withTree<T>(
  path: string,
  use: (root: string, manifest: Manifest) => Promise<T>,
): Promise<Result<T>> {
  const scratch = await mkdtemp(join(tmpdir(), 'stellwerk-tree-'))
  try {
    const read = await guarded(`artifact ${path}`, async () => {
      const isFolder = !(await isArchiveFile(path))
      const unpacked = isFolder ? ok(undefined) : await unpack(path, scratch, new AbortController().signal)
      const root = isFolder ? path : scratch
      const manifest = unpacked.ok ? withFiles(path, await readTree(root)) : unpacked
      return manifest.ok ? ok({ root, manifest: manifest.value }) : manifest
    })
    return read.ok ? ok(await use(read.value.root, read.value.manifest)) : read
  } finally {
    await remove(scratch)
  }
}

async function has(store: string, ref: string, digest: string): Promise<Result<null>> {
  if (await exists(homeOf(store, digest))) return ok(null)
  if (!isAbsolute(ref)) return failure('permanent', `"${ref}" is not an absolute path`)
  if (await exists(ref)) return ok(null)
  const what = `its content (${digest}) is not kept by the control plane, and there is no folder or archive ${ref} beside it`
  return failure('permanent', `${what}; pin it with --server, which hands it over`)
}

async function take(store: string, ref: string, digest: string, signal: AbortSignal): Promise<Result<string>> {
  const home = homeOf(store, digest)
  if (await exists(home)) return ok(home)
  if (!isAbsolute(ref)) return failure('permanent', `artifact "${ref}" is not an absolute path`)
  if (!(await exists(ref))) return failure('permanent', gone(store, ref, digest))
  return filled(store, ref, signal, async (scratch) => {
    const verified = await verify(scratch, digest, ref)
    if (!verified.ok) return verified
    await makeReadOnly(scratch)
    await moveTo(scratch, home)
    return ok(home)
  })
}

function gone(store: string, ref: string, digest: string): string {
  return `artifact ${ref} is there no more, and its content (${digest}) is not kept in ${store}: ENOENT; pin a build of the same commit again, with the --server or the data folder of this control plane`
}

async function takeOver(store: string, path: string, signal: AbortSignal): Promise<Result<string>> {
  return filled(store, path, signal, async (scratch) => {
    const manifest = withFiles(path, await readTree(scratch))
    if (!manifest.ok) return manifest
    const { digest } = manifest.value
    const home = homeOf(store, digest)
    if ((await exists(home)) && !(await isSound(home, digest))) await remove(home)
    await rm(damageMark(home), { force: true })
    if (!(await exists(home))) {
      await makeReadOnly(scratch)
      await moveTo(scratch, home)
    }
    return ok(digest)
  })
}

async function isSound(home: string, digest: string): Promise<boolean> {
  const found = await digestFolder(home)
  return found.ok && found.value === digest
}

/** Gives `use` a fresh copy of what is at `ref`, within the store; what it does not move away is removed again. */
async function filled<T>(
  store: string,
  ref: string,
  signal: AbortSignal,
  use: (scratch: string) => Promise<Result<T>>,
): Promise<Result<T>> {
  if (`${resolve(store)}/`.startsWith(`${resolve(ref)}/`)) {
    return failure(
      'permanent',
      `${ref} holds the data folder of Stellwerk (${store}); pin the folder that the build made`,
    )
  }
  await mkdir(store, { recursive: true, mode: 0o700 })
  await sweep(store)
  const own = `${randomUUID()}-${process.pid}-${encodeURIComponent(startOf(process.pid) ?? '')}`
  const scratch = join(store, `.taking-${own}`)
  try {
    const done = await fill(scratch, ref, signal)
    return done.ok ? await use(scratch) : done
  } finally {
    await remove(scratch)
  }
}

async function checkout(store: string, digest: string, folder: string): Promise<Result<void>> {
  const home = homeOf(store, digest)
  if (!(await exists(home))) return failure('permanent', `its content is not kept in ${store}; pin it again`)
  const copied = await copyTree(home, folder)
  const verified = copied.ok ? await verify(folder, digest, home) : copied
  if (verified.ok) return verified
  await remove(folder)
  // Whoever hands the same content over again must not hear that it is here already.
  if (!(await isSound(home, digest))) await writeFile(damageMark(home), '')
  return verified
}

async function fill(scratch: string, ref: string, signal: AbortSignal): Promise<Result<void>> {
  if (!(await isArchiveFile(ref))) return copyTree(ref, scratch)
  await mkdir(scratch, { mode: 0o700 })
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
  throw new Error('it is neither a folder nor a .tar, .tar.gz, .tgz, .tar.zst or .tzst file')
}

/** Removes what takers that no longer live have left half done. */
async function sweep(store: string): Promise<void> {
  for (const name of await readdir(store)) {
    const [, pid, start] = /^\.taking-[0-9a-f-]{36}-(\d+)-(.*)$/.exec(name) ?? []
    if (pid !== undefined && !isSameProcess(Number(pid), decodeURIComponent(start!))) await remove(join(store, name))
  }
}

const MEANS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full; free some space',
  EDQUOT: 'the quota of the disk is used up; free some space',
  EROFS: 'the file system is read-only',
  EIO: 'the disk has an error',
  EACCES: 'it may not be read or written; run with the user that owns it',
}

/** Errors of the file system become failures: a full disk may clear, a missing file will not come by itself. */
async function guarded<T>(what: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const means = MEANS[code] === undefined ? '' : `${MEANS[code]} (`
    return failure(mayClear(code) ? 'transient' : 'permanent', `${what}: ${means}${message}${means && ')'}`)
  }
}
