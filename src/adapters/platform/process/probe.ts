import { get } from 'node:http'
import type { SlotRecord } from './record.ts'

const TIMEOUT_MS = 2000

export type Probed = { readonly live: boolean; readonly ready: boolean }

/** Asks an instance how it is. A 2xx within two seconds is a yes; redirects are not followed. Not live is never ready. */
export async function probe(port: number, health: SlotRecord['health'], signal: AbortSignal): Promise<Probed> {
  if (health.live === health.ready) {
    const live = await answers(port, health.live, signal)
    return { live, ready: live }
  }
  const [live, ready] = await Promise.all([answers(port, health.live, signal), answers(port, health.ready, signal)])
  return { live, ready: live && ready }
}

function answers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timeout = AbortSignal.timeout(TIMEOUT_MS)
    const request = get(
      { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.any([signal, timeout]) },
      (response) => {
        const status = response.statusCode ?? 0
        response.resume()
        resolve(status >= 200 && status < 300)
      },
    )
    request.on('error', () => resolve(false))
  })
}
