/**
 * Archives, unpacked by the system's tar: refused before anything is written when a member would leave the folder, and
 * bounded in what they unpack to, since a few kilobytes can hold a full disk.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Result, failure, ok } from '../../ports/result.ts'
import { allowedEnvironment } from '../command/run.ts'
import { runCommand } from '../command/run.ts'
import { listTree } from './tree.ts'

const LIMIT_MS = 600_000
/** Characters of a listing that are read; an archive with more names than fit is refused. */
const LISTING_LIMIT = 64_000_000

/** `bytesMax`: of all files together, and of the archive without its compression. */
export type ArchiveLimits = { readonly entriesMax: number; readonly bytesMax: number }

const LIMITS: ArchiveLimits = { entriesMax: 200_000, bytesMax: 8 * 2 ** 30 }

export function isArchive(path: string): boolean {
  return /\.(?:tar|tar\.gz|tgz|tar\.zst|tzst)$/.test(path)
}

/**
 * Unpacks `archive` into the existing empty `folder`. Absolute names, `..`, devices, and more than `limits` are `permanent`;
 * what was unpacked by then is the caller's to remove.
 */
export async function unpack(
  archive: string,
  folder: string,
  signal: AbortSignal,
  limits: ArchiveLimits = LIMITS,
): Promise<Result<void>> {
  const scratch = await mkdtemp(join(tmpdir(), 'stellwerk-archive-'))
  try {
    const plain = await decompressed(archive, join(scratch, 'plain.tar'), { signal, limits })
    if (!plain.ok) return plain
    const done = await unpackPlain({ archive, plain: plain.value, folder }, signal, limits)
    return done.ok ? await withinBounds(archive, folder, limits) : done
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

type Decompressing = { readonly signal: AbortSignal; readonly limits: ArchiveLimits }

/** The path of the archive as a plain one: its own where it is that already. */
async function decompressed(archive: string, to: string, { signal, limits }: Decompressing): Promise<Result<string>> {
  const { bytesMax } = limits
  if (archive.endsWith('.tar'))
    return (await lstat(archive)).size > bytesMax ? tooLarge(archive, bytesMax) : ok(archive)
  let bytes = 0
  const bounded = new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length
      done(bytes > bytesMax ? new Error('too large') : null, chunk)
    },
  })
  const reader = archive.endsWith('zst') ? createZstdDecompress() : createGunzip()
  try {
    await pipeline(createReadStream(archive), reader, bounded, createWriteStream(to, { mode: 0o600 }), { signal })
    return ok(to)
  } catch (error) {
    if (bytes > bytesMax) return tooLarge(archive, bytesMax)
    const { code = '', message } = error as NodeJS.ErrnoException
    if (!/^(?:Z_|ZSTD_|ERR_)/.test(code)) throw error
    return failure('permanent', `${archive}: it cannot be decompressed: ${message}; make it again`)
  }
}

function tooLarge(archive: string, bytesMax: number): Result<never> {
  return failure('permanent', `${archive}: it unpacks to more than ${bytesMax} bytes; leave out what does not run`)
}

/** A file with holes is larger than what stood in the archive. */
async function withinBounds(archive: string, folder: string, { bytesMax }: ArchiveLimits): Promise<Result<void>> {
  const entries = await listTree(folder)
  if (!entries.ok) return entries
  let bytes = 0
  for (const { path } of entries.value) bytes += (await lstat(join(folder, path))).size
  return bytes > bytesMax ? tooLarge(archive, bytesMax) : ok(undefined)
}

type Unpacking = { readonly archive: string; readonly plain: string; readonly folder: string }

async function unpackPlain(
  { archive, plain, folder }: Unpacking,
  signal: AbortSignal,
  { entriesMax }: ArchiveLimits,
): Promise<Result<void>> {
  const names = await tar(['-t', '-P', '-f', plain], folder, signal)
  if (!names.ok) return names
  const count = names.value.split('\n').length - 1
  if (count > entriesMax)
    return failure('permanent', `${archive}: it has ${count} files, folders and links; at most ${entriesMax} are taken`)
  const outside = names.value.split('\n').find(leavesFolder)
  if (outside !== undefined) {
    return failure('permanent', `${archive}: the member "${outside}" would be written outside the artifact's folder`)
  }
  const details = await tar(['-t', '-v', '-P', '-f', plain], folder, signal)
  if (!details.ok) return details
  const lines = details.value.split('\n')
  const special = lines.find((line) => line !== '' && !'-dlh'.includes(line[0]!))
  if (special !== undefined) return failure('permanent', `${archive}: "${special}" is neither file, folder nor link`)
  const linked = lines.find((line) => line.startsWith('h') && leavesFolder(/.* link to (.*)$/.exec(line)?.[1] ?? ''))
  if (linked !== undefined)
    return failure('permanent', `${archive}: the hard link "${linked}" leads outside the artifact's folder`)
  // The rights of members, set-user-id among them, are not taken over: the store gives its own.
  const done = await tar(['-x', '-o', '--no-same-permissions', '-f', plain, '-C', folder], folder, signal)
  return done.ok ? ok(undefined) : done
}

function leavesFolder(name: string): boolean {
  return name.startsWith('/') || name.split('/').includes('..')
}

async function tar(options: readonly string[], folder: string, signal: AbortSignal): Promise<Result<string>> {
  const end = await runCommand({
    argv: ['tar', ...options],
    folder,
    environment: { ...allowedEnvironment(process.env), LC_ALL: 'C.UTF-8' },
    timeLimitMs: LIMIT_MS,
    outputLimit: LISTING_LIMIT,
    secrets: [],
    signal,
  })
  if (!end.ok) return end
  const { how, code, output } = end.value
  if (how !== 'exited') return failure('transient', `tar ${options.join(' ')} did not end in time`)
  if (code !== 0)
    return failure('permanent', `tar ${options.join(' ')} ended with exit code ${code}: ${output.trim().slice(-500)}`)
  if (output.startsWith('…')) return failure('permanent', `${options.at(-1)}: too many names to check`)
  return ok(output)
}
