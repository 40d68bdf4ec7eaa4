/** The smallest service that can be released well or badly, and its stellwerk.yaml with tenths of seconds for minutes. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestTree } from '../../src/adapters/artifact-store/store.ts'
import type { PlanRequest } from '../../src/engine/control-plane.ts'

export type Quality = 'good' | 'bad'

export const INSTANCES = 2

/** What a release has beside `api`: a component with a router, and a worker. */
export type Beside = 'web' | 'jobs'

const ROUTED = { web: true, jobs: false } as const

/** Components of a release with the instances of each, and whether users reach them. */
export function componentsOf(beside: readonly Beside[]) {
  const others = beside.map((name) => ({ name, instances: 1, routed: ROUTED[name] }))
  return [{ name: 'api', instances: INSTANCES, routed: true }, ...others]
}

/** The bad one fails every second request of users; health and smoke tests do not see it. */
const SERVER = `
const { createServer } = require('node:http')
const { quality, version } = require('./build.json')
let users = 0
const server = createServer((request, response) => {
  response.setHeader('x-version', version)
  request.resume().on('end', () => {
    if (request.url.startsWith('/users') && quality === 'bad' && ++users % 2 === 0) response.statusCode = 500
    response.end(version + ' ' + process.pid)
  })
})
server.listen(process.env.PORT, '127.0.0.1')
process.on('SIGTERM', () => server.close(() => process.exit(0)))
`

const SPEC = (world: string, beside: readonly Beside[]) => `
service: shop
components:
${lines(['api', ...beside], (name) => `  ${name}: { health: { live: /health, ready: /readiness } }`)}
rollout:
  steps: [50%, 100%]
  hold: 300ms
  bake: 300ms
  rollbackWindow: 400ms
  tick: 200ms
  poll: 50ms
  minRequests: 3
  extendTimes: 100
  limits: { gates: 1m, start: 1m, smoke: 1m, shift: 30s, drain: 3s, rollback: 1m, command: 1s, slowCommand: 4s }
analysis:
  - { metric: error-rate, max: 20%, trigger: { above: 30%, for: 400ms } }
smoke:
  - { name: it answers, component: api, http: GET /smoke, expect: { status: 200 } }
rollback: { watch: 300ms }
notify:
  - { on: "*", to: { kind: webhook, url: { secret: RECEIVER } } }
secrets: { RECEIVER: { kind: file, path: receiver-url } }
environments:
  test:
    components:
${lines(componentsOf(beside), (each) => ownLines(each, world))}
    gates: [artifact-pinned, stable-release]
`

const lines = <T>(all: readonly T[], line: (each: T) => string) => all.map(line).join('\n')

function ownLines({ name, instances, routed }: ReturnType<typeof componentsOf>[number], world: string): string {
  return `      ${name}:
        platform: { kind: process, command: "${process.execPath} server.js" }
        instances: ${instances}
        variables: { CRASH_WORLD: "${world}" }
${routed ? '        router: { kind: embedded, listen: "127.0.0.1:0" }' : ''}`
}

export type Build = { readonly version: string; readonly quality: Quality; readonly beside: readonly Beside[] }

/** Builds `version` into a folder of its own below `folder` and asks for its release. */
export async function buildRequest(
  { version, quality, beside }: Build,
  { folder, world, receiver }: { readonly folder: string; readonly world: string; readonly receiver: string },
): Promise<PlanRequest> {
  const built = join(folder, 'builds', version)
  await mkdir(built, { recursive: true })
  await writeFile(join(built, 'server.js'), SERVER)
  await writeFile(join(built, 'build.json'), JSON.stringify({ version, quality }))
  await writeFile(join(folder, 'receiver-url'), receiver)
  const digest = await digestTree(built)
  if (!digest.ok) throw new Error(digest.message)
  return {
    spec: { text: SPEC(world, beside), file: 'stellwerk.yaml', folder },
    environment: 'test',
    artifact: {
      version,
      commit: digest.value.slice('sha256:'.length, 'sha256:'.length + 40),
      buildUrl: `https://ci.example.org/shop/${version}`,
      authors: [],
      components: Object.fromEntries(
        componentsOf(beside).map(({ name }) => [name, { ref: built, digest: digest.value }]),
      ),
    },
    flags: {},
  }
}
