/**
 * The primary's end of the channel to its guard (`guard/guard.ts`): gives it every socket, tells it who the workers are,
 * and starts another guard when it is gone.
 */
import { fork } from 'node:child_process'
import { extname, join } from 'node:path'
import { delay, startInterval, type Timer } from '../clock.ts'
import { endOf, type Peer, tell } from '../guard/peer.ts'
import { type ProcessMark, RELIEF, type ToGuard, type ToPrimary } from '../guard/protocol.ts'
import type { Log } from './log.ts'
import type { Socket } from './socket.ts'

const ALIVE_EVERY_MS = 1_000
const AGAIN_AFTER_MS = 1_000
/** A guard that lived shorter than this is not followed at once. */
const SHORT_LIFE_MS = 5_000

export type Inheritance = { readonly sockets: readonly Socket[]; readonly workers: readonly ProcessMark[] }

export class GuardLink {
  readonly #args: readonly string[]
  readonly #log: Log
  readonly #onStop: () => void
  readonly #sockets = new Map<string, Socket>()
  #workers: readonly ProcessMark[] = []
  #peer: Peer | null = null
  #isEnding = false
  #isReady = false
  readonly #alive: Timer

  constructor(args: readonly string[], log: Log, onStop: () => void) {
    this.#args = args
    this.#log = log
    this.#onStop = onStop
    this.#alive = startInterval(() => this.#say({ type: 'alive' }), ALIVE_EVERY_MS).unref()
  }

  /** The guard's process id; null at a moment without one. */
  get pid(): number | null {
    if (!this.#peer?.connected) return null
    return (this.#peer === process ? process.ppid : this.#peer.pid) ?? null
  }

  /** What a predecessor left with our guard. A primary that no guard started gets one for itself. */
  async inherit(): Promise<Inheritance> {
    if (!process.connected) {
      this.#start()
      return { sockets: [], workers: [] }
    }
    const sockets: Socket[] = []
    const workers = await new Promise<readonly ProcessMark[]>((resolve) => {
      process.on('message', (message: ToPrimary, handle: unknown) => {
        if (message.type === 'socket' && handle) sockets.push({ address: message.address, handle } as Socket)
        else if (message.type === 'inherited') resolve(message.workers)
      })
      process.once('disconnect', () => resolve([]))
    })
    for (const socket of sockets) this.#sockets.set(socket.address, socket)
    this.#attend(process)
    return { sockets, workers }
  }

  hold(socket: Socket): void {
    this.#sockets.set(socket.address, socket)
    this.#say({ type: 'hold', address: socket.address }, socket.handle)
  }

  drop(address: string): void {
    if (this.#sockets.delete(address)) this.#say({ type: 'drop', address })
  }

  workers(workers: readonly ProcessMark[]): void {
    this.#workers = workers
    this.#say({ type: 'workers', workers })
  }

  ready(): void {
    this.#isReady = true
    this.#say({ type: 'ready' })
  }

  ending(): void {
    this.#isEnding = true
    this.#alive.stop()
    this.#say({ type: 'ending' })
  }

  #say(message: ToGuard, handle?: unknown): void {
    if (this.#peer) tell<ToGuard>(this.#peer, message, handle)
  }

  #start(): void {
    const entry = join(import.meta.dirname, '..', `main${extname(import.meta.filename)}`)
    const guard = fork(entry, [...this.#args, RELIEF], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    guard.on('error', () => {})
    this.#attend(guard)
    for (const socket of this.#sockets.values()) this.#say({ type: 'hold', address: socket.address }, socket.handle)
    this.#say({ type: 'workers', workers: this.#workers })
    if (this.#isReady) this.#say({ type: 'ready' })
  }

  #attend(peer: Peer): void {
    this.#peer = peer
    const since = performance.now()
    peer.on('message', (message) => {
      if ((message as ToPrimary).type === 'stop') this.#onStop()
    })
    void endOf(peer).then(() => this.#replace(performance.now() - since))
  }

  async #replace(livedMs: number): Promise<void> {
    if (this.#isEnding) return
    this.#log('the guard is gone: starting another')
    if (livedMs < SHORT_LIFE_MS) await delay(AGAIN_AFTER_MS)
    if (!this.#isEnding) this.#start()
  }
}
