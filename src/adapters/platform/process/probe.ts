import { get } from 'node:http'
import type { SlotRecord } from './record.ts'

const TIMEOUT_MS = 2000

/** `why`: what stood against being ready, `GET /readiness: 503`; null when it is. */
export type Probed = { readonly live: boolean; readonly ready: boolean; readonly why: string | null }

/** Asks an instance how it is. A 2xx within two seconds is a yes; redirects are not followed. Not live is never ready. */
export async function probe(port: number, health: SlotRecord['health'], signal: AbortSignal): Promise<Probed> {
  const asked = [...new Set([health.live, health.ready])]
  const found = await Promise.all(asked.map((path) => ask(port, path, signal)))
  const [live = null] = found
  const why = found.find((each) => each !== null) ?? null
  return { live: live === null, ready: why === null, why }
}

/** What is wrong with the answer; null for a good one. */
function ask(port: number, path: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const request = get(
      { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.any([signal, timeout]) },
      (response) => {
        const status = response.statusCode ?? 0
        response.resume()
        resolve(status >= 200 && status < 300 ? null : `GET ${path}: ${status}`)
      },
    )
    request.on('error', ({ message }) =>
      resolve(`GET ${path}: ${timeout.aborted ? `no answer in ${TIMEOUT_MS / 1000} s` : message}`),
    )
  })
}
