/** What a supervisor knows and does about its one slot. Orders are performed one after the other. */
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EMPTY_SLOT, type ObservedSlot } from '../../../core/observed.ts'
import type { LogLine, LogQuery } from '../../../ports/platform.ts'
import { type Result, failure, ok } from '../../../ports/result.ts'
import { describeProcess, markedProcesses, variableOf } from '../../command/marked.ts'
import { groupMembers } from '../../command/process-group.ts'
import { Capture } from './capture.ts'
import { type Host, Instance } from './instance.ts'
import type { Launch } from './life.ts'
import { endLeftovers, leftoversOf, MARK, markOfSlot, straysIn } from './leftovers.ts'
import type { LogLimits } from './log-file.ts'
import { labelled, logFolder, newest, openLogFolder, readLogFolder } from './log-folder.ts'
import { observed } from './observation.ts'
import { type Occupant, occupy, refusal } from './occupancy.ts'
import { type InstanceRecord, readSlotRecord, removeSlotRecord, writeSlotRecord } from './record.ts'
import { LINES_KEPT } from './ring.ts'
import { Tally } from './tally.ts'
import type { EnsureOrder, StopOrder } from './wire.ts'
import { startInterval } from '../../../timers.ts'

const LEAVING = failure('transient', 'the supervisor of the emptied slot is leaving; order it once more')

export class SlotSupervisor {
  readonly #folder: string
  #occupant: Occupant | null = null
  #instances: Instance[] = []
  #tally = new Tally()
  #launch = Promise.withResolvers<Launch>()
  #logs: LogLimits = { maxBytes: 10_000_000, files: 3 }
  /** Null until an order has said them; those of an adopted instance are read from where it has them. */
  #secrets: readonly string[] | null = null
  #saved = true
  #leaving = false
  #orders: Promise<unknown> = Promise.resolve()

  constructor(folder: string) {
    this.#folder = folder
    startInterval(() => this.#save(), 1000).unref()
  }

  /** True when the slot is empty; from then on no order is taken any more. */
  leave(): boolean {
    this.#leaving ||= this.#occupant === null
    return this.#leaving
  }

  /** Takes over what a supervisor before this one has left running. */
  adopt(): void {
    const record = readSlotRecord(this.#folder)
    if (record === null) return
    const { instances, seen, ...occupant } = record
    this.#occupant = occupant
    const query = { release: record.release, lines: LINES_KEPT, since: null }
    this.#tally = new Tally(seen, readLogFolder(this.#folder, query))
    for (const instance of instances) this.#begin(instance)
    this.#write()
    void this.#endForeignLives()
  }

  ensure(order: EnsureOrder): Promise<Result<ObservedSlot>> {
    return this.#inTurn(async () => {
      const { fence, desired, workFolder } = order
      const accepted = refusal(this.#folder, this.#occupant, { fence, ...desired }) ?? this.#accept(order)
      if (workFolder !== this.#occupant?.workFolder) discard(workFolder)
      if (!accepted.ok) return accepted
      this.#scale(desired.instances)
      return ok(this.observe())
    })
  }

  stop({ fence, release }: StopOrder): Promise<Result<ObservedSlot>> {
    return this.#inTurn(async () => {
      const refused = refusal(this.#folder, this.#occupant, { fence, release, digest: null })
      if (refused) return refused
      const strays = straysIn(this.#folder)
      if (strays !== null) this.#instances[0]?.capture.note(strays)
      const gone = await Promise.all(this.#instances.map((instance) => instance.stop()))
      const left = this.#instances.filter((_, index) => !gone[index]).map(({ record }) => record.process?.pid)
      if (left.length > 0)
        return failure('transient', `the kernel does not end processes ${left.join(', ')}, not even killed`)
      const behind = await endLeftovers(this.#mark)
      if (behind !== null) return failure('transient', `what the instances left behind is ${behind}`)
      removeSlotRecord(this.#folder)
      discard(join(this.#folder, 'work'))
      this.#occupant = null
      this.#instances = []
      return ok(EMPTY_SLOT)
    })
  }

  observe(): ObservedSlot {
    return this.#occupant === null ? EMPTY_SLOT : observed(this.#occupant, this.#instances, this.#tally.seen)
  }

  logs(query: LogQuery): readonly LogLine[] {
    const occupant = this.#occupant
    const isHere = occupant !== null && query.release === occupant.release
    if (!isHere || query.lines > LINES_KEPT) return readLogFolder(this.#folder, query)
    return newest(this.#tally.ring.newest(2 * LINES_KEPT), query).map((line) => labelled(line, this.#folder, occupant))
  }

  get #mark(): string {
    return markOfSlot(this.#folder)
  }

  /** What a supervisor before this one could no longer end. */
  async #endForeignLives(): Promise<void> {
    const living = new Set(this.#instances.map(({ record }) => record.marker))
    const foreign = leftoversOf(this.#mark, living)
    if (foreign.length > 0)
      say(`ended, for the instance that started it is gone: ${foreign.map(describeProcess).join(', ')}`)
    for (const mark of new Set(foreign.map((each) => each.mark))) {
      const left = await endLeftovers(mark)
      if (left !== null) say(`left behind by an instance that is gone: ${left}`)
    }
  }

  #accept(order: EnsureOrder): Result<void> {
    const before = this.#occupant
    const idle = this.#instances.every(({ pid }) => pid === null)
    const accepted = occupy(order, before, idle)
    if (!accepted.ok) return accepted
    const { occupant, launch } = accepted.value
    if (before?.workFolder !== occupant.workFolder) discard(before?.workFolder ?? null)
    if (before === null) this.#tally = new Tally()
    if (before === null) openLogFolder(this.#folder, occupant)
    this.#occupant = occupant
    this.#logs = order.logs
    this.#secrets = order.secrets
    for (const { capture } of this.#instances) capture.learn(order.secrets)
    this.#learn(launch)
    return ok(undefined)
  }

  /** From now on instances start with this; those that wait for it start at once. */
  #learn(launch: Launch): void {
    this.#launch.resolve(launch)
    this.#launch = Promise.withResolvers<Launch>()
    this.#launch.resolve(launch)
  }

  #scale(wanted: number): void {
    const staying = this.#instances.filter(({ stopping }) => !stopping)
    for (const extra of staying.slice(wanted)) void this.#dismiss(extra)
    for (let count = staying.length; count < wanted; count += 1) {
      const index = this.#occupant!.nextIndex
      this.#occupant = { ...this.#occupant!, nextIndex: index + 1 }
      this.#begin({ index, port: 0, settled: false, marker: '', process: null })
    }
    this.#write()
  }

  #begin(record: InstanceRecord): void {
    const { release, account = null } = this.#occupant!
    const capture = new Capture({
      folder: logFolder(this.#folder, release),
      name: `instance-${record.index}`,
      ring: this.#tally.ring,
      limits: this.#logs,
      secrets: this.#secrets ?? secretsOf(record, this.#occupant?.secretNames),
      account,
    })
    const instance = new Instance(this.#host(), record, capture)
    this.#instances.push(instance)
    instance.begin()
  }

  async #dismiss(instance: Instance): Promise<void> {
    const gone = await instance.stop()
    if (gone) this.#instances = this.#instances.filter((other) => other !== instance)
    this.#write()
  }

  #host(): Host {
    const { health, stopGraceMs, hungAfterMs } = this.#occupant!
    return {
      slotsFolder: join(dirname(this.#folder), '../../..'),
      mark: this.#mark,
      health,
      stopGraceMs,
      hungAfterMs,
      launch: () => this.#launch.promise,
      changed: () => this.#write(),
      exited: (exit, tail, crashLoop) => {
        this.#tally.exited(exit, tail, crashLoop)
        this.#write()
      },
      probed: (failed) => {
        this.#tally.probed(failed)
        this.#saved = false
      },
    }
  }

  #write(): void {
    this.#saved = false
    this.#save()
  }

  /** A full disk must not end the service: what could not be written is tried again every second. */
  #save(): void {
    if (this.#saved || this.#occupant === null) return
    const instances = this.#instances.map(({ record }) => record)
    try {
      writeSlotRecord(this.#folder, { ...this.#occupant, instances, seen: this.#tally.seen })
      this.#saved = true
    } catch (error) {
      say(`slot.json cannot be written: ${(error as Error).message}`)
    }
  }

  #inTurn(perform: () => Promise<Result<ObservedSlot>>): Promise<Result<ObservedSlot>> {
    const turn = this.#orders.then(() => (this.#leaving ? LEAVING : perform()))
    this.#orders = turn.catch(() => {})
    return turn
  }
}

/** For the supervisor's own log. */
function say(message: string): void {
  process.stderr.write(`${message}\n`)
}

/**
 * What an instance that was started by another supervisor has as secrets, from its own environment; null when that cannot be
 * read, or has been written over: then nothing that it prints may be kept.
 */
function secretsOf({ marker, process: leader }: InstanceRecord, names?: readonly string[]): readonly string[] | null {
  const own = leader === null ? [] : groupMembers(leader.pid)
  const pids = [...own, ...(marker === '' ? [] : markedProcesses(MARK, marker).map(({ pid }) => pid))]
  if (names === undefined) return null
  const values = names.map((name) => pids.map((pid) => variableOf(pid, name)).find((value) => value !== null) ?? null)
  return values.some((value) => value === null) ? null : values.filter((value) => value !== null)
}

function discard(folder: string | null): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true })
}
