/**
 * The checkpoints as they are kept outside the database: one after the other in a file that only grows, each signed, each
 * naming the one before it by its hash. So a log that was cut or rewritten, with its checkpoints, is found by who has the
 * file; and an anchor (a copy that is written along, somewhere else) is found by who has that.
 *
 * ```
 * stellwerk/3f2a…
 * 1042
 * CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 * previous 980 n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
 * sealed-after 0
 *
 * — stellwerk/3f2a… Az3grlgt…
 * ```
 */
import { createHash } from 'node:crypto'
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkpointsIn } from '../../core/audit/checkpoint-text.ts'
import { type Checkpoint, openNote, parseCheckpoint, type VerifierKey } from './note.ts'

export type Link = Checkpoint & {
  readonly note: string
  /** Events up to here were written before events were sealed. */
  readonly sealedAfter: number
  /** Events up to here were accepted as they are by somebody with access to the data folder. */
  readonly acceptedUpTo: number
}

export type Chain = {
  /** Oldest first. */
  links(): readonly Link[]
  last(): Link | null
  /** Why the file cannot be what we wrote; null: it can. */
  problem(): string | null
  /** Takes in what another control plane of this folder has appended since; call it, and `append`, under the folder's lock. */
  refresh(): Promise<void>
  /** On the disk when it resolves. */
  append(note: string): Promise<void>
}

export const CHAIN_FILE = 'audit/checkpoints.txt'

export async function openChain(dataFolder: string, key: VerifierKey): Promise<Chain> {
  const file = join(dataFolder, CHAIN_FILE)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const text = await readFile(file, 'utf8').catch(() => '')
  let notes = [...checkpointsIn(text)]
  // The power may have gone while the last one was written.
  if (notes.join('') !== text) await rewrite(file, notes.join(''))
  let problem = chainProblem(notes, key)
  let bytes = Buffer.byteLength(notes.join(''))
  return {
    links: () => notes.flatMap((note) => linkOf(note) ?? []),
    last: () => linkOf(notes.at(-1) ?? ''),
    problem: () => problem,
    async refresh() {
      const size = await stat(file).then(
        (found) => found.size,
        () => 0,
      )
      if (size === bytes) return
      notes = [...checkpointsIn(await readFile(file, 'utf8').catch(() => ''))]
      problem = chainProblem(notes, key)
      bytes = Buffer.byteLength(notes.join(''))
    },
    async append(note) {
      await appendDurably(file, note)
      notes.push(note)
      bytes += Buffer.byteLength(note)
    },
  }
}

/** The lines under a checkpoint that hold it to the one before. */
export function linkLines(
  last: Link | null,
  { sealedAfter, acceptedUpTo }: Pick<Link, 'sealedAfter' | 'acceptedUpTo'>,
) {
  const previous = last === null ? [] : [`previous ${last.size} ${hashOf(last.note)}`]
  const accepted = acceptedUpTo === 0 ? [] : [`accepted-up-to ${acceptedUpTo}`]
  return [...previous, `sealed-after ${sealedAfter}`, ...accepted]
}

export async function appendDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function rewrite(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

function linkOf(note: string): Link | null {
  const checkpoint = parseCheckpoint(note)
  if (checkpoint === null) return null
  return {
    ...checkpoint,
    note,
    sealedAfter: numberAt(note, 'sealed-after'),
    acceptedUpTo: numberAt(note, 'accepted-up-to'),
  }
}

function numberAt(note: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d{1,15})$`, 'm').exec(note)?.[1] ?? 0)
}

/** Signatures of so many are checked; the hashes of all lead there. */
const SIGNATURES_CHECKED = 50

function chainProblem(notes: readonly string[], key: VerifierKey): string | null {
  for (const [index, note] of notes.entries()) {
    const before = notes[index - 1]
    const named = /^previous \d+ (\S+)$/m.exec(note)?.[1] ?? null
    if (before !== undefined && named !== hashOf(before))
      return `checkpoint ${index + 1} does not follow the one before it`
    if (index < notes.length - SIGNATURES_CHECKED) continue
    const opened = openNote(note, key)
    if (!opened.ok) return `checkpoint ${index + 1} is not ours: ${opened.why}`
  }
  return null
}

function hashOf(note: string): string {
  return createHash('sha256').update(note).digest('base64')
}
