/** The builds that the fault tests release: one small server with ways to misbehave, pinned like any other artifact. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestTree } from '../../src/adapters/artifact-store/store.ts'
import type { Artifact } from '../../src/core/artifact.ts'

export type Behaviour =
  | 'good'
  | 'slow-start'
  | 'never-ready'
  | 'exits'
  | 'hangs'
  /** Healthy, but what users ask for is never answered. */
  | 'hangs-for-users'
  /** Fails for users, and does not care about SIGTERM when it has to go. */
  | 'fails-and-stays'

const SERVER = `
const { createServer } = require('node:http')
const { behaviour, version } = require('./build.json')
console.log('starting ' + version)
if (behaviour === 'exits') { console.error('cannot find the database'); process.exit(3) }
if (behaviour === 'fails-and-stays') process.on('SIGTERM', () => console.log('not now'))
const readyAt = Date.now() + (behaviour === 'slow-start' ? 2500 : 0)
createServer((request, response) => {
  if (behaviour === 'hangs') return
  response.setHeader('x-version', version)
  if (request.url === '/readiness' && (behaviour === 'never-ready' || Date.now() < readyAt)) response.statusCode = 503
  if (request.url === '/' && behaviour === 'hangs-for-users') return
  if (request.url === '/' && behaviour === 'fails-and-stays') response.statusCode = 500
  console.log(request.url)
  response.end(version)
}).listen(process.env.PORT, '127.0.0.1')
`

export async function buildService(parent: string, version: string, behaviour: Behaviour): Promise<Artifact> {
  const folder = join(parent, version)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'server.js'), SERVER)
  await writeFile(join(folder, 'build.json'), JSON.stringify({ behaviour, version }))
  const digest = await digestTree(folder)
  if (!digest.ok) throw new Error(digest.message)
  return {
    version,
    commit: digest.value.slice('sha256:'.length, 'sha256:'.length + 40),
    buildUrl: `https://ci.example.org/builds/${version}`,
    authors: [],
    components: { api: { ref: folder, digest: digest.value } },
  }
}

export type SpecChange = {
  readonly listen?: string
  /** Long by default: an order that died with its control plane is taken over after 10 s without its heartbeat. */
  readonly startLimit?: string
}

/** Seconds where a real spec has minutes. */
export function specOf(service: string, { listen = '127.0.0.1:0', startLimit = '25s' }: SpecChange = {}): string {
  return `
service: ${service}
components:
  api: { health: { live: /health, ready: /readiness } }
rollout:
  steps: [50%, 100%]
  hold: 4s
  bake: 3s
  extendTimes: 1
  rollbackWindow: 10m
  tick: 500ms
  poll: 200ms
  minRequests: 10
  limits: { start: ${startLimit}, smoke: 10s, shift: 10s, drain: 2s, rollback: 15s, command: 3s, slowCommand: 15s }
analysis:
  - { metric: error-rate, max: 5%, trigger: { above: 20%, for: 2s } }
smoke:
  - { name: the smoke page answers, http: GET /smoke, expect: { status: 200 } }
rollback: { watch: 2s }
environments:
  prod:
    components:
      api:
        platform: { kind: process, command: "${process.execPath} server.js", stopGrace: 1s }
        instances: 1
        router: { kind: embedded, listen: "${listen}", deadline: 1s, timeout: 2s, drain: 1s }
    gates: [artifact-pinned]
`
}
