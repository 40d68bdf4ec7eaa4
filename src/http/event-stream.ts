import type { ControlPlane } from '../engine/control-plane.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { Log } from '../ports/log.ts'
import type { Wakeups } from './wakeups.ts'
import { type Timer, startTimer } from '../timers.ts'

/** Events per read of the log, and so the most that one slow client keeps in memory. */
const BATCH = 100

export type EventStreamOptions = {
  readonly controlPlane: ControlPlane
  readonly wakeups: Wakeups
  readonly log: Log
  readonly rollout: string | null
  /** Events with `position > after` are sent. */
  readonly after: number
  readonly heartbeatMs: number
  readonly stallMs: number
  readonly ended: () => void
}

type Controller = ReadableStreamDefaultController<Uint8Array>

/**
 * The log as server-sent events: `id` is the position, `event` the type, `data` the event itself. Reads from the log only
 * when the client has taken what it was sent, so a slow client costs one batch; one that takes nothing for `stallMs` is
 * cut off. It resumes with `Last-Event-ID` and misses nothing: the log is the buffer.
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(new EventSource(options), { highWaterMark: 0 })
}

class EventSource {
  readonly #options: EventStreamOptions
  readonly #over = new AbortController()
  readonly #encoder = new TextEncoder()
  readonly #leave: () => void
  #position: number
  #stalled: Timer | undefined

  constructor(options: EventStreamOptions) {
    this.#options = options
    this.#position = options.after
    this.#leave = options.wakeups.join()
  }

  start(controller: Controller): void {
    this.#send(controller, 'retry: 1000\n\n')
  }

  async pull(controller: Controller): Promise<void> {
    this.#stalled?.stop()
    try {
      this.#send(controller, await this.#next())
    } catch (error) {
      this.#options.log.error('event stream failed', { err: error })
      this.#cutOff(controller, 'the log cannot be read now')
    }
  }

  cancel(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort()
    this.#stalled?.stop()
    this.#leave()
    this.#options.ended()
  }

  #send(controller: Controller, text: string): void {
    if (this.#over.signal.aborted) return
    const stall = () => this.#cutOff(controller, 'the client took nothing for too long')
    this.#stalled = startTimer(stall, this.#options.stallMs).unref()
    controller.enqueue(this.#encoder.encode(text))
  }

  #cutOff(controller: Controller, why: string): void {
    this.cancel()
    controller.error(new Error(why))
  }

  /** The next text to send: new events, or a heartbeat after a quiet while. */
  async #next(): Promise<string> {
    const { wakeups, heartbeatMs } = this.#options
    const seen = wakeups.version()
    const ready = await this.#read()
    if (ready !== '') return ready
    await wakeups.wait(seen, heartbeatMs, this.#over.signal)
    if (this.#over.signal.aborted) return ''
    return (await this.#read()) || ': nothing new\n\n'
  }

  async #read(): Promise<string> {
    const { controlPlane, rollout } = this.#options
    const filter = { ...(rollout !== null && { rollout }), after: this.#position, limit: BATCH }
    const events = await controlPlane.events(filter)
    this.#position = events.at(-1)?.position ?? this.#position
    return events.map(sseText).join('')
  }
}

/** JSON has no raw line breaks, so one `data:` line is enough. */
export function sseText(event: StoredEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\nid: ${event.position}\n\n`
}
