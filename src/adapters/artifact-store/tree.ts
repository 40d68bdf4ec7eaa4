/**
 * Folders as values: what is in one, the digest of that, and a copy. The digest is over names, kinds, execute bits, link
 * targets and contents; not over owners, times and other permission bits, which say where a tree lives, not what it is.
 */
import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { type Result, failure, ok } from '../../ports/result.ts'
import { type TreeEntry, linkProblem } from './links.ts'
import { isFile, type Manifest, manifestOf } from './manifest.ts'

const AT_ONCE = 8
const READ_BYTES = 2 ** 18

/** Everything below `root`, sorted by path. Sockets, devices and links that lead outside are refused: `permanent`. */
export async function listTree(root: string): Promise<Result<readonly TreeEntry[]>> {
  const entries: TreeEntry[] = []
  const folders = ['']
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const name of await readdir(join(root, folder))) {
      const entry = await entryOf(root, posix.join(folder, name))
      if (!entry.ok) return entry
      entries.push(entry.value)
      if (entry.value.kind === 'folder') folders.push(entry.value.path)
    }
  }
  const problem = linkProblem(entries)
  if (problem !== null) return failure('permanent', `${root}: ${problem}`)
  return ok(entries.sort((left, right) => Buffer.compare(Buffer.from(left.path), Buffer.from(right.path))))
}

/** An artifact without a file starts nothing, and is mostly a build that went elsewhere. */
export function withFiles(path: string, manifest: Result<Manifest>): Result<Manifest> {
  if (!manifest.ok || manifest.value.entries.some(isFile)) return manifest
  return failure('permanent', `${path}: there is no file in it; pin the folder or archive that the build made`)
}

/** `sha256:…` over the sorted manifest of `root`. */
export async function digestFolder(root: string): Promise<Result<string>> {
  const manifest = await readTree(root)
  return manifest.ok ? ok(manifest.value.digest) : manifest
}

/** Everything below `root` with what it is made of; `hashed` hears of bytes as they are read. */
export async function readTree(root: string, hashed: (bytes: number) => void = () => {}): Promise<Result<Manifest>> {
  const entries = await listTree(root)
  if (!entries.ok) return entries
  const full = await mapSome(entries.value, async (entry) => {
    if (!isFile(entry)) return { ...entry, content: entry.target, size: 0 }
    return { ...entry, ...(await hashFile(join(root, entry.path), hashed)) }
  })
  return ok(manifestOf(full))
}

/**
 * Copies the tree `from` into the new folder `to`, writable and readable for its owner only, sharing disk blocks where the
 * file system can: what is in an artifact is nobody else's business on this machine.
 */
export async function copyTree(from: string, to: string): Promise<Result<void>> {
  const entries = await listTree(from)
  if (!entries.ok) return entries
  await mkdir(to, { recursive: true, mode: 0o700 })
  for (const entry of entries.value.filter(({ kind }) => kind === 'folder')) {
    await mkdir(join(to, entry.path), { mode: 0o700 })
  }
  await mapSome(entries.value, async ({ path, kind, target }) => {
    if (kind === 'link') await symlink(target, join(to, path))
    if (kind !== 'file' && kind !== 'program') return
    await copyFile(join(from, path), join(to, path), constants.COPYFILE_FICLONE)
    await chmod(join(to, path), kind === 'program' ? 0o700 : 0o600)
  })
  return ok(undefined)
}

/** Takes everybody's right to write, the owner's included, and others' right to read. */
export async function makeReadOnly(root: string): Promise<void> {
  const entries = await listTree(root)
  if (!entries.ok) throw new Error(entries.message)
  const modes = { folder: 0o500, file: 0o400, program: 0o500 } as const
  for (const { path, kind } of [...entries.value].reverse()) {
    if (kind !== 'link') await chmod(join(root, path), modes[kind])
  }
  await chmod(root, 0o500)
}

async function entryOf(root: string, path: string): Promise<Result<TreeEntry>> {
  if (path.includes('\uFFFD')) return failure('permanent', `${root}: the name "${path}" is not UTF-8; rename the file`)
  const stat = await lstat(join(root, path))
  if (stat.isDirectory()) return ok({ path, kind: 'folder', target: '' })
  if (stat.isFile()) return ok({ path, kind: stat.mode & 0o100 ? 'program' : 'file', target: '' })
  if (!stat.isSymbolicLink()) {
    return failure(
      'permanent',
      `${root}: "${path}" is a device, socket or pipe; an artifact holds files, folders and links`,
    )
  }
  const target = await readlink(join(root, path))
  if (target.includes('\uFFFD')) {
    return failure('permanent', `${root}: the target of the link "${path}" is not UTF-8; rename what it names`)
  }
  return ok({ path, kind: 'link', target })
}

type Hashed = { readonly content: string; readonly size: number }

async function hashFile(path: string, hashed: (bytes: number) => void): Promise<Hashed> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    const { length } = chunk as Buffer
    hash.update(chunk as Buffer)
    size += length
    hashed(length)
  }
  return { content: hash.digest('hex'), size }
}

/** Like `Promise.all` over `items`, a few at a time and in order of the answers. */
async function mapSome<T, U>(items: readonly T[], work: (item: T) => Promise<U>): Promise<U[]> {
  const answers: U[] = Array.from({ length: items.length })
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) answers[at] = await work(items[at]!)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return answers
}
