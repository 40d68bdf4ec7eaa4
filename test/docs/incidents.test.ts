/** Goal: every command and route of the guide is there, and does what the guide says. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { runCli } from '../../src/cli/run.ts'
import { decide } from '../../src/core/incident/decide.ts'
import { instant } from '../../src/core/time.ts'
import { type HttpServer, serveHttp } from '../../src/http/serve.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { testApp } from '../../src/testing/http-app.ts'
import { blocksIn } from '../../tools/docs/markdown.ts'
import { ROOT } from '../../tools/tool.ts'

const PAGE = readFileSync(join(ROOT, 'docs/guides/incidents.md'), 'utf8')
const ID = 'incident-shop-prod-7-1785024000000'
const commands = blocksIn(PAGE)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.trim().split('\n'))

describe('docs/guides/incidents.md', () => {
  const app = testApp()
  let server: HttpServer
  before(async () => {
    server = await serveHttp(app.app, { port: 0 })
    const place = { rollout: 'r-1', service: 'shop', environment: 'prod', version: 'v2' }
    const opening = { id: ID, ...place, priority: 'P2', title: 'error rate was 12 %' } as const
    app.fake.disturbances.set(ID, decide(null, { type: 'open', ...opening }, instant(1000)).state)
  })
  after(() => server.close(0))

  test('shows the life of one incident, from the list to the note', () => {
    assert.deepEqual(
      commands.map((line) => line.split(' ').slice(1, 3).join(' ')),
      ['incident list', 'incident list', 'incident show', 'incident ack', 'incident resolve'],
    )
  })

  for (const line of commands)
    test(`its command works: ${line}`, async () => {
      const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await app.token(['intervene']) }
      const io = fakeIo({ cwd: ROOT, env })
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
      assert.equal(await runCli(words.slice(1), io, {}), 0, io.errors())
      assert.notEqual(io.output(), '')
    })

  test('names every route there is', () => {
    const { paths } = JSON.parse(readFileSync(join(ROOT, 'docs/reference/openapi.json'), 'utf8')) as { paths: object }
    const there = Object.entries(paths).flatMap(([path, methods]) =>
      path.startsWith('/api/v1/incidents')
        ? Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
        : [],
    )
    const named = [...PAGE.matchAll(/^\| `([A-Z]+ [^`?]+)/gm)].map(([, route]) => route)
    assert.deepEqual(named.toSorted(), there.toSorted())
  })
})
