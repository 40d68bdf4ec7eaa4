/**
 * Where the lines of a slot lie: a folder per release, `logs/shop-prod-7/instance-0.log`, so that what a candidate said is
 * found under its own name long after another one has the slot. The newest few releases are kept.
 */
import {
  closeSync,
  globSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import type { LogLine, LogQuery } from '../../../ports/platform.ts'
import { readOrNull } from './record.ts'
import type { RawLine } from './ring.ts'

/** Releases whose lines are kept beside those of the one that has the slot. */
const RELEASES_KEPT = 5
/** Of one file; more than 5000 lines of usual length. */
const READ_MAX_BYTES = 16_000_000
const LABEL = 'release.json'

type Label = { readonly release: string; readonly version: string }

export function logFolder(slotFolder: string, release: string): string {
  return join(slotFolder, 'logs', encodeURIComponent(release).replaceAll('.', '%2E'))
}

/** Makes the folder of a release that takes the slot, and removes those of releases long gone. */
export function openLogFolder(slotFolder: string, label: Label): void {
  const folder = logFolder(slotFolder, label.release)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, LABEL), JSON.stringify(label), { mode: 0o600 })
  utimesSync(folder, new Date(), new Date())
  const others = foldersIn(slotFolder).filter((each) => each !== folder)
  for (const old of others.slice(RELEASES_KEPT)) rmSync(old, { recursive: true, force: true })
}

/** The newest lines of the files, the newest last. */
export function readLogFolder(slotFolder: string, query: LogQuery): readonly LogLine[] {
  const folders = query.release === null ? foldersIn(slotFolder) : [logFolder(slotFolder, query.release)]
  const lines = folders.flatMap((folder) => {
    const label = labelOf(folder)
    return label === null ? [] : linesIn(folder, query).map((line) => labelled(line, slotFolder, label))
  })
  return newest(lines, query)
}

export function labelled(line: RawLine, slotFolder: string, { release, version }: Label): LogLine {
  return { ...line, release, version, slot: basename(slotFolder) === 'green' ? 'green' : 'blue' }
}

/** Those after `since`, at most `lines`, in the order of their time. */
export function newest<L extends RawLine>(lines: readonly L[], { lines: count, since }: LogQuery): readonly L[] {
  const wanted = since === null ? lines : lines.filter(({ at }) => at >= since)
  return count > 0 ? [...wanted].sort((left, right) => left.at - right.at).slice(-count) : []
}

/** Newest first. */
function foldersIn(slotFolder: string): readonly string[] {
  const folder = join(slotFolder, 'logs')
  const names = namesIn(folder).map((name) => join(folder, name))
  return names.sort((left, right) => modifiedAt(right) - modifiedAt(left))
}

function linesIn(folder: string, { lines }: LogQuery): readonly RawLine[] {
  return globSync('instance-*.log', { cwd: folder }).flatMap((name) => {
    const instance = name.replace(/\.log$/, '')
    const found: (readonly RawLine[])[] = []
    let count = 0
    // Rotated files are older the higher their number; no more of them are read than it takes.
    for (let age = 0; count < lines; age += 1) {
      const text = endOfFile(join(folder, age === 0 ? name : `${name}.${age}`))
      if (text === null && age > 0) break
      const parsed = (text ?? '').split('\n').flatMap((line) => parseLine(instance, line))
      found.unshift(parsed)
      count += parsed.length
    }
    return found.flat()
  })
}

/** The last part of a file, from the beginning of a line on; null when there is no such file, or it is none. */
function endOfFile(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (!stat?.isFile()) return null
  const from = Math.max(0, stat.size - READ_MAX_BYTES)
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(stat.size - from)
    const text = bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, from))
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1)
  } finally {
    closeSync(fd)
  }
}

function parseLine(instance: string, line: string): readonly RawLine[] {
  const [, at, stream, text] = /^(\S+) (out|err) (.*)$/.exec(line) ?? []
  return at === undefined ? [] : [{ at: Date.parse(at), instance, stream: stream as 'out' | 'err', text: text! }]
}

function labelOf(folder: string): Label | null {
  const text = readOrNull(join(folder, LABEL))
  return text === null ? null : (JSON.parse(text) as Label)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function modifiedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
