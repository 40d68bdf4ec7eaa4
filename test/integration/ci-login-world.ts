/** A forge that signs tokens for its jobs, and lies when it is told to; and a control plane's API that lets them in. */
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { restrictedHttp } from '../../src/adapters/http.ts'
import { createForgeTokens } from '../../src/adapters/identity/forge/forge-tokens.ts'
import type { CiGrant } from '../../src/core/ci.ts'
import { policyOf, type HeldPolicy } from '../../src/core/policy/policy.ts'
import { instant } from '../../src/core/time.ts'
import { createCiLogin } from '../../src/engine/ci-login.ts'
import { serveHttp } from '../../src/http/serve.ts'
import { planFor } from '../../src/testing/plans.ts'
import { testApp } from '../../src/testing/http-app.ts'

export const NOW = Date.UTC(2026, 11, 1, 12)
const AT_S = NOW / 1000
/** What a job asks for its token with. */
const BEARER = 'runner-secret'

export type Mood = 'well' | 'down' | 'html' | 'huge' | 'elsewhere' | 'other issuer' | 'redirects'

/** `asked`: how often its keys were read. */
export async function forge(t: TestContext) {
  const state = { mood: 'well' as Mood, asked: 0 }
  let handing: (() => Promise<string>) | null = null
  let pair = { id: 'one', ...(await generateKeyPair('RS256')) }
  const server = http.createServer(async (request, response) => {
    const json = (value: unknown) => response.end(JSON.stringify(value))
    if (state.mood === 'down') return response.destroy()
    if (state.mood === 'html') return response.end('<html>sign in</html>')
    if (state.mood === 'huge') return response.end('x'.repeat(400_000))
    if (state.mood === 'redirects') return response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    if (handing !== null && request.url?.startsWith('/token?')) {
      const isAsked = request.headers.authorization === `Bearer ${BEARER}` && request.url.endsWith('audience=stellwerk')
      return isAsked ? json({ value: await handing() }) : response.writeHead(401).end()
    }
    if (request.url === '/.well-known/openid-configuration') {
      const keys = state.mood === 'elsewhere' ? 'http://127.0.0.1:1/keys' : `${issuer}/keys`
      return json({ issuer: state.mood === 'other issuer' ? 'https://evil.example.com' : issuer, jwks_uri: keys })
    }
    state.asked++
    return json({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: pair.id, alg: 'RS256', use: 'sig' }] })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  let count = 0
  const claims = (changes: object = {}) => ({
    iss: issuer,
    aud: 'stellwerk',
    sub: 'repo:octo/shop:ref:refs/heads/main',
    jti: `token-${++count}`,
    iat: AT_S - 10,
    nbf: AT_S - 10,
    exp: AT_S + 300,
    repository_id: '123',
    repository_owner_id: '45',
    repository: 'octo/shop',
    ref: 'refs/heads/main',
    event_name: 'push',
    job_workflow_ref: 'octo/shop/.github/workflows/deploy.yml@refs/heads/main',
    actor_id: '583231',
    run_id: '42',
    ...changes,
  })
  return {
    issuer,
    state,
    claims,
    /** As `accounts` names somebody of this forge. */
    account: (actor: string, kind = 'github') => `ci:${kind}-127.0.0.1-${new URL(issuer).port}-${actor}`,
    /** The public key, as text: what a forger knows. */
    publicKey: async () => JSON.stringify(await exportJWK(pair.publicKey)),
    /** Answers jobs that ask for their token, as GitHub's runner has them do. */
    handsOut: (token: () => Promise<string>) => {
      handing = token
      return { url: `${issuer}/token?api-version=2.0`, bearer: BEARER }
    },
    rotate: async () => {
      pair = { id: 'two', ...(await generateKeyPair('RS256')) }
    },
    sign: (changes: object = {}, header: object = {}) =>
      new SignJWT(claims(changes)).setProtectedHeader({ alg: 'RS256', kid: pair.id, ...header }).sign(pair.privateKey),
  }
}

export type Forge = Awaited<ReturnType<typeof forge>>

export const grant = (issuer: string, changes: Partial<CiGrant> = {}): CiGrant => ({
  forge: 'github',
  issuer,
  repository: '123',
  owner: '45',
  refs: ['refs/heads/main', 'refs/tags/v*'],
  events: ['push', 'workflow_dispatch'],
  workflow: null,
  environment: null,
  ...changes,
})

type Accounts = Readonly<Record<string, string>>

function held(environment: string, ci: readonly CiGrant[], accounts: Accounts, roles: readonly string[]): HeldPolicy {
  const approvals = roles.map((role) => ({ role, at: 'start' as const }))
  const { ci: _, ...policy } = policyOf(planFor())
  return {
    service: 'shop',
    environment,
    version: 1,
    hash: 'sha256:00',
    policy: { ...policy, accounts, approvals, ...(ci.length > 0 ? { ci } : {}) },
    at: instant(0),
    by: 'person:kim',
    how: 'set',
    rollout: null,
    note: '',
    changes: [],
  }
}

type Grants = Readonly<Record<string, readonly CiGrant[]>>

/** A control plane at an address of its own, whose policies of `shop` grant so by environment. */
export async function controlPlane(
  t: TestContext,
  grants: Grants,
  /** By environment. */
  accounts: Readonly<Record<string, Accounts>> = {},
  roles: readonly string[] = [],
) {
  const clock = { at: NOW }
  const now = () => instant(clock.at)
  const policies = Object.entries(grants).map(([environment, ci]) =>
    held(environment, ci, accounts[environment] ?? {}, roles),
  )
  const forgeTokens = createForgeTokens({
    httpOf: (wanted) => restrictedHttp({ mayReach: (host) => host === wanted, fetch }),
    clock: { now, sleepUntil: async () => undefined },
  })
  let count = 0
  const deps = { policies: async () => policies, forge: forgeTokens, now, unique: () => String(++count) }
  let login: ReturnType<typeof createCiLogin> | null = null
  const world = testApp({ now: () => clock.at, ciLogin: (request, signal) => login!(request, signal) })
  login = createCiLogin({ ...deps, tokens: world.tokens })
  const server = await serveHttp(world.app, { port: 0 })
  t.after(() => server.close(0))
  const ask = async (token: string, changes: object = {}) => {
    const answer = await fetch(`${server.url}/api/v1/login/ci`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, service: 'shop', ...changes }),
    })
    const body = (await answer.json()) as Record<string, never> & { detail?: string; secret?: string; token?: Issued }
    return { status: answer.status, why: body.detail ?? '', secret: body.secret ?? '', token: body.token, answer }
  }
  return { ...world, url: server.url, clock, ask }
}

type Issued = {
  readonly id: string
  readonly person: string
  readonly scopes: readonly string[]
  readonly services: readonly string[]
  readonly environments: readonly string[]
  readonly roles: readonly string[]
  readonly expiresAt: number
}
