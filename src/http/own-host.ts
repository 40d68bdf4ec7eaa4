/**
 * What needs no token is answered only to those who ask by our own name. A page of another site can have its name point at
 * this address (DNS rebinding), and its visitor's browser then takes our answers for that site's; it sends that name as `Host`.
 * Under /api no such page gets anywhere: the token is nothing that a browser sends by itself.
 */
import { say } from '../core/say.ts'
import { isIP } from 'node:net'
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'
import type { HttpEnv } from './types.ts'

export function ownHost(names: readonly string[]): MiddlewareHandler<HttpEnv> {
  const own = new Set(['localhost', ...names.map(plain)])
  return async (c, next) => {
    const host = c.req.header('host')
    if (c.req.path.startsWith('/api/') || isOwn(host, own)) return await next()
    const why = say`This control plane is not known as ${JSON.stringify(host) ?? ''}. Use its address, or start it with "stellwerk up --allow-host NAME".`
    return problem(c, 'wrong-host', why)
  }
}

/** An address cannot be made to point elsewhere; what sends no `Host` is no browser. */
function isOwn(host: string | undefined, own: ReadonlySet<string>): boolean {
  if (host === undefined) return true
  const [, bracketed, name] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host) ?? []
  if (bracketed !== undefined) return isIP(bracketed) === 6
  return name !== undefined && (isIP(name) === 4 || own.has(plain(name)))
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '')
}
