/**
 * The guard: a small process beside the primary that keeps the same listening sockets open and starts another primary
 * when its own dies; the primary does the same for the guard. So no single death closes a port, and none needs the control
 * plane or a service manager to be mended.
 *
 * 1. `stellwerk-router` starts as the guard and starts the primary; it is the process that a service manager knows.
 * 2. The primary binds; each socket comes here as well and is only kept.
 * 3. Primary gone: its workers go on accepting, another primary is started and is given the sockets; when its own worker
 *    serves, it relieves the old ones.
 * 4. Guard gone: the primary starts another and hands it what it has.
 * 5. The primary ends on request, or could not start at all: the guard ends with the same exit code.
 */
import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { delay, startInterval } from '../clock.ts'
import { stderrLog, type Log } from '../primary/log.ts'
import { GUARD_LOCK, hold, type Held } from './lock.ts'
import { endOf, type Peer, tell } from './peer.ts'
import { type ProcessMark, RELIEF, type ToGuard, type ToPrimary } from './protocol.ts'

type Handle = { close(): void }

const BACKOFF_MAX_MS = 2_000
const TICK_MS = 1_000
/** A primary writes to disk synchronously: a slow disk is no reason to kill it. */
const SILENT_TICKS_MAX = 30
const LOCK_EVERY_MS = 200
const LOCK_TRIES = 25
export const HELD_BY_ANOTHER = 3

export async function guard(args: readonly string[]): Promise<number> {
  const log = stderrLog()
  const isRelief = args.includes(RELIEF)
  const dir = folderIn(args)
  if (dir === null) return await only(args)
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const held = await take(dir, isRelief)
  if (!held.ok) {
    const { pid, since } = held.holder
    log(`${dir} is held by the router with process id ${pid}, running since ${since}. Stop that one first.`)
    return HELD_BY_ANOTHER
  }
  try {
    return await new Guard(
      args.filter((arg) => arg !== RELIEF),
      log,
    ).run(isRelief ? process : null)
  } finally {
    held.release()
  }
}

/** Arguments that are wrong are the primary's to explain. */
async function only(args: readonly string[]): Promise<number> {
  return Number(await endOf(startPrimary(args)))
}

function folderIn(args: readonly string[]): string | null {
  const at = args.findIndex((arg) => arg === '--data')
  const given = at < 0 ? args.find((arg) => arg.startsWith('--data='))?.slice('--data='.length) : args[at + 1]
  return given ? resolve(given) : null
}

/** A relief waits a moment for the lock of the guard that has just died. */
async function take(dir: string, isRelief: boolean): Promise<Held> {
  for (let tries = 0; ; tries++) {
    const held = hold(dir, GUARD_LOCK)
    if (held.ok || !isRelief || tries === LOCK_TRIES) return held
    await delay(LOCK_EVERY_MS)
  }
}

function startPrimary(args: readonly string[]) {
  const entry = join(import.meta.dirname, '..', 'primary', `main${extname(import.meta.filename)}`)
  return fork(entry, [...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

class Guard {
  readonly #args: readonly string[]
  readonly #log: Log
  readonly #sockets = new Map<string, Handle>()
  #workers: readonly ProcessMark[] = []
  #primary: Peer | null = null
  #isReady = false
  #isEnding = false
  #silentTicks = 0
  #failures = 0
  readonly #parent = process.ppid

  constructor(args: readonly string[], log: Log) {
    this.#args = args
    this.#log = log
  }

  async run(first: Peer | null): Promise<number> {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#stop())
    // The terminal that started a router may go; the router stays.
    process.on('SIGHUP', () => {})
    const ticks = startInterval(() => this.#killSilent(), TICK_MS)
    try {
      for (let primary = first; ; primary = null) {
        const code = await this.#serve(primary ?? startPrimary(this.#args))
        if (this.#isEnding || code === 0) return 0
        if (!this.#isReady) return typeof code === 'number' ? code : 1
        this.#log(`the primary ended unexpectedly (${code ?? 'it is gone'}): starting another; the ports stay open`)
        await delay(Math.min(BACKOFF_MAX_MS, this.#failures === 0 ? 0 : 25 * 2 ** this.#failures))
        this.#failures++
      }
    } finally {
      ticks.stop()
    }
  }

  /** Resolves when that primary has ended. */
  #serve(primary: Peer): Promise<number | string | null> {
    this.#primary = primary
    this.#silentTicks = 0
    primary.on('message', (message, handle) => this.#hear(message as ToGuard, handle as Handle))
    if (primary === process) this.#isReady = true
    else this.#handOver(primary)
    return endOf(primary)
  }

  #handOver(primary: Peer): void {
    for (const [address, handle] of this.#sockets) {
      tell<ToPrimary>(primary, { type: 'socket', address }, handle)
    }
    tell<ToPrimary>(primary, { type: 'inherited', workers: this.#workers })
  }

  #hear(message: ToGuard, handle: Handle | undefined): void {
    this.#silentTicks = 0
    if (message.type === 'hold' && handle) this.#keep(message.address, handle)
    else if (message.type === 'drop') this.#drop(message.address)
    else if (message.type === 'workers') this.#workers = message.workers
    else if (message.type === 'ending') this.#isEnding = true
    else if (message.type === 'ready') {
      this.#isReady = true
      this.#failures = 0
    }
  }

  #keep(address: string, handle: Handle): void {
    this.#drop(address)
    this.#sockets.set(address, handle)
  }

  #drop(address: string): void {
    this.#sockets.get(address)?.close()
    this.#sockets.delete(address)
  }

  #stop(): void {
    this.#isEnding = true
    if (this.#primary?.connected) tell<ToPrimary>(this.#primary, { type: 'stop' })
  }

  #killSilent(): void {
    if (!this.#primary?.connected || ++this.#silentTicks < SILENT_TICKS_MAX) return
    this.#log(`the primary has been silent for ${SILENT_TICKS_MAX} s: killed`)
    this.#silentTicks = 0
    process.kill(this.#primary === process ? this.#parent : this.#primary.pid!, 'SIGKILL')
  }
}
