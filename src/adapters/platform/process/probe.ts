import { get, type IncomingMessage } from 'node:http'
import { firstLine } from '../../../core/storable.ts'
import type { SlotRecord } from './record.ts'
import { timeLimit } from '../../../timers.ts'

/** Of an instance that is asked how it is. */
export const PROBE_LIMIT_MS = 2000
/** Of an answer's body no more is read than it takes to show its first line. */
const BODY_MAX_BYTES = 2048

/** `why`: what stood against being ready, `GET /readiness: 503 "no database"`; null when it is. */
export type Probed = { readonly live: boolean; readonly ready: boolean; readonly why: string | null }

/** `redact` takes secrets out of an answer before it is shortened: half a secret is no longer known as one. */
export type Asking = { readonly signal: AbortSignal; readonly limitMs: number; redact(text: string): string }

/** Asks an instance how it is. A 2xx within `limitMs` is a yes; redirects are not followed. Not live is never ready. */
export async function probe(port: number, health: SlotRecord['health'], asking: Asking): Promise<Probed> {
  const asked = [...new Set([health.live, health.ready])]
  const found = await Promise.all(asked.map((path) => ask(port, path, asking)))
  const [live = null] = found
  const why = found.find((each) => each !== null) ?? null
  return { live: live === null, ready: why === null, why }
}

/** What is wrong with the answer; null for a good one. */
function ask(port: number, path: string, { signal, limitMs, redact }: Asking): Promise<string | null> {
  return new Promise((resolve) => {
    const timeout = timeLimit(limitMs)
    const request = get(
      { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.any([signal, timeout]) },
      (response) => {
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300) {
          response.resume()
          resolve(null)
        } else void saidIn(response, redact).then((said) => resolve(`GET ${path}: ${status}${said}`))
      },
    )
    request.on('error', ({ message }) =>
      resolve(`GET ${path}: ${timeout.aborted ? `no answer in ${limitMs / 1000} s` : message}`),
    )
  })
}

/** What people need to see what is wrong: where a redirect leads, else the first line of the body; empty when it says nothing. */
async function saidIn(response: IncomingMessage, redact: Asking['redact']): Promise<string> {
  const { location } = response.headers
  if (location !== undefined) {
    response.destroy()
    return ` to ${firstLine(redact(location))}`
  }
  const line = firstLine(redact(await beginning(response)))
  return line === '' ? '' : ` "${line}"`
}

/** A body that breaks off, or takes its time, has said what it has. */
async function beginning(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      parts.push(part)
      bytes += part.length
      if (bytes >= BODY_MAX_BYTES) break
    }
  } catch {}
  return Buffer.concat(parts).toString('utf8', 0, BODY_MAX_BYTES)
}
