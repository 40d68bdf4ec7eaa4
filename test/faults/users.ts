/** Users: a steady stream of requests, each on a connection of its own, each counted under what became of it. */
import { Agent, request } from 'node:http'

export type Users = {
  /** Answers per version with status 200. */
  readonly served: Readonly<Record<string, number>>
  readonly lost: readonly { readonly at: number; readonly why: string }[]
  stop(): Promise<void>
}

const EVERY_MS = 25
const LIMIT_MS = 5000

export function startUsers(url: () => string | null): Users {
  const served: Record<string, number> = {}
  const lost: { at: number; why: string }[] = []
  const flying = new Set<Promise<void>>()
  const agent = new Agent({ keepAlive: false })
  const timer = setInterval(() => {
    const to = url()
    if (to === null) return
    const one = ask(agent, to)
      .then((version) => void (served[version] = (served[version] ?? 0) + 1))
      .catch((error: Error) => void lost.push({ at: Date.now(), why: error.message }))
      .finally(() => flying.delete(one))
    flying.add(one)
  }, EVERY_MS)
  const stop = async () => {
    clearInterval(timer)
    await Promise.all(flying)
  }
  return { served, lost, stop }
}

/** The version that answered with status 200. */
export function ask(agent: Agent | undefined, url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...(agent && { agent }), signal: AbortSignal.timeout(LIMIT_MS) }, (answer) => {
      answer.resume()
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(String(answer.headers['x-version']))
        else reject(new Error(`status ${answer.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end()
  })
}
