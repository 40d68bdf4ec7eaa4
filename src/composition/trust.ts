/**
 * Whether the log can be trusted: followed every few seconds, held against the checkpoints in the data folder at the start and
 * before every signature. Once it cannot, nothing is signed and no rollout advances until the next start finds it whole, or
 * somebody with access to the data folder accepts it by name; rollbacks go on.
 */
import { say } from '../core/say.ts'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { EMPTY_FRONTIER, type Frontier, treeRoot } from '../core/audit/merkle.ts'
import type { Log } from '../ports/log.ts'
import { foreignLine } from '../core/foreign-text.ts'
import type { Store } from '../ports/store.ts'
import { StellwerkError } from '../errors.ts'
import { type Held, hold } from '../router/lock.ts'
import { appendDurably, type Chain, CHAIN_FILE, linkLines, openChain } from '../store/audit/chain.ts'
import { type AuditKey, keyFor } from '../store/audit/key.ts'
import { checkpointText, openNote, signNote, type VerifierKey, verifierKey } from '../store/audit/note.ts'
import {
  type AuditedStore,
  claimSigner,
  databaseSource,
  keepCheckpoint,
  logHead,
  setSigner,
  storedCheckpoints,
} from '../store/audit/source.ts'
import { verifyLog } from '../store/audit/verify.ts'
import { type Followed, follow, resume } from '../store/audit/watch.ts'
import { type LogGuard, sealing } from '../store/seal.ts'
import { sha256 } from '../store/event-data.ts'
import { delay } from '../timers.ts'

export type TrustOptions = {
  readonly key: AuditKey
  readonly dataFolder: string
  /** Files that get a copy of every checkpoint, absolute. */
  readonly anchors: readonly string[]
  /** The log is to be taken as it is, though it is not the one that was signed. */
  readonly accept: Acceptance | null
  readonly log: Log
}

/** Who takes the log as it is, and why: it stays in the log for ever. */
export type Acceptance = { readonly by: string; readonly reason: string }

/** The log as it is looked after: statement by statement, and appended to where somebody accepts it. */
export type TrustedStore = AuditedStore & Pick<Store, 'transact'>

export interface Trust {
  readonly guard: LogGuard
  /**
   * Holds the log against what is kept here. Throws where it is somebody else's altogether, and where there is nothing to
   * accept.
   */
  begin(store: TrustedStore): Promise<void>
  /** Follows the log to its head. */
  look(): Promise<void>
  /** The checkpoint over the log as it is now; null for an empty one, and for one that cannot be trusted. */
  sign(): Promise<string | null>
  publicKey(): VerifierKey
  /** The newest checkpoints that are kept here since the log was last accepted, oldest first. */
  kept(): readonly string[]
}

/** So many of the newest say where a log deviates; the last one alone says that it does. */
const KEPT_SHOWN = 100

export function createTrust(options: TrustOptions): Trust {
  return new TrustInLog(options)
}

class TrustInLog implements Trust {
  readonly guard: LogGuard
  readonly #options: TrustOptions
  #doubts: string | null = null
  #sealedAfter = 0
  #acceptedUpTo = 0
  #seen: Frontier = EMPTY_FRONTIER
  #store: TrustedStore | null = null
  #chain: Chain | null = null
  #origin = ''
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: TrustOptions) {
    this.#options = options
    this.guard = {
      ...sealing(keyFor('seals', options.key)),
      sealedAfter: () => this.#sealedAfter,
      acceptedUpTo: () => this.#acceptedUpTo,
      forged: (what) => this.#doubt(what),
      doubts: () => this.#doubts,
    }
  }

  async begin(store: TrustedStore): Promise<void> {
    const { dataFolder, accept } = this.#options
    this.#store = store
    this.#origin = (await logHead(store)).origin
    this.#chain = await this.#alone(() => openChain(dataFolder, this.publicKey()))
    const last = this.#chain.last()
    this.#sealedAfter = last?.sealedAfter ?? 0
    this.#acceptedUpTo = last?.acceptedUpTo ?? 0
    const problem = this.#chain.problem()
    if (problem !== null) this.#doubt(`${CHAIN_FILE} in the data folder was changed: ${problem}`)
    else if (last === null) await this.#adopt()
    else this.#took(await resume(store, last))
    if (this.#doubts === null) await this.look()
    if (accept === null) return
    if (this.#doubts === null) throw nothingToAccept()
    await this.#accept(accept, this.#doubts)
  }

  look(): Promise<void> {
    return this.#inTurn(() => this.#look())
  }

  sign(): Promise<string | null> {
    return this.#inTurn(async () => {
      await this.#look()
      return this.#doubts === null && this.#seen.size > 0 ? this.#signSeen() : null
    })
  }

  publicKey(): VerifierKey {
    return verifierKey(this.#origin, this.#options.key.publicKey)
  }

  kept(): readonly string[] {
    return (this.#chain?.links() ?? [])
      .filter(({ acceptedUpTo }) => acceptedUpTo === this.#acceptedUpTo)
      .slice(-KEPT_SHOWN)
      .map(({ note }) => note)
  }

  async #look(): Promise<void> {
    if (this.#doubts === null) this.#took(await follow(this.#begun(), this.#seen, this.guard))
  }

  #took(followed: Followed): void {
    if (followed.ok) this.#seen = followed.frontier
    else this.#doubt(followed.why)
  }

  #doubt(why: string): void {
    if (this.#doubts !== null) return
    this.#doubts = why
    const todo =
      'nothing is signed and no rollout advances; rollbacks go on. Run "stellwerk audit verify"; what stands beside the log is made again by "stellwerk rebuild"'
    this.#options.log.error('the log cannot be trusted', { why, todo })
  }

  /** The first start with a chain: a log of an earlier version is taken over as it is, when it agrees with its checkpoints. */
  async #adopt(): Promise<void> {
    const store = this.#begun()
    const notes = await storedCheckpoints(store)
    const key = this.publicKey()
    const isSigned = notes.some((note) => openNote(note, key).ok)
    // Before the first signature, too: with two keys at work each would take what the other writes for forged.
    const isForeign = isSigned ? false : notes.length > 0 || (await claimSigner(store, key)) !== key
    if (isForeign && this.#options.accept === null) throw foreignLog(this.#options.dataFolder)
    if (isForeign) return this.#doubt('it was signed with another key')
    const report = await verifyLog(databaseSource(store), { publicKey: key })
    if (report.ok) this.#sealedAfter = report.events
    else this.#doubt(report.problems[0]?.message ?? 'it does not agree with itself')
  }

  /**
   * Begins anew from what is there. Who accepts by name has the data folder, and with it the key. First it is said in the log:
   * without that, the next start doubts as this one did.
   */
  async #accept({ by, reason }: Acceptance, why: string): Promise<void> {
    const store = this.#begun()
    await setSigner(store, this.publicKey())
    const { frontier } = await logHead(store)
    if (this.#chain?.last() === null) await takeOver(store)
    if (this.#chain?.last() === null) this.#sealedAfter = frontier.size
    this.#acceptedUpTo = frontier.size
    this.#seen = frontier
    this.#doubts = null
    await sayAccepted(store, by, { reason, why: foreignLine(why, WHY_MAX), events: frontier.size })
    this.#options.log.warn('the log was accepted as it is', { by, reason, why, events: frontier.size })
    await this.#look()
    if (this.#doubts === null) await this.#signSeen()
  }

  /** Replicas on one host share the folder: each appends to what the other has appended, one at a time. */
  async #signSeen(): Promise<string | null> {
    return this.#alone(async () => {
      await (this.#chain as Chain).refresh()
      return this.#extend(this.#begun(), this.#chain as Chain)
    })
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const folder = join(this.#options.dataFolder, dirname(CHAIN_FILE))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { release } = await holdSoon(folder)
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #extend(store: AuditedStore, chain: Chain): Promise<string | null> {
    const problem = chain.problem()
    if (problem !== null) this.#doubt(`${CHAIN_FILE} in the data folder was changed: ${problem}`)
    if (problem !== null) return null
    const { size } = this.#seen
    const last = chain.last()
    if (last !== null && last.size >= size && last.acceptedUpTo >= this.#acceptedUpTo) return last.note
    const marks = { sealedAfter: this.#sealedAfter, acceptedUpTo: this.#acceptedUpTo }
    const text = checkpointText(
      { origin: this.#origin, size, root: treeRoot(sha256, this.#seen) },
      linkLines(last, marks),
    )
    const note = signNote(text, this.#origin, this.#options.key.privateKey)
    // Outside first: what the database says is held against it.
    await chain.append(note)
    await keepCheckpoint(store, { size, note })
    await this.#anchor(note)
    return note
  }

  async #anchor(note: string): Promise<void> {
    for (const file of this.#options.anchors) {
      const failed = (error: unknown) =>
        this.#options.log.error('a checkpoint could not be anchored', { file, error: String(error) })
      await appendDurably(file, note).catch(failed)
    }
  }

  #begun(): TrustedStore {
    if (this.#store === null) throw new Error('trust in the log has not begun')
    return this.#store
  }

  /** One after the other: two that follow the log at once would sign two next checkpoints. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work)
    this.#turn = mine.catch(() => undefined)
    return mine
  }
}

const TRIES = 100
const TRY_EVERY_MS = 50

/** A signature takes milliseconds, so who has the lock lets go soon; throws when somebody keeps it for 5 s. */
async function holdSoon(folder: string): Promise<Extract<Held, { ok: true }>> {
  for (let tries = 1; ; tries += 1) {
    const held = hold(folder, 'signing.lock')
    if (held.ok) return held
    if (tries === TRIES) throw new Error(`process ${held.holder.pid} keeps ${join(folder, 'signing.lock')}`)
    await delay(TRY_EVERY_MS)
  }
}

/** What the control plane says of its log as a whole stands in a stream of its own. */
const LOG_STREAM = 'log'
/** The reason for the doubt names what somebody may have written into the database. */
const WHY_MAX = 500

type Accepted = { readonly reason: string; readonly why: string; readonly events: number }

async function sayAccepted(store: TrustedStore, by: string, data: Accepted): Promise<void> {
  await store.transact(async (tx) => {
    await tx.lock(LOG_STREAM)
    const version = (await tx.read(LOG_STREAM)).at(-1)?.version ?? 0
    await tx.append(LOG_STREAM, version, [{ type: 'LogAccepted', data, actor: by }])
  })
}

/** Accepted without effect, it would stand in a unit file and accept some day what nobody looked at. */
function nothingToAccept(): StellwerkError {
  return new StellwerkError('usage', {
    what: say`--accept-log has nothing to accept`,
    why: say`the log agrees with its checkpoints and is trusted as it is`,
    fix: say`start without --accept-log, and take it out of a service unit that has it; nothing was changed`,
  })
}

/** Of another key nothing beside the log can be believed: it is made again from the log, and tokens are issued anew. */
async function takeOver({ sql }: AuditedStore): Promise<void> {
  await sql('update stellwerk.streams set state = null, mac = null')
  await sql('update stellwerk.environments set mac = null')
  await sql('delete from stellwerk.tokens')
  await sql('delete from stellwerk.requests')
}

function foreignLog(dataFolder: string): StellwerkError {
  const keys = join(dataFolder, 'keys')
  return new StellwerkError('failed', {
    what: say`this database holds the log of another control plane`,
    why: say`it is written with another key than the one in ${keys}`,
    fix: say`copy the folder "keys" of the data folder that it was used with to ${keys}; if that is lost for good, start once with --accept-log "why" --by PERSON`,
  })
}
