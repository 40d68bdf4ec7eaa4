/** Every route of the API, for tests that hold for all of them. */
import type { RehearsalRecord } from '../core/rollback-path.ts'
import { instant } from '../core/time.ts'
import type { Scope } from '../ports/identity.ts'
import { exampleArtifact } from './example-rollout.ts'

export const request = {
  spec: { text: 'service: shop', file: 'stellwerk.yaml', folder: '/srv' },
  environment: 'prod',
  artifact: exampleArtifact(),
  flags: {},
}
const token = { name: 'x', person: 'ci:x', roles: [], scopes: ['read'], expiresAt: null }

const SEEN = { rollout: 'r-1', identity: 'x', planHash: 'y' }
const source = { source: request.spec, environment: 'prod' }
export const policy = { ...source, expected: null, note: 'as agreed' }

const DIGEST = `sha256:${'0'.repeat(64)}`

export const rehearsal: RehearsalRecord = {
  format: 1,
  service: 'shop',
  environment: 'prod',
  path: 'a'.repeat(64),
  at: instant(0),
  scenario: 'a bad release',
  seed: 1,
  result: 'rolled-back',
  trafficBackMs: 0,
}

/**
 * What a token of another service meets: `refused` where the route is of one place, `hidden` where it lists places (what is
 * elsewhere is not in the list), `of-service` where it is of a service in whatever environment, `everywhere` where it concerns all of them.
 */
export type Beyond = 'refused' | 'of-service' | 'hidden' | 'everywhere'

/** Every route: the least scope that may use it, what happens beyond a token's reach, and a body that it takes. */
export const ROUTES: readonly (readonly [method: string, path: string, scope: Scope, beyond: Beyond, body?: object])[] =
  [
    ['POST', '/api/v1/plan', 'read', 'refused', request],
    ['POST', '/api/v1/rollouts', 'deploy', 'refused', request],
    ['GET', '/api/v1/rollouts', 'read', 'hidden'],
    ['GET', '/api/v1/rollouts/r-1', 'read', 'refused'],
    ['GET', '/api/v1/rollouts/r-1/plan', 'read', 'refused'],
    ['GET', '/api/v1/rollouts/r-1/events', 'read', 'refused'],
    ['GET', '/api/v1/rollouts/r-1/logs', 'read', 'refused'],
    ['POST', '/api/v1/rollouts/r-1/approve', 'approve', 'refused', { seen: SEEN }],
    ['POST', '/api/v1/rollouts/r-1/reject', 'approve', 'refused', { reason: 'x' }],
    ['POST', '/api/v1/rollouts/r-1/pause', 'intervene', 'refused', { reason: 'x' }],
    ['POST', '/api/v1/rollouts/r-1/resume', 'intervene', 'refused', {}],
    ['POST', '/api/v1/rollouts/r-1/promote', 'intervene', 'refused', {}],
    ['POST', '/api/v1/rollouts/r-1/abort', 'intervene', 'refused', { reason: 'x' }],
    ['POST', '/api/v1/rollouts/r-1/roll-back', 'intervene', 'refused', { reason: 'x' }],
    ['POST', '/api/v1/rollouts/r-1/resolve', 'intervene', 'refused', { note: 'x' }],
    ['GET', '/api/v1/incidents', 'read', 'hidden'],
    ['GET', '/api/v1/incidents/i-1', 'read', 'refused'],
    ['POST', '/api/v1/incidents/i-1/acknowledge', 'intervene', 'refused', {}],
    ['POST', '/api/v1/incidents/i-1/resolve', 'intervene', 'refused', { note: 'x' }],
    ['GET', '/api/v1/policies', 'read', 'hidden'],
    ['GET', '/api/v1/policies/shop/prod', 'read', 'hidden'],
    ['GET', '/api/v1/policies/shop/prod/history', 'read', 'hidden'],
    ['POST', '/api/v1/policies/diff', 'read', 'refused', source],
    ['POST', '/api/v1/policies', 'policy', 'refused', policy],
    ['POST', '/api/v1/rehearsals', 'deploy', 'refused', rehearsal],
    ['GET', '/api/v1/rehearsals/shop/prod', 'read', 'hidden'],
    ['POST', '/api/v1/artifacts', 'deploy', 'of-service', { service: 'shop', artifact: exampleArtifact() }],
    ['GET', '/api/v1/artifacts/shop/v1', 'read', 'of-service'],
    ['GET', `/api/v1/contents/shop/${DIGEST}`, 'read', 'of-service'],
    ['PUT', `/api/v1/contents/shop/${DIGEST}`, 'deploy', 'of-service'],
    ['PATCH', `/api/v1/contents/shop/${DIGEST}`, 'deploy', 'of-service'],
    ['GET', '/api/v1/notifications', 'read', 'hidden'],
    ['POST', '/api/v1/notifications/replay', 'intervene', 'refused', { ids: ['r-1/1/0'] }],
    ['POST', '/api/v1/notifications/dismiss', 'intervene', 'refused', { ids: ['r-1/1/0'], reason: 'told by phone' }],
    ['POST', '/api/v1/notifications/test', 'deploy', 'refused', source],
    ['GET', '/api/v1/status', 'read', 'hidden'],
    ['GET', '/api/v1/events', 'read', 'everywhere'],
    ['GET', '/api/v1/events?rollout=r-1', 'read', 'refused'],
    ['GET', '/api/v1/audit/verify', 'read', 'everywhere'],
    ['GET', '/api/v1/audit/checkpoint', 'read', 'everywhere'],
    ['GET', '/api/v1/audit/export', 'read', 'everywhere'],
    ['POST', '/api/v1/tokens', 'admin', 'everywhere', token],
    ['GET', '/api/v1/tokens', 'admin', 'everywhere'],
    ['DELETE', '/api/v1/tokens/tok_x', 'admin', 'everywhere'],
  ]
