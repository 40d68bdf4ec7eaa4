/**
 * What a tree consists of, without its bytes: what a digest is taken over, and what travels before the bytes do. Whoever
 * receives one can tell from it alone whether the tree may be laid out at all, and afterwards of every file whether it is
 * the one that was meant.
 */
import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { type Result, failure, ok } from '../../ports/result.ts'
import { linkProblem, type TreeEntry } from './links.ts'

export type ManifestEntry = TreeEntry & {
  /** SHA-256 of a file in hex; where a link points; empty for a folder. */
  readonly content: string
  /** Bytes of a file; 0 for everything else. */
  readonly size: number
}

export type Manifest = {
  /** Sorted by the bytes of their paths, each once. */
  readonly entries: readonly ManifestEntry[]
  /** `sha256:…` over names, kinds and contents (R-A04). */
  readonly digest: string
  /** Bytes of all files together: what an upload sends, one file after the other in the order of `entries`. */
  readonly bytes: number
}

export type ManifestLimits = { readonly entriesMax: number; readonly bytesMax: number }

export function manifestOf(entries: readonly ManifestEntry[]): Manifest {
  const hash = createHash('sha256')
  let bytes = 0
  for (const { path, kind, content, size } of entries) {
    hash.update(`${JSON.stringify([path, kind, content])}\n`)
    bytes += size
  }
  return { entries, digest: `sha256:${hash.digest('hex')}`, bytes }
}

export function isFile({ kind }: Pick<TreeEntry, 'kind'>): boolean {
  return kind === 'file' || kind === 'program'
}

/** One line per entry: `["bin/run.sh","program","9f86…",1024]`. */
export function manifestText({ entries }: Manifest): string {
  return entries.map(({ path, kind, content, size }) => `${JSON.stringify([path, kind, content, size])}\n`).join('')
}

/** Reads what somebody sent; `permanent` for all that could not be laid out within one folder as it says. */
export function readManifest(text: string, limits: ManifestLimits): Result<Manifest> {
  const lines = text.split('\n')
  if (lines.pop() !== '') return failure('permanent', 'the manifest does not end with a whole line')
  if (lines.length > limits.entriesMax) return failure('permanent', tooMany(lines.length, limits))
  const entries: ManifestEntry[] = []
  const kinds = new Map<string, TreeEntry['kind']>([['.', 'folder']])
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line)
    const why = entry === null ? 'it is not [path, kind, content, size]' : problemOf(entry, entries.at(-1), kinds)
    if (entry === null || why !== null) return failure('permanent', `line ${index + 1} of the manifest: ${why}`)
    kinds.set(entry.path, entry.kind)
    entries.push(entry)
  }
  const manifest = manifestOf(entries)
  if (!(manifest.bytes <= limits.bytesMax)) return failure('permanent', tooLarge(manifest.bytes, limits))
  const problem = linkProblem(entries)
  return problem === null ? ok(manifest) : failure('permanent', problem)
}

function tooMany(count: number, { entriesMax }: ManifestLimits): string {
  return `it has ${count} files, folders and links; at most ${entriesMax} are taken`
}

function tooLarge(bytes: number, { bytesMax }: ManifestLimits): string {
  return `it has ${bytes} bytes; at most ${bytesMax} are taken`
}

const KINDS: ReadonlySet<unknown> = new Set(['folder', 'file', 'program', 'link'])
/** What file systems take: Linux's PATH_MAX and NAME_MAX. */
const PATH_BYTES = 4095
const NAME_BYTES = 255

function entryOf(line: string): ManifestEntry | null {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return null
  }
  if (!Array.isArray(value) || value.length !== 4) return null
  const [path, kind, content, size] = value as readonly unknown[]
  if (typeof path !== 'string' || typeof content !== 'string' || !KINDS.has(kind)) return null
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null
  const known = kind as TreeEntry['kind']
  return { path, kind: known, target: known === 'link' ? content : '', content, size }
}

function problemOf(
  entry: ManifestEntry,
  before: ManifestEntry | undefined,
  kinds: ReadonlyMap<string, TreeEntry['kind']>,
): string | null {
  const { path, kind, content, size } = entry
  const shown = JSON.stringify(path.slice(0, 200))
  if (!isInside(path)) return `${shown} is no path within the tree`
  if (before !== undefined && Buffer.compare(Buffer.from(before.path), Buffer.from(path)) >= 0)
    return `${shown} comes after ${JSON.stringify(before.path.slice(0, 200))}; paths are sorted, each once`
  if (kinds.get(posix.dirname(path)) !== 'folder') return `${shown} lies in a folder that it does not name`
  if (isFile(entry)) return /^[0-9a-f]{64}$/.test(content) ? null : `${shown} has no SHA-256 of its content`
  if (size !== 0) return `${shown} is a ${kind} and has no bytes`
  if (kind === 'folder') return content === '' ? null : `${shown} is a folder and has no content`
  return isText(content) ? null : `the link ${shown} has no target that a file system keeps`
}

function isInside(path: string): boolean {
  const parts = path.split('/')
  const isName = (name: string) => name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= NAME_BYTES
  return isText(path) && parts.every(isName)
}

function isText(text: string): boolean {
  return text !== '' && text.isWellFormed() && !/[\0\uFFFD]/.test(text) && Buffer.byteLength(text) <= PATH_BYTES
}
