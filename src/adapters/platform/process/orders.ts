/** The platform's four methods for one slot's folder. They change nothing themselves: they ask the slot's supervisor to. */
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EMPTY_SLOT, type ObservedSlot } from '../../../core/observed.ts'
import type { LogLine, LogQuery, DesiredSlot } from '../../../ports/platform.ts'
import { type Order, type Result, failure, ok } from '../../../ports/result.ts'
import type { ArtifactStore } from '../../artifact-store/store.ts'
import { type Account, accountOf, closedFolder, giveTree } from '../../command/account.ts'
import type { Environment } from '../../command/run.ts'
import { livingSupervisor, raiseFence, staleFence } from './claim.ts'
import { type Call, callSupervisor, reachSupervisor, untilGone } from './client.ts'
import { endFrozenSupervisor } from './frozen.ts'
import { endLeftovers, markOfSlot } from './leftovers.ts'
import type { LogLimits } from './log-file.ts'
import { readLogFolder } from './log-folder.ts'
import { lives, observeOrphans } from './orphans.ts'
import { readSlotRecord } from './record.ts'
import type { EnsureOrder, StopOrder } from './wire.ts'

export type Place = {
  readonly argv: readonly string[]
  readonly stopGraceMs: number
  readonly hungAfterMs: number
  readonly logs: LogLimits
  /** As whom instances run; null: as the control plane does. */
  readonly user: string | null
  /** Everything below it is ours to open for that user. */
  readonly dataFolder: string
  readonly store: ArtifactStore
  /** What of the host's environment the instances get. */
  readonly host: Environment
  readonly supervisorEnvironment: Environment
}

export type Ensure = {
  readonly folder: string
  readonly desired: DesiredSlot
  readonly order: Order
}

const ANSWER_LIMIT_MS = 5000
const LOOK_LIMIT_MS = 3000
const STOP_EXTRA_MS = 15_000
const TRIES = 3
const NOT_BEGUN = failure('transient', "not begun: the order's time was up")

/**
 * What the supervisor says. Without a supervisor (killed, out of memory) the instances are asked directly, and where some live a
 * new supervisor is started behind this answer, so that their output goes on being read; it restarts nothing until the next
 * `ensure` brings the environment.
 */
export function observe(place: Place, folder: string, signal: AbortSignal): Promise<Result<ObservedSlot>> {
  return guarded(folder, async () => {
    const seen = await look(folder, signal)
    const orphaned = livingSupervisor(folder) === null && readSlotRecord(folder)?.instances.some(lives)
    if (orphaned) void reachSupervisor(folder, place.supervisorEnvironment)
    return seen
  })
}

export function ensure(place: Place, asked: Ensure): Promise<Result<ObservedSlot>> {
  const { folder, desired, order } = asked
  return guarded(folder, async () => {
    if (order.signal.aborted) return NOT_BEGUN
    if (!Number.isSafeInteger(desired.instances) || desired.instances < 0) {
      return failure('permanent', `${desired.instances} is no number of instances; it must be 0 or more`)
    }
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const heard = await endFrozenSupervisor(folder, order)
    if (!heard.ok) return heard
    const seen = await look(folder, order.signal)
    if (!seen.ok) return seen
    const account = place.user === null ? ok(null) : accountOf(place.user)
    if (!account.ok) return account
    const copy = await freshCopy(place, asked, seen.value)
    if (!copy.ok) return copy
    const laid = { workFolder: copy.value, account: account.value }
    const open = copy.value === null ? ok(undefined) : handOver(copy.value, place, account.value)
    if (!open.ok) return open
    const body = ensureOrder(place, asked, laid)
    const answer = await give<ObservedSlot>(place, folder, {
      path: '/ensure',
      body,
      limitMs: ANSWER_LIMIT_MS,
      signal: order.signal,
    })
    if (!answer.ok && answer.kind === 'transient' && copy.value) rmSync(copy.value, { recursive: true, force: true })
    return answer
  })
}

export function stop(place: Place, folder: string, release: string, order: Order): Promise<Result<ObservedSlot>> {
  return guarded(folder, async () => {
    if (order.signal.aborted) return NOT_BEGUN
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const heard = await endFrozenSupervisor(folder, order)
    if (!heard.ok) return heard
    const record = readSlotRecord(folder)
    const supervisor = livingSupervisor(folder)
    if (record === null && supervisor === null) return stopEmpty(folder, order.fence)
    const body: StopOrder = { fence: order.fence, release }
    const limitMs = (record?.stopGraceMs ?? place.stopGraceMs) + STOP_EXTRA_MS
    const answer = await give<ObservedSlot>(place, folder, { path: '/stop', body, limitMs, signal: order.signal })
    if (answer.ok && supervisor) await untilGone(supervisor)
    return answer
  })
}

/** What the supervisor holds in memory; from the log files where none lives, so also after a slot was stopped. */
export function logs(folder: string, query: LogQuery, signal: AbortSignal): Promise<Result<readonly LogLine[]>> {
  return guarded(folder, async () => {
    const supervisor = livingSupervisor(folder)
    if (supervisor === null) return ok(readLogFolder(folder, query))
    const { release, lines, since } = query
    const asked = new URLSearchParams({ lines: String(lines) })
    if (release !== null) asked.set('release', release)
    if (since !== null) asked.set('since', String(since))
    const said = await callSupervisor<readonly LogLine[]>(supervisor, {
      path: `/logs?${asked}`,
      limitMs: LOOK_LIMIT_MS,
      signal,
    })
    // A supervisor that is stopped, or just leaves, is no reason not to show what stands in the files.
    return said.ok ? said : ok(readLogFolder(folder, query))
  })
}

async function look(folder: string, signal: AbortSignal): Promise<Result<ObservedSlot>> {
  const supervisor = livingSupervisor(folder)
  const seen =
    supervisor && (await callSupervisor<ObservedSlot>(supervisor, { path: '/status', limitMs: LOOK_LIMIT_MS, signal }))
  if (seen && (seen.ok || seen.kind !== 'transient')) return seen
  // A supervisor that leaves while it is asked has nothing to say about its slot any more; the folder has.
  if (seen && supervisor) await untilGone(supervisor)
  if (seen && livingSupervisor(folder)) return seen
  const record = readSlotRecord(folder)
  return ok(record === null ? EMPTY_SLOT : await observeOrphans(record, signal))
}

/** A new copy of the artifact to start from; null where instances run, or where the supervisor will refuse anyway. */
async function freshCopy(
  place: Place,
  { folder, desired, order }: Ensure,
  seen: ObservedSlot,
): Promise<Result<string | null>> {
  const { ref, digest } = desired.artifact
  const otherOccupant = seen.present && (seen.release !== desired.release || seen.digest !== digest)
  if (seen.running > 0 || otherOccupant) return ok(null)
  const taken = await place.store.take(ref, digest, order.signal)
  if (!taken.ok) return taken
  const copy = join(folder, 'work', randomUUID())
  const laid = await place.store.checkout(digest, copy)
  return laid.ok ? ok(copy) : laid
}

type Laid = { readonly workFolder: string | null; readonly account: Account }

function ensureOrder(place: Place, { desired, order }: Ensure, { workFolder, account }: Laid): EnsureOrder {
  const { environment, artifact, secretNames = [], ...rest } = desired
  const slotOf = { ...rest, digest: artifact.digest }
  return {
    fence: order.fence,
    argv: place.argv,
    workFolder,
    stopGraceMs: place.stopGraceMs,
    hungAfterMs: place.hungAfterMs,
    logs: place.logs,
    desired: slotOf,
    wish: slotOf,
    environment: { ...place.host, ...(account && workFolder && { HOME: workFolder }), ...environment },
    secrets: secretNames.flatMap((secret) => environment[secret] ?? []),
    secretNames,
    account,
  }
}

/** Makes the copy another user's, and lets that user pass the folders of ours on the way to it, which stay unreadable. */
function handOver(copy: string, { dataFolder, user }: Place, account: Account): Result<void> {
  if (account === null) return ok(undefined)
  for (let folder = dirname(copy); folder.startsWith(dataFolder); folder = dirname(folder)) chmodSync(folder, 0o711)
  const closed = closedFolder(copy, account)
  if (closed !== null && closed !== copy) {
    return failure(
      'permanent',
      `the user "${user}" may not pass ${closed}; run "chmod o+x ${closed}", or choose another place with --data`,
    )
  }
  giveTree(copy, account)
  return ok(undefined)
}

/** Gives an order to the slot's supervisor; one that left just then, with its slot empty, is replaced. */
async function give<T>(place: Place, folder: string, call: Call): Promise<Result<T>> {
  for (let tries = 1; ; tries += 1) {
    const supervisor = await reachSupervisor(folder, place.supervisorEnvironment)
    if (!supervisor.ok) return supervisor
    const answer = await callSupervisor<T>(supervisor.value, call)
    if (answer.ok || answer.kind !== 'transient' || tries === TRIES) return answer
    await untilGone(supervisor.value)
    if (livingSupervisor(folder)?.pid === supervisor.value.pid) return answer
  }
}

/** Nobody has the slot; what some occupant left behind there may live all the same. */
async function stopEmpty(folder: string, fence: number): Promise<Result<ObservedSlot>> {
  const seen = raiseFence(folder, fence)
  if (fence < seen) return staleFence(fence, seen)
  const left = await endLeftovers(markOfSlot(folder))
  return left === null ? ok(EMPTY_SLOT) : failure('transient', `what was left behind in the slot is ${left}`)
}

/** What the file system refuses is an answer, not a crash. */
async function guarded<T>(folder: string, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work()
  } catch (error) {
    const kind = error instanceof SyntaxError ? 'permanent' : 'transient'
    return failure(kind, `slot ${folder}: ${(error as Error).message}`)
  }
}
