/** A worker as its primary sees it: messages out, answers back, every wait with a deadline. */
import { fork, type ChildProcess } from 'node:child_process'
import { startTimer } from '../clock.ts'
import type { FromWorker, RouteConfig, Sessions, ToWorker, WorkerReport } from '../protocol.ts'
import type { Socket } from './socket.ts'

export const WORKER_ANSWER_MS = 5_000

/** What every worker has to bring about; `version` grows with each change. */
export type Target = {
  readonly version: number
  readonly routes: readonly RouteConfig[]
  readonly sockets: ReadonlyMap<string, Socket>
}

export type Role = 'starting' | 'serving' | 'retiring'

type Waiter = { readonly wants: (message: FromWorker) => boolean; readonly done: (message: FromWorker | null) => void }

export class WorkerProcess {
  readonly pid: number
  readonly exited: Promise<string>
  role: Role = 'starting'
  /** Version of the target in force. */
  version = -1
  lastReport: WorkerReport = { routes: [], faults: { contained: 0, uncaught: 0 } }
  /** Counts up with every look at it, back to 0 with every sign of life. */
  silentTicks = 0
  readonly #child: ChildProcess
  readonly #addresses = new Set<string>()
  readonly #waiters = new Set<Waiter>()
  #nextId = 1

  constructor(entry: string) {
    this.#child = fork(entry, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.pid = this.#child.pid ?? 0
    this.#child.on('message', (message: FromWorker) => this.#hear(message))
    this.exited = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
      // One that could not even be started has no exit.
      this.#child.on('error', (error) => this.pid === 0 && resolve(error.message))
    })
    void this.exited.then(() => this.#forsake())
  }

  started(): Promise<boolean> {
    return this.#wait((message) => message.type === 'started').then((message) => message !== null)
  }

  /**
   * Puts the target into force: first the routes, then the sockets, so that no request meets a port without its route.
   * Returns addresses that could not be listened on, or null when the worker did not answer.
   */
  async bring(target: Target): Promise<ReadonlyMap<string, string> | null> {
    const { version, routes, sockets } = target
    const applied = await this.#ask(
      { type: 'apply', version, routes },
      (m) => m.type === 'applied' && m.version === version,
    )
    if (applied === null) return null
    // The worker closes what no route names; a later socket for the same address is another one.
    const named = new Set(routes.map((route) => route.address))
    for (const address of this.#addresses) if (!named.has(address)) this.#addresses.delete(address)
    const failed = new Map<string, string>()
    for (const [address, socket] of sockets) {
      if (!named.has(address) || this.#addresses.has(address) || this.role === 'retiring') continue
      const answer = await this.#ask({ type: 'listen', address }, isListening(address), socket.handle)
      if (answer?.type !== 'listening') return null
      if (answer.error === null) this.#addresses.add(address)
      else failed.set(address, answer.error)
    }
    this.version = version
    return failed
  }

  /** Counters and in-flight as of now; null when the worker does not answer. */
  async report(timeoutMs: number): Promise<WorkerReport | null> {
    const id = this.#nextId++
    const answer = await this.#ask(
      { type: 'report', id },
      (m) => m.type === 'report' && m.id === id,
      undefined,
      timeoutMs,
    )
    return answer?.type === 'report' ? answer.report : null
  }

  async sessions(): Promise<Sessions> {
    const answer = await this.#ask({ type: 'sessions' }, (message) => message.type === 'sessions')
    return answer?.type === 'sessions' ? answer.sessions : {}
  }

  adopt(sessions: Sessions): void {
    this.#send({ type: 'adopt', sessions })
  }

  retire(graceMs: number, boundMs: number): void {
    this.role = 'retiring'
    this.#send({ type: 'retire', graceMs, boundMs })
    const overdue = startTimer(() => this.kill(), boundMs + 2_000)
    void this.exited.then(() => overdue.stop())
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #ask(
    message: ToWorker,
    wants: Waiter['wants'],
    handle?: unknown,
    timeoutMs = WORKER_ANSWER_MS,
  ): Promise<FromWorker | null> {
    const answer = this.#wait(wants, timeoutMs)
    this.#send(message, handle)
    return answer
  }

  #wait(wants: Waiter['wants'], timeoutMs = WORKER_ANSWER_MS): Promise<FromWorker | null> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        wants,
        done: (message) => {
          timer.stop()
          this.#waiters.delete(waiter)
          resolve(message)
        },
      }
      const timer = startTimer(() => waiter.done(null), timeoutMs)
      this.#waiters.add(waiter)
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) waiter.done(null)
    })
  }

  #send(message: ToWorker, handle?: unknown): void {
    if (this.#child.connected) this.#child.send(message, handle as never, {}, () => {})
  }

  #hear(message: FromWorker): void {
    this.silentTicks = 0
    if (message.type === 'report' || message.type === 'applied') this.lastReport = message.report
    for (const waiter of this.#waiters) if (waiter.wants(message)) waiter.done(message)
  }

  #forsake(): void {
    for (const waiter of this.#waiters) waiter.done(null)
  }
}

function isListening(address: string) {
  return (message: FromWorker) => message.type === 'listening' && message.address === address
}
