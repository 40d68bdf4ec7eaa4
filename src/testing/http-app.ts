import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContents } from '../adapters/artifact-store/receive.ts'
import { createTokenStore } from '../adapters/identity/token-store.ts'
import { createTokens } from '../adapters/identity/tokens.ts'
import { instant } from '../core/time.ts'
import { createApp } from '../http/app.ts'
import type { Log } from '../ports/log.ts'
import type { Api } from '../http/route.ts'
import type { HttpOptions } from '../http/types.ts'
import { CONTROL_PLANE, type Scope, type Tokens } from '../ports/identity.ts'
import { readVersion } from '../version.ts'
import { FakeControlPlane } from './fake-control-plane.ts'
import { memoryStore } from './memory-store.ts'
import { virtualClock } from './virtual-clock.ts'

export type LoggedLine = { readonly level: string; readonly data: object; readonly message: string }

export type TestApp = {
  readonly app: Api
  readonly fake: FakeControlPlane
  readonly tokens: Tokens
  readonly logged: LoggedLine[]
  /** A fresh token with these scopes. */
  token(scopes: readonly Scope[], person?: string, roles?: readonly string[]): Promise<string>
  /** Calls the API, `call("GET /api/v1/status", secret)`; an object body is sent as JSON. */
  call(what: string, secret: string | null, body?: unknown, headers?: object): Promise<Response>
}

/** Keeps nothing; its folder is made when something is sent to it. */
function noContents() {
  return createContents({ folder: join(tmpdir(), `stellwerk-no-contents-${process.pid}`), bytesMax: 0, now: Date.now })
}

/** The HTTP API over a fake control plane, without a socket. */
export function testApp(options: Partial<HttpOptions> = {}): TestApp {
  const fake = new FakeControlPlane()
  const logged: LoggedLine[] = []
  const log =
    (level: string) =>
    (message: string, data: object = {}) =>
      void logged.push({ level, data, message })
  const now = options.now ?? Date.now
  const clock = virtualClock()
  const tokenStore = createTokenStore({ store: memoryStore({ clock }), clock })
  const tokens = createTokens({ store: tokenStore, now: () => instant(now()) })
  const logs: Log = { info: log('info'), warn: log('warn'), error: log('error') }
  const app = createApp({
    controlPlane: fake,
    contents: noContents(),
    tokens,
    log: logs,
    version: readVersion(),
    ...options,
  })
  return {
    app,
    fake,
    tokens,
    logged,
    async token(scopes, person = 'person:alex', roles = []) {
      const issued = await tokens.issue({ name: 'test', person, roles, scopes, expiresAt: null }, CONTROL_PLANE)
      if (!issued.ok) throw new Error(JSON.stringify(issued.problems))
      return issued.value.secret
    },
    async call(what, secret, body, headers = {}) {
      const [method, path] = what.split(' ') as [string, string]
      const auth = secret === null ? {} : { Authorization: `Bearer ${secret}` }
      const json = body === undefined ? {} : { 'Content-Type': 'application/json' }
      const text = typeof body === 'string' ? body : JSON.stringify(body)
      return app.request(path, {
        method,
        headers: { ...auth, ...json, ...headers },
        ...(body !== undefined && { body: text }),
      })
    },
  }
}
