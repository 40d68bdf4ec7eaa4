/** A control plane in this process with a PostgreSQL of its own, and services released through its API. */
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { startControlPlane } from '../../src/composition/start.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { until } from '../../src/testing/until.ts'
import { buildService, specOf } from './service.ts'

export const PATIENCE = { timeoutMs: 90_000, everyMs: 200 }

/** Whoever starts it tears it down. */
export async function startOwn(dataFolder: string) {
  const builds = await temporaryFolder('builds')
  chmodSync(builds, 0o755)
  const plane = await startControlPlane({
    dataFolder,
    databaseUrl: null,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    progress: () => undefined,
  })
  const call = async (path: string, body?: unknown) => {
    const answer = await fetch(`${plane.url}${path}`, {
      headers: { authorization: `Bearer ${plane.localToken}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text() }
  }
  const request = async (version: string) => {
    const artifact = await buildService(builds, version, 'good')
    const spec = { text: specOf('shop', { startLimit: '60s' }), file: 'stellwerk.yaml', folder: builds }
    return call('/api/v1/rollouts', { spec, environment: 'prod', artifact, flags: {} })
  }
  const release = async (version: string) => {
    const asked = await request(version)
    assert.ok(asked.status < 300, asked.text)
    return (JSON.parse(asked.text) as RolloutView).id
  }
  /** Null while the database is away. */
  const view = async (id: string) => {
    const { status, text } = await call(`/api/v1/rollouts/${id}`)
    return status === 200 ? (JSON.parse(text) as RolloutView) : null
  }
  /** Waits until it is as wanted; a rollout that ends otherwise fails the wait at once. */
  const reaches = async (id: string, what: string, wanted: (view: RolloutView) => boolean) => {
    let last: RolloutView | null = null
    const look = async () => {
      last = (await view(id)) ?? last
      return last !== null && (wanted(last) || last.final)
    }
    await until(`${id} ${what}`, look, PATIENCE).catch((error: Error) => {
      throw new Error(`${error.message}\n${JSON.stringify(last, null, 1)}`)
    })
    assert.ok(last !== null && wanted(last), `${id} was to be ${what}: ${JSON.stringify(last, null, 1)}`)
    return last as RolloutView
  }
  return { plane, builds, call, request, release, view, reaches }
}
