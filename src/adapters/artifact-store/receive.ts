/**
 * The way of content into the store over a wire: a manifest, then bytes, as often interrupted as it takes. What has come lies
 * in a folder beside the store's own until all of it is there and verified; then one rename makes it content like any other.
 *
 * How far it has come is told by the files themselves, so that a control plane that was killed goes on where it was. Of
 * files that came before, nobody knows whether the disk has kept them: they are read again before the end.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, statfs, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { quote, say } from '../../core/say.ts'
import type { ContentAnswer, ContentRefusal, Contents, ContentState, KeptContent } from '../../ports/contents.ts'
import { damageMark, exists, homeOf, mayClear, moveTo, remove, syncPath } from './homes.ts'
import { isFile, type Manifest, readManifest } from './manifest.ts'
import { Receiving } from './receiving.ts'
import { makeReadOnly } from './tree.ts'

export type ReceiveOptions = {
  /** The store's folder. */
  readonly folder: string
  /** Largest content that is taken, bytes of all its files together. */
  readonly bytesMax: number
  /** Files, folders and links of one content. */
  readonly entriesMax?: number
  /** Of the disk, this is left free: the log lives there too. */
  readonly keepFreeBytes?: number
  readonly now: () => number
}

const ENTRIES_MAX = 200_000
const MANIFEST_BYTES_MAX = 64 * 2 ** 20
/** Of all manifests that are in memory at once, whoever sends them. */
const ANNOUNCED_BYTES_MAX = 2 * MANIFEST_BYTES_MAX
const KEEP_FREE_BYTES = 128 * 2 ** 20
/** After so long without a byte nobody goes on with it. */
const ABANDONED_MS = 24 * 3_600_000

/** `close` gives back the files of what is half received; it goes on from there when somebody sends more. */
export type ReceivingContents = Contents & { close(): Promise<void> }

export function createContents(options: ReceiveOptions): ReceivingContents {
  const busy = new Set<string>()
  const open = new Map<string, Receiving>()
  const { folder } = options
  const here: Here = { ...options, open, announced: { bytes: 0 } }
  /** One at a time per content: two who write at the same place would both be wrong. */
  const alone = async (digest: string, work: () => Promise<ContentAnswer>): Promise<ContentAnswer> => {
    if (busy.has(digest)) return SOMEBODY_ELSE
    busy.add(digest)
    try {
      return await work()
    } catch (error) {
      // What it was is not known any more; the files say where it goes on.
      open.delete(digest)
      return failed(error)
    } finally {
      busy.delete(digest)
    }
  }
  return {
    isKept: (digest) => isKept(folder, digest),
    state: async (digest) => {
      if (await isKept(folder, digest)) return kept(digest)
      return stateOf(digest, await receivingOf(here, digest))
    },
    begin: (digest, sent, record) => alone(digest, () => begin(here, digest, { sent, record })),
    append: (digest, part, record) => alone(digest, () => append(here, digest, { part, record })),
    close: () => forgetAll(open),
  }
}

async function forgetAll(open: Here['open']): Promise<void> {
  for (const digest of open.keys()) await forget(open, digest)
}

async function forget(open: Here['open'], digest: string): Promise<void> {
  const receiving = open.get(digest)
  open.delete(digest)
  await receiving?.close()
}

type Here = ReceiveOptions & {
  readonly open: Map<string, Receiving>
  /** Bytes of manifests that are in memory. */
  readonly announced: { bytes: number }
}

const SOMEBODY_ELSE = refused('conflict', say`this very content is being received from somebody else now`)
const CROWDED = refused('conflict', say`too many contents are announced here at once; try again in a moment`)
const NOT_BEGUN = refused('conflict', say`nothing of this content was announced here: its manifest comes first`)

function refused(kind: ContentRefusal['kind'], said: ContentRefusal['said']): ContentRefusal {
  return { ok: false, kind, said }
}

function failed(error: unknown): ContentRefusal {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refused('unavailable', say`the disk of the control plane is full; what had come is kept (${quote(message)})`)
  if (mayClear(code)) return refused('unavailable', say`the control plane cannot write to its disk (${quote(message)})`)
  throw error
}

function kept(digest: string): ContentState {
  return { digest, state: 'kept', receivedBytes: 0, bytes: 0 }
}

function stateOf(digest: string, receiving: Receiving | null): ContentState {
  if (receiving === null) return { digest, state: 'absent', receivedBytes: 0, bytes: 0 }
  return { digest, state: 'partial', receivedBytes: receiving.received, bytes: receiving.manifest.bytes }
}

async function isKept(folder: string, digest: string): Promise<boolean> {
  const home = homeOf(folder, digest)
  return (await exists(home)) && !(await exists(damageMark(home)))
}

const PREFIX = '.receiving-'

function treeOf(folder: string, digest: string): string {
  return join(folder, `${PREFIX}${homeOf(folder, digest).slice(-64)}`)
}

function manifestFile(tree: string): string {
  return `${tree}.manifest`
}

async function receivingOf({ folder, open, ...limits }: Here, digest: string): Promise<Receiving | null> {
  const known = open.get(digest)
  if (known !== undefined) return known
  const tree = treeOf(folder, digest)
  const text = await readFile(manifestFile(tree), 'utf8').catch(absent)
  const manifest = text === null ? null : readManifest(text, limitsOf(limits))
  if (manifest === null || !manifest.ok || manifest.value.digest !== digest) return null
  const receiving = await Receiving.of(tree, manifest.value)
  open.set(digest, receiving)
  return receiving
}

/** A manifest that the disk does not give now is there all the same: without it, what has come would begin anew. */
function absent(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
  throw error
}

function limitsOf({ bytesMax, entriesMax = ENTRIES_MAX }: Pick<ReceiveOptions, 'bytesMax' | 'entriesMax'>) {
  return { bytesMax, entriesMax }
}

type Beginning = {
  readonly sent: AsyncIterable<Uint8Array>
  readonly record: Parameters<Contents['begin']>[2]
}

async function begin(here: Here, digest: string, { sent, record }: Beginning): Promise<ContentAnswer> {
  const taken = { bytes: 0 }
  try {
    const text = await textOf(sent, taken, here.announced)
    return typeof text === 'string' ? await announce(here, digest, { text, record }) : text
  } finally {
    here.announced.bytes -= taken.bytes
  }
}

async function announce(
  here: Here,
  digest: string,
  { text, record }: { readonly text: string; readonly record: Beginning['record'] },
): Promise<ContentAnswer> {
  const { folder } = here
  const checked = check(here, digest, text)
  if (!checked.ok) return checked
  if (await isKept(folder, digest)) {
    await record(recordOf(checked.manifest))
    return { ok: true, value: kept(digest) }
  }
  const known = await receivingOf(here, digest)
  if (known !== null) return { ok: true, value: stateOf(digest, known) }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await sweep(here)
  const crowded = await withoutRoom(here, checked.manifest.bytes)
  if (crowded !== null) return crowded
  await lay(treeOf(folder, digest), checked.manifest, text)
  return { ok: true, value: stateOf(digest, await receivingOf(here, digest)) }
}

/** Counts what it holds in `taken`, and in what `all` hold together. Rejects where the connection breaks. */
async function textOf(
  sent: AsyncIterable<Uint8Array>,
  taken: { bytes: number },
  all: Here['announced'],
): Promise<string | ContentRefusal> {
  const parts: Uint8Array[] = []
  for await (const part of sent) {
    taken.bytes += part.length
    all.bytes += part.length
    if (taken.bytes > MANIFEST_BYTES_MAX)
      return refused('too-large', say`the manifest has more than ${MANIFEST_BYTES_MAX} bytes`)
    if (all.bytes > ANNOUNCED_BYTES_MAX) return CROWDED
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

type Checked = { readonly ok: true; readonly manifest: Manifest } | ContentRefusal

function check(here: Here, digest: string, text: string): Checked {
  const anySize = readManifest(text, { ...limitsOf(here), bytesMax: Number.MAX_SAFE_INTEGER })
  if (!anySize.ok) return refused('invalid', say`the manifest cannot be laid out: ${quote(anySize.message)}`)
  const { bytes, digest: actual, entries } = anySize.value
  if (actual !== digest)
    return refused('invalid', say`the manifest is not that of ${digest}, but of ${actual}; pin it again`)
  if (!entries.some(isFile)) return refused('invalid', say`there is no file in it; pin the folder that the build made`)
  if (bytes > here.bytesMax)
    return refused(
      'too-large',
      say`it has ${bytes} bytes, and this control plane takes at most ${here.bytesMax}; leave out what does not run, or start it with a larger --artifact-limit`,
    )
  return { ok: true, manifest: anySize.value }
}

/** For so many more bytes of one content. */
async function withoutRoom(here: Here, bytes: number): Promise<ContentRefusal | null> {
  const { bavail, bsize } = await statfs(here.folder)
  const free = Math.max(0, bavail * bsize - (here.keepFreeBytes ?? KEEP_FREE_BYTES))
  if (bytes <= free) return null
  const said = say`it has ${bytes} bytes, and the disk of the control plane has room for ${free}; free some space there`
  return refused('unavailable', said)
}

/** Folders and links at once, the manifest last: with it, the upload has begun. */
async function lay(tree: string, { entries }: Manifest, text: string): Promise<void> {
  await remove(tree)
  await mkdir(tree, { mode: 0o700 })
  for (const { path, kind, target } of entries) {
    if (kind === 'folder') await mkdir(join(tree, path), { mode: 0o700 })
    if (kind === 'link') await symlink(target, join(tree, path))
  }
  const beside = `${manifestFile(tree)}.${randomUUID()}`
  await writeFile(beside, text, { mode: 0o600, flush: true })
  await rename(beside, manifestFile(tree))
  await syncPath(dirname(tree))
}

type Appending = {
  readonly part: Parameters<Contents['append']>[1]
  readonly record: Parameters<Contents['append']>[2]
}

async function append(here: Here, digest: string, { part, record }: Appending): Promise<ContentAnswer> {
  if (await isKept(here.folder, digest)) return { ok: true, value: kept(digest) }
  const receiving = await receivingOf(here, digest)
  if (receiving === null) return NOT_BEGUN
  await touch(receiving.tree, here.now())
  // What there was room for at the beginning, others may have taken since.
  const crowded = await withoutRoom(here, receiving.manifest.bytes - receiving.received)
  if (crowded !== null) return crowded
  const problem = await receiving.take(part)
  if (problem !== null) return problem
  return receiving.isComplete() ? finish(here, receiving, record) : { ok: true, value: stateOf(digest, receiving) }
}

async function finish(
  { folder, open, now }: Here,
  receiving: Receiving,
  record: Appending['record'],
): Promise<ContentAnswer> {
  const { tree, manifest } = receiving
  const { digest } = manifest
  const doubted = await receiving.verify()
  if (doubted !== null) return doubted
  await record(recordOf(manifest))
  await touch(tree, now())
  await makeReadOnly(tree)
  const home = homeOf(folder, digest)
  if (await exists(damageMark(home))) await remove(home)
  await moveTo(tree, home)
  open.delete(digest)
  await remove(tree)
  for (const file of [manifestFile(tree), damageMark(home)]) await rm(file, { force: true })
  return { ok: true, value: kept(digest) }
}

function recordOf({ digest, bytes, entries }: Manifest): KeptContent {
  return { digest, bytes, files: entries.filter(isFile).length }
}

async function touch(tree: string, now: number): Promise<void> {
  await utimes(manifestFile(tree), now / 1000, now / 1000)
}

/** Removes what nobody has gone on with, and what a control plane that was killed has left of it. */
async function sweep({ folder, open, now }: Here): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.startsWith(PREFIX))
  const hexes = new Set(names.map((name) => name.slice(PREFIX.length, PREFIX.length + 64)))
  for (const hex of hexes) {
    const own = names.filter((name) => name.slice(PREFIX.length).startsWith(hex))
    const times = await Promise.all(own.map((name) => changedAt(join(folder, name), now())))
    if (now() - Math.max(...times) < ABANDONED_MS) continue
    await forget(open, `sha256:${hex}`)
    for (const name of own) await (name.includes('.manifest') ? rm(join(folder, name)) : remove(join(folder, name)))
  }
}

/** What is gone by now was moved on by who receives it: it is in use. */
async function changedAt(path: string, now: number): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => now,
  )
}
