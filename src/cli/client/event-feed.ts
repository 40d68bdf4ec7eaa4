import { quote, say, type Told, verbatim } from '../../core/say.ts'
import { StellwerkError } from '../../errors.ts'
import type { Client } from './client.ts'
import { delay, startTimer } from '../../timers.ts'

/** Without even a heartbeat for this long the connection counts as dead. */
const SILENCE_MS = 45_000
const PAUSES_MS = [100, 250, 500, 1000, 2000]

export type FedEvent = {
  readonly id: number
  /** The event's JSON, exactly as the control plane sent it. */
  readonly json: string
}

export type FeedOptions = {
  readonly client: Client
  readonly rollout: string
  /** How long the control plane may stay away before this gives up, ms. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  readonly lost: (why: Told) => void
  readonly backAgain: () => void
}

/**
 * The events of one rollout from its beginning, in order, each once: over lost connections and restarts of the control
 * plane it goes on after the last one seen. An empty batch is a sign of life. Ends when `signal` aborts; throws when the
 * control plane stays away for longer than `patienceMs`, or refuses.
 */
export async function* eventFeed(options: FeedOptions): AsyncGenerator<readonly FedEvent[]> {
  const { signal, patienceMs } = options
  let last = 0
  let away: { readonly since: number; tries: number } | null = null
  function comeBack(): void {
    if (away) options.backAgain()
    away = null
  }
  while (!signal.aborted) {
    try {
      for await (const batch of connection(options, last)) {
        comeBack()
        last = batch.at(-1)?.id ?? last
        yield batch
      }
      throw new StellwerkError('unreachable', { ...GONE, why: say`the connection ended` })
    } catch (error) {
      if (signal.aborted) return
      if (!isPassing(error)) throw error
      if (away === null) options.lost(error instanceof StellwerkError ? error.text.why : quote(String(error)))
      away ??= { since: performance.now(), tries: 0 }
      if (performance.now() - away.since >= patienceMs) throw error
      await pause(away.tries, signal)
      away.tries += 1
    }
  }
}

const GONE = {
  what: say`control plane unreachable`,
  serving: say`unknown: control plane unreachable`,
  fix: verbatim('stellwerk doctor'),
}

function isPassing(error: unknown): boolean {
  return !(error instanceof StellwerkError) || error.exit === 'unreachable'
}

async function pause(tries: number, signal: AbortSignal): Promise<void> {
  const ms = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)]!
  await delay(ms, undefined, { signal }).catch(() => {})
}

async function* connection(options: FeedOptions, last: number): AsyncGenerator<readonly FedEvent[]> {
  const silence = new AbortController()
  const watch = () => startTimer(() => silence.abort(new Error('no heartbeat')), SILENCE_MS)
  let watchdog = watch()
  const signal = AbortSignal.any([options.signal, silence.signal])
  try {
    const path = `/events?rollout=${encodeURIComponent(options.rollout)}`
    const headers = { 'Last-Event-ID': String(last) }
    const response = await options.client.open(path, { doing: say`follow the rollout`, headers, signal })
    let text = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      watchdog.stop()
      watchdog = watch()
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop()!
      yield blocks.flatMap(parseBlock)
    }
  } finally {
    watchdog.stop()
  }
}

/** One event of the stream; comments (heartbeats) and `retry` give none. */
export function parseBlock(block: string): readonly FedEvent[] {
  const fields = new Map(block.split('\n').map((line) => splitField(line)))
  const [id, json] = [fields.get('id'), fields.get('data')]
  return id === undefined || json === undefined ? [] : [{ id: Number(id), json }]
}

function splitField(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}
