/** Answers the router gives itself: one self-contained page in English and German, or problem JSON for programs. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import { resetClient } from './downstream.ts'
import { noteFault } from './fault.ts'

export type Page = {
  readonly status: 200 | 400 | 408 | 500 | 501 | 502 | 503 | 504 | 505
  /** What the router did, for the `X-Stellwerk-Router` header and for programs. */
  readonly reason:
    | 'maintenance'
    | 'no-route'
    | 'connect-failure'
    | 'upstream-reset'
    | 'timeout'
    | 'saturated'
    | 'bad-request'
    | 'stalled-upload'
    | 'options'
    | 'router-fault'
    | 'unpassable'
  readonly title: string
  readonly text: string
  readonly retryAfterS: number | null
}

/** Ends the connection when even this cannot be written: a client that waits for ever is the worst answer. */
export function answer(req: IncomingMessage, res: ServerResponse, page: Page): void {
  if (res.headersSent) return
  try {
    write(req, res, page)
  } catch (error) {
    noteFault('an answer of the router', error)
    resetClient(res)
  }
}

function write(req: IncomingMessage, res: ServerResponse, page: Page): void {
  const json = prefersJson(req.headers.accept)
  const body = json ? problemJson(page) : html(page)
  const headers = [
    ['Content-Type', json ? 'application/problem+json' : 'text/html; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Cache-Control', 'no-store'],
    ['X-Stellwerk-Router', page.reason],
  ]
  if (page.retryAfterS !== null) headers.push(['Retry-After', String(page.retryAfterS)])
  // The reason is said again: one that failed before is still set.
  res.writeHead(page.status, STATUS_CODES[page.status]!, headers.flat())
  res.end(body)
}

/** True when JSON has a higher quality than HTML, as `Accept: application/json` says. */
export function prefersJson(accept: string | undefined): boolean {
  if (accept === undefined) return false
  let json = 0
  let html = 0
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
    if (type.endsWith('/json') || type.endsWith('+json')) json = Math.max(json, quality)
    if (type === 'text/html' || type === 'text/*') html = Math.max(html, quality)
  }
  return json > html
}

function problemJson({ status, reason, title, text, retryAfterS }: Page): string {
  return JSON.stringify({ type: `urn:stellwerk:router:${reason}`, title, status, detail: text, retryAfterS })
}

function html({ status, title, text, retryAfterS }: Page): string {
  const again = retryAfterS === null ? '' : AGAIN(retryAfterS)
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
<title>${escape(title)}</title>
<style>:root{color-scheme:light dark}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}
h1{font-size:1.6rem}small{opacity:.7}</style></head>
<body><main><h1>${escape(title)}</h1><p>${escape(text)}</p>${again}<p><small>HTTP ${status}</small></p></main></body>
</html>
`
}

const AGAIN = (seconds: number) =>
  `<p>Please try again in ${spell(seconds, 'second', 'minute')}.</p>
<p lang="de">Der Dienst ist gerade nicht erreichbar. Bitte versuchen Sie es in ${spell(seconds, 'Sekunde', 'Minute', 'n')} erneut.</p>`

function spell(seconds: number, second: string, minute: string, plural = 's'): string {
  const [count, unit] = seconds < 120 ? [seconds, second] : [Math.ceil(seconds / 60), minute]
  return `${count} ${unit}${count === 1 ? '' : plural}`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
