/**
 * Checking a log: every leaf is recomputed from its event, the tree from the leaves, and the roots are compared with what
 * was recorded and signed. One pass in constant memory.
 *
 * A log that agrees with itself proves nothing: whoever can write all of it can write another one that agrees with itself
 * too. So it is held against what its reader brings along: the key, and checkpoints that were kept elsewhere. Recomputing
 * the root of the first n events and finding the one of a checkpoint of size n is the consistency proof: those are the very
 * events that stood there when it was signed.
 */
import { appendLeaf, EMPTY_FRONTIER, type Frontier, leafHash, treeRoot } from '../../core/audit/merkle.ts'
import type { StoredEvent } from '../../ports/store.ts'
import { leafBytes, sha256 } from '../event-data.ts'
import { openNote, parseCheckpoint, type VerifierKey } from './note.ts'

/** What `ControlPlane.verifyAudit` answers. */
export type AuditReport = {
  /** Intact, and held against something that the log did not bring itself. */
  readonly ok: boolean
  readonly verdict: 'intact' | 'not-intact' | 'unproven'
  /** Sentences: what is certain now, and what this check cannot say. */
  readonly proven: readonly string[]
  readonly unproven: readonly string[]
  readonly events: number
  /** Hexadecimal. */
  readonly root: string
  readonly problems: readonly AuditProblem[]
  readonly checkpoints: number
}

export type AuditProblem = { readonly position: number | null; readonly message: string }

/** A log as it is found: in a database or in an exported file. */
export interface AuditSource {
  /** What is known before the events are read. */
  open(): Promise<{
    readonly verifierKey: VerifierKey | null
    /** Size and root as the log itself recorded them; null in an export. */
    readonly head: { readonly size: number; readonly root: Uint8Array } | null
    /** Sizes of the checkpoints to come, so that the roots are kept on the way. */
    readonly sizes: readonly number[]
  }>
  entries(): AsyncIterable<{ readonly event: StoredEvent; readonly leaf: Uint8Array | null }>
  /** Asked after the last entry. */
  checkpoints(): Promise<readonly string[]>
  /** Deviations of the form, found while reading: a line that is no JSON, a header that lacks. */
  problems(): readonly AuditProblem[]
  /** True: what no checkpoint covers is a deviation. An export has to be signed to its last event. */
  readonly isSealed: boolean
}

export type VerifyOptions = {
  /** The key one trusts, from elsewhere. */
  readonly publicKey?: VerifierKey
  /** Checkpoints that were kept elsewhere (a repository, a mail): they find a log that was forged with its key, or cut. */
  readonly anchors?: readonly string[]
  /** The control plane checks its own log: `publicKey` is its own, `anchors` are the checkpoints of its data folder. */
  readonly isOwn?: boolean
  /** Calls a log intact by the key that it brings itself, which a forger would have changed along. */
  readonly trustOwnKey?: boolean
}

/** So many deviations are listed one by one; a thousand more would tell no more. */
const LISTED = 100

export async function verifyLog(source: AuditSource, options: VerifyOptions = {}): Promise<AuditReport> {
  const { verifierKey, head, sizes } = await source.open()
  const found = findings()
  const anchors = options.anchors ?? []
  const wanted = new Set([...sizes, ...anchors.map((note) => parseCheckpoint(note)?.size ?? 0)])
  const { frontier, roots } = await recompute(source, wanted, found.add)
  for (const problem of source.problems()) found.add(problem.position, problem.message)
  if (head !== null) compareHead(head, frontier, found.add)
  const key = options.publicKey ?? verifierKey
  compareKeys(options.publicKey, verifierKey, found.add)
  const notes = await source.checkpoints()
  const tree = { key, roots, size: frontier.size }
  const covered = checkCheckpoints(notes, tree, found.add)
  const anchored = checkCheckpoints(anchors, tree, (at, message) =>
    found.add(at, `${wordsOf(options).prefix}: ${message}`),
  )
  const { isSealed } = source
  const { size } = frontier
  if (isSealed && covered < size)
    found.add(covered + 1, `the events from position ${covered + 1} on are covered by no valid checkpoint`)
  const problems = found.list()
  const root = Buffer.from(treeRoot(sha256, frontier)).toString('hex')
  const words = statement({ options, key, size, covered: Math.max(covered, anchored), anchored, isSealed })
  const verdict = problems.length > 0 ? 'not-intact' : words.isGrounded ? 'intact' : 'unproven'
  const { proven, unproven } = verdict === 'not-intact' ? NOTHING : words
  const counts = { events: frontier.size, root, problems, checkpoints: notes.length }
  return { ok: verdict === 'intact', verdict, proven, unproven, ...counts }
}

const NOTHING = { proven: [], unproven: ['anything: what is listed has to be explained first'] }

function compareKeys(given: VerifierKey | undefined, own: VerifierKey | null, add: Add): void {
  if (given === undefined || own === null || given === own) return
  add(null, `the log brings the key ${own}, and the one given is ${given}: it was signed by somebody else`)
}

type Found = {
  readonly options: VerifyOptions
  readonly key: VerifierKey | null
  readonly size: number
  /** Up to where a valid checkpoint confirms the events, and up to where one that was kept elsewhere does. */
  readonly covered: number
  readonly anchored: number
  readonly isSealed: boolean
}

const UNSIGNED = 'anything: not one event in it is signed, by whatever key. Give an export of a log that has events'

/** What it is called that the log is held against. Of its own, the control plane cannot say that it was kept elsewhere. */
function wordsOf({ isOwn = false }: VerifyOptions) {
  if (!isOwn)
    return {
      prefix: 'kept elsewhere',
      anchor: 'the checkpoint kept elsewhere was signed over',
      key: 'the key given',
      newest: 'the checkpoint given',
      beyond: [],
    }
  return {
    prefix: 'audit/checkpoints.txt in the data folder',
    anchor: 'the checkpoints in the data folder of this control plane were signed over',
    key: 'the key of this control plane',
    newest: 'its newest checkpoint',
    beyond: [
      'what somebody could change who has the data folder too, with its key and its checkpoints. Only a checkpoint from another machine finds that: stellwerk audit verify --checkpoint FILE',
    ],
  }
}

/** What the check says where nothing deviates. */
function statement(found: Found) {
  // A key proves by what it signed: an export of which nothing is left but its header names it, too.
  if (found.isSealed && found.covered === 0) return { isGrounded: false, proven: [], unproven: [UNSIGNED] }
  return heldAgainst(found)
}

function heldAgainst({ options, key, size, covered, anchored }: Found) {
  const { publicKey, trustOwnKey = false } = options
  const words = wordsOf(options)
  const hasAnchor = (options.anchors ?? []).length > 0
  const isGrounded = publicKey !== undefined || hasAnchor || trustOwnKey
  const proven: string[] = []
  const unproven: string[] = [...words.beyond]
  if (hasAnchor) proven.push(`${events(1, anchored)} those that ${words.anchor}`)
  if (publicKey !== undefined) proven.push(`${events(1, covered)} signed with ${words.key}, ${publicKey}`)
  else if (hasAnchor) proven.push(`${events(1, covered)} signed with the key of that checkpoint, ${key ?? 'none'}`)
  else if (trustOwnKey) {
    proven.push(`${events(1, covered)} signed with the key that the log brings itself, ${key ?? 'none'}`)
    unproven.push('who wrote it: whoever wrote the log could bring a fresh key along')
  } else {
    unproven.push(
      'who wrote it: it agrees with itself, and so would a forged one. Give the key or a checkpoint from elsewhere',
    )
  }
  if (covered < size) unproven.push(`${events(covered + 1, size)} not signed yet`)
  if (!hasAnchor) {
    unproven.push(
      `that it ends at position ${size}: one cut off at an earlier checkpoint looks the same. Give a checkpoint`,
    )
  } else if (anchored < size) {
    unproven.push(`that nothing came after position ${anchored} but what is here: ${words.newest} is that old`)
  }
  return { isGrounded, proven, unproven }
}

function events(from: number, to: number): string {
  if (to < from) return 'no events are'
  return from === to ? `event ${from} is` : `events ${from} to ${to} are`
}

type Add = (position: number | null, message: string) => void

function findings(): { readonly add: Add; readonly list: () => readonly AuditProblem[] } {
  const listed: AuditProblem[] = []
  let count = 0
  return {
    add(position, message) {
      count += 1
      if (listed.length < LISTED) listed.push({ position, message })
    },
    list: () =>
      count <= LISTED ? listed : [...listed, { position: null, message: `and ${count - LISTED} more deviations` }],
  }
}

async function recompute(source: AuditSource, wanted: ReadonlySet<number>, add: Add) {
  const roots = new Map<number, Uint8Array>([[0, treeRoot(sha256, EMPTY_FRONTIER)]])
  let frontier: Frontier = EMPTY_FRONTIER
  let last = 0
  for await (const { event, leaf } of source.entries()) {
    const { position } = event
    if (position > last + 1) add(last + 1, `${missing(last + 1, position - 1)} missing: removed from the log`)
    if (position <= last) add(position, `position ${position} comes after ${last}: inserted or put in another order`)
    last = Math.max(last, position)
    const own = leafHash(sha256, leafBytes(event))
    if (leaf !== null && !Buffer.from(leaf).equals(own)) {
      add(
        position,
        `${event.type} (${event.stream}, version ${event.version}) is not what was recorded: changed or moved`,
      )
    }
    frontier = appendLeaf(sha256, frontier, own)
    if (wanted.has(frontier.size)) roots.set(frontier.size, treeRoot(sha256, frontier))
  }
  return { frontier, roots }
}

function missing(from: number, to: number): string {
  return from === to ? `position ${from} is` : `positions ${from} to ${to} are`
}

function compareHead(head: { size: number; root: Uint8Array }, frontier: Frontier, add: Add): void {
  if (head.size !== frontier.size) {
    const what = head.size > frontier.size ? 'removed from its end' : 'inserted past its head'
    add(null, `the log recorded ${head.size} events, ${frontier.size} are there: ${what} or within`)
  } else if (!Buffer.from(treeRoot(sha256, frontier)).equals(head.root)) {
    add(null, `the root over all ${frontier.size} events is not the one that the log recorded: an event was changed`)
  }
}

type Tree = {
  readonly key: VerifierKey | null
  readonly roots: ReadonlyMap<number, Uint8Array>
  readonly size: number
}

/** The size up to which a valid checkpoint confirms the events. */
function checkCheckpoints(notes: readonly string[], { key, roots, size }: Tree, add: Add): number {
  let covered = 0
  if (key === null && notes.length > 0) add(null, 'there is no key to check the checkpoints with: give the public key')
  const parsed = notes.map((note) => ({ note, checkpoint: parseCheckpoint(note) }))
  parsed.sort((left, right) => (left.checkpoint?.size ?? 0) - (right.checkpoint?.size ?? 0))
  for (const { note, checkpoint } of parsed) {
    if (checkpoint === null) {
      add(null, `a checkpoint cannot be read: ${JSON.stringify(note.slice(0, 80))}`)
      continue
    }
    const opened = key === null ? null : openNote(note, key)
    if (opened?.ok === false)
      add(checkpoint.size, `the checkpoint of size ${checkpoint.size} is not valid: ${opened.why}`)
    const root = roots.get(checkpoint.size)
    const isSame = root !== undefined && Buffer.from(root).equals(checkpoint.root)
    if (isSame && opened?.ok) covered = Math.max(covered, checkpoint.size)
    if (!isSame) add(checkpoint.size, deviation(checkpoint.size, size, covered))
  }
  return covered
}

function deviation(at: number, size: number, covered: number): string {
  if (at > size) return `the checkpoint of size ${at} counts more events than the ${size} that are there: removed`
  return `the events up to position ${at} are not those of the signed checkpoint: changed after position ${covered}`
}
