import type { ControlPlane } from '../engine/control-plane.ts'
import type { Log } from '../ports/log.ts'
import { startTimer } from '../timers.ts'

/** When listening failed, streams look this often. */
const FALLBACK_MS = 1000

type EndListening = (() => Promise<void>) | null

/** Tells every open stream that there is something new; they share one listener of the control plane. */
export class Wakeups {
  #version = 0
  #members = 0
  #listening: Promise<EndListening> | null = null
  #fallback = false
  readonly #waiting = new Set<() => void>()
  readonly #controlPlane: ControlPlane
  readonly #log: Log

  constructor(controlPlane: ControlPlane, log: Log) {
    this.#controlPlane = controlPlane
    this.#log = log
  }

  /** Grows whenever there is something new: read it before looking, give it to `wait` after. */
  version(): number {
    return this.#version
  }

  /** Resolves when there is something newer than `seen`, at the latest after `ms`, or when `signal` aborts. */
  wait(seen: number, ms: number, signal: AbortSignal): Promise<void> {
    if (seen !== this.#version || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const resume = () => {
        timer.stop()
        this.#waiting.delete(resume)
        signal.removeEventListener('abort', resume)
        resolve()
      }
      const timer = startTimer(resume, this.#fallback ? Math.min(ms, FALLBACK_MS) : ms)
      this.#waiting.add(resume)
      signal.addEventListener('abort', resume)
    })
  }

  /** One more stream is open; the function that is returned says that it no longer is. */
  join(): () => void {
    this.#members += 1
    this.#listening ??= this.#listen()
    return () => {
      this.#members -= 1
      if (this.#members === 0) void this.#stop()
    }
  }

  async #listen(): Promise<EndListening> {
    try {
      const end = await this.#controlPlane.listen(() => this.#wake())
      this.#fallback = false
      return end
    } catch (error) {
      this.#fallback = true
      this.#log.warn('cannot listen for events; looking every second', { err: error })
      return null
    }
  }

  async #stop(): Promise<void> {
    const listening = this.#listening
    this.#listening = null
    try {
      const end = await listening
      await end?.()
    } catch (error) {
      this.#log.warn('cannot stop listening for events', { err: error })
    }
  }

  #wake(): void {
    this.#version += 1
    for (const resume of this.#waiting) resume()
  }
}
