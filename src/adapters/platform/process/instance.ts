/**
 * One instance of a slot: starts it, watches it, asks it how it is, and starts it again on the same port with growing
 * pauses when it exits without an order.
 */
import { randomUUID } from 'node:crypto'
import { markedProcesses } from '../../command/marked.ts'
import { endGroup, findByEnvironment, groupMembers, startOf } from '../../command/process-group.ts'
import type { Capture } from './capture.ts'
import { watchHealth } from './health-watch.ts'
import { endLeftovers, MARK } from './leftovers.ts'
import { adoptLife, type Exit, type Launch, type Life, spawnLife } from './life.ts'
import { freePort, isFree } from './ports.ts'
import type { InstanceRecord, SlotRecord } from './record.ts'
import { delay } from '../../../timers.ts'

/** What an instance needs of its slot, and whom it tells. */
export type Host = {
  readonly slotsFolder: string
  /** With what the mark of everything begins that this slot starts. */
  readonly mark: string
  readonly health: SlotRecord['health']
  readonly stopGraceMs: number
  readonly hungAfterMs: number
  /** Resolves when the environment is known: a supervisor that adopted its instances learns it from the next order. */
  launch(): Promise<Launch>
  changed(): void
  exited(exit: Exit, tail: readonly string[], crashLoop: boolean): void
  probed(failedAfterReady: boolean): void
}

const PAUSE_FIRST_MS = 500
const PAUSE_MAX_MS = 30_000
const CRASH_LOOP_EXITS = 3
const CRASH_LOOP_MS = 60_000
const LEFTOVER_GRACE_MS = 1000
const TAIL_LINES = 20

export class Instance {
  readonly index: number
  readonly capture: Capture
  ready = false
  /** What stood against being ready when it was last asked; null before that, and when it is ready. */
  unready: string | null = null
  stopping = false
  readonly #host: Host
  readonly #stop = new AbortController()
  #record: InstanceRecord
  #life: Life | null = null
  #exits: number[] = []
  #done: Promise<void> | null = null

  constructor(host: Host, record: InstanceRecord, capture: Capture) {
    this.#host = host
    this.#record = record
    this.index = record.index
    this.capture = capture
  }

  get record(): InstanceRecord {
    return this.#record
  }

  get pid(): number | null {
    return this.#life?.pid ?? null
  }

  /** Begins to keep the instance alive; one that lives already is adopted. */
  begin(): void {
    const known = this.#record.process ?? findStarted(this.#record.marker)
    // A pid that lives with another start time is somebody else's by now: nothing of ours is left of it.
    const recycled = known !== null && ![known.start, null].includes(startOf(known.pid))
    if (known && !recycled) this.#life = adoptLife(known.pid, known.start)
    this.#record = { ...this.#record, process: recycled ? null : known }
    const { outputs, marker } = this.#record
    if (outputs) this.capture.adopt(outputs, this.#processes(marker))
    this.#done = this.#keep()
  }

  /** Ends the whole group and whatever left it; false when something of it survives even SIGKILL. */
  async stop(): Promise<boolean> {
    this.stopping = true
    this.ready = false
    this.#stop.abort()
    await this.#done
    const group = this.#record.process?.pid
    const gone = group === undefined || (await endGroup(group, this.#host.stopGraceMs))
    const isClear = (await this.#endLeftovers(this.#host.stopGraceMs)) && gone
    if (isClear) await this.capture.close()
    return isClear
  }

  async #keep(): Promise<void> {
    while (!this.stopping) {
      this.#life ??= await this.#start().catch((error: Error) => this.#startFailed(error))
      if (this.#life) await this.#watch(this.#life)
      if (this.stopping) return
      await delay(this.#pauseMs(), undefined, { signal: this.#stop.signal }).catch(() => {})
    }
  }

  async #start(): Promise<Life | null> {
    const launch = await Promise.race([this.#host.launch(), this.#stopped()])
    if (launch === null || this.stopping) return null
    this.capture.starting()
    const { settled } = this.#record
    // The address is for ever once somebody may have been told it; before that, a port that was snatched is replaced.
    const keep = this.#record.port !== 0 && (settled || (await isFree(this.#record.port)))
    const port = keep ? this.#record.port : await freePort(this.#host.slotsFolder)
    this.#note({ ...this.#record, port, marker: `${this.#host.mark}${randomUUID()}`, process: null })
    const life = await spawnLife(launch, port, this.#record.marker, this.capture)
    const process = { pid: life.pid, start: life.start }
    this.#note({ ...this.#record, process, outputs: this.capture.outputs })
    return life
  }

  /** Until the leader exits or a stop is ordered. */
  async #watch(life: Life): Promise<void> {
    const over = new AbortController()
    const probing = this.#probe(life, AbortSignal.any([over.signal, this.#stop.signal]))
    const exit = await Promise.race([life.ended, this.#stopped()])
    over.abort()
    await probing
    this.ready = false
    this.#life = exit === null ? life : null
    if (exit === null) return
    if (groupMembers(life.pid).length > 0) await endGroup(life.pid, LEFTOVER_GRACE_MS)
    await this.#endLeftovers(LEFTOVER_GRACE_MS)
    this.capture.drain()
    this.#note({ ...this.#record, process: null })
    this.#exited(exit)
  }

  #probe(life: Life, signal: AbortSignal): Promise<void> {
    return watchHealth({
      group: life.pid,
      port: this.#record.port,
      health: this.#host.health,
      hungAfterMs: this.#host.hungAfterMs,
      signal,
      note: (text) => this.capture.note(text),
      redact: (text) => this.capture.redact(text),
      probed: (why, failed) => {
        this.#host.probed(failed)
        this.unready = why
        this.ready = why === null
        if (this.ready && !this.#record.settled) this.#note({ ...this.#record, settled: true })
      },
    })
  }

  #startFailed(error: Error): null {
    this.capture.note(`cannot be started: ${error.message}`)
    this.#exited({ code: null, signal: null })
    return null
  }

  #exited(exit: Exit): void {
    const now = Date.now()
    this.#exits = [...this.#exits.filter((at) => at > now - CRASH_LOOP_MS), now]
    const tail = this.capture.tail(TAIL_LINES)
    this.capture.note(describeExit(exit))
    this.#host.exited(exit, tail, this.#exits.length >= CRASH_LOOP_EXITS)
  }

  /** What this life started and what has left its group since; false when something of it cannot be ended. */
  async #endLeftovers(graceMs: number): Promise<boolean> {
    const { marker } = this.#record
    const left = marker === '' ? null : await endLeftovers(marker, graceMs)
    if (left !== null) this.capture.note(`what it left behind is ${left}`)
    return left === null
  }

  /** Whoever may hold the instance's streams open. */
  #processes(marker: string): readonly number[] {
    const own = this.#life === null ? [] : groupMembers(this.#life.pid)
    return [...own, ...(marker === '' ? [] : markedProcesses(MARK, marker).map(({ pid }) => pid))]
  }

  #pauseMs(): number {
    return Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.max(0, this.#exits.length - 1))
  }

  #note(record: InstanceRecord): void {
    this.#record = record
    this.#host.changed()
  }

  async #stopped(): Promise<null> {
    if (this.#stop.signal.aborted) return null
    return new Promise((resolve) => this.#stop.signal.addEventListener('abort', () => resolve(null), { once: true }))
  }
}

function describeExit({ code, signal }: Exit): string {
  if (signal !== null) return `it was ended by ${signal}`
  return code === null ? 'it has ended' : `it ended with exit code ${code}`
}

/** A start that its supervisor did not live to write down. */
function findStarted(marker: string): InstanceRecord['process'] {
  return marker === '' ? null : findByEnvironment(`${MARK}=${marker}`)
}
