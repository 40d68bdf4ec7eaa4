/** Where in the store content lies, and how it comes and goes there: whole, by one rename, or not at all. */
import { chmod, lstat, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listTree } from './tree.ts'

/** `<store>/sha256-9f86…`; throws on what is no digest: whoever passes one has checked it. */
export function homeOf(store: string, digest: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1]
  if (hex === undefined) throw new Error(`the digest "${digest}" is not "sha256:" and 64 hex digits`)
  return join(store, `sha256-${hex}`)
}

/** Stands beside content that was found to be damaged, until the same content is taken over again. */
export function damageMark(home: string): string {
  return `${home}.damaged`
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** A rename that finds the place taken has lost a race against the same content. */
export async function moveTo(scratch: string, home: string): Promise<void> {
  try {
    await rename(scratch, home)
  } catch (error) {
    if (!(await exists(home))) throw error
  }
  await syncPath(dirname(home))
}

/** Files that were read-only included. */
export async function remove(folder: string): Promise<void> {
  if (!(await exists(folder))) return
  const entries = await listTree(folder)
  const folders = entries.ok ? entries.value.filter(({ kind }) => kind === 'folder') : []
  for (const path of ['', ...folders.map((entry) => entry.path)]) await chmod(join(folder, path), 0o700)
  await rm(folder, { recursive: true, force: true })
}

/** Makes what stands in a folder, or in a file, outlive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const PASSING = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE', 'EIO', 'EROFS', 'EBUSY']

/** Whether an error of the file system may clear by itself, or by somebody who makes room. */
export function mayClear(code: string): boolean {
  return PASSING.includes(code)
}
