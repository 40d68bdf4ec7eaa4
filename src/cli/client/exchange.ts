/** One request with bytes, written from where they are: `fetch` copies them first, and half of a large upload is then copying. */
import { Agent, type IncomingMessage, request as plain, type RequestOptions } from 'node:http'
import { Agent as TlsAgent, request as encrypted } from 'node:https'

export type Exchanged = { readonly status: number; readonly url: string; readonly text: () => Promise<string> }

export type BytesRequest = {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  readonly signal: AbortSignal
}

/** Kept between the parts of an upload; an idle connection keeps no process going. */
const AGENTS = { plain: new Agent({ keepAlive: true }), encrypted: new TlsAgent({ keepAlive: true }) }

/** Rejects where no answer came, or not all of it. Redirects are answers like others. */
export async function exchange(url: string, { method, headers, bytes, signal }: BytesRequest): Promise<Exchanged> {
  const isEncrypted = new URL(url).protocol === 'https:'
  const length = { 'Content-Length': String(bytes.length) }
  const options: RequestOptions = {
    method,
    headers: { ...headers, ...length },
    signal,
    agent: isEncrypted ? AGENTS.encrypted : AGENTS.plain,
  }
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (isEncrypted ? encrypted : plain)(url, options)
    sent.once('response', resolve)
    sent.once('error', reject)
    sent.end(bytes)
  })
  const parts: Buffer[] = []
  for await (const part of answer) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  return { status: answer.statusCode ?? 0, url, text: async () => text }
}
