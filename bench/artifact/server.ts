/** Part of `artifact/upload`: a control plane's HTTP API over a real store, and beside it a plain server that writes what it is sent. */
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createContents } from '../../src/adapters/artifact-store/receive.ts'
import { serveHttp } from '../../src/http/serve.ts'
import { testApp } from '../../src/testing/http-app.ts'

export type Started = { readonly url: string; readonly token: string; readonly plainUrl: string }
/** Bytes; `grownBytes`: the largest resident memory since the last report beyond what it was at the start. */
export type Report = { readonly grownBytes: number; readonly cpuMs: number }

const folder = process.argv[2]!
const contents = createContents({ folder: join(folder, 'store'), bytesMax: 1e12, now: Date.now })
const { app, token } = testApp({ contents })
const api = await serveHttp(app, { port: 0 })
const plain = createServer(async (request, response) => {
  await pipeline(request, createWriteStream(join(folder, 'put')))
  response.end()
})
await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
const atStart = process.memoryUsage.rss()
let most = atStart
let cpu = process.cpuUsage()
setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10)
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  process.send!({ grownBytes: most - atStart, cpuMs: (user + system) / 1000 } satisfies Report)
})
const plainUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/put`
process.send!({ url: api.url, token: await token(['deploy']), plainUrl } satisfies Started)
