/**
 * Content on its way from one machine to another: the real client, a real HTTP server over a real store, and a line between
 * them that breaks. Every fault ends with the content whole, or with a refusal that says where it stands.
 */
import assert from 'node:assert/strict'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { createContents } from '../../src/adapters/artifact-store/receive.ts'
import { remove } from '../../src/adapters/artifact-store/homes.ts'
import { digestTree } from '../../src/adapters/artifact-store/store.ts'
import { readTree } from '../../src/adapters/artifact-store/tree.ts'
import { Client } from '../../src/cli/client/client.ts'
import { handOver, type Upload } from '../../src/cli/client/upload.ts'
import { serveHttp } from '../../src/http/serve.ts'
import { testApp } from '../../src/testing/http-app.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

const SIZE = 3_000_000

let folder: string
before(async () => {
  folder = await temporaryFolder('upload')
})
after(async () => {
  for (const name of await readdir(folder)) await remove(join(folder, name))
  await rm(folder, { recursive: true, force: true })
})

/** Passes `limit()` bytes of each connection on, and then breaks it. */
async function brittleLine(port: number, limit: () => number): Promise<{ readonly port: number; end(): void }> {
  const sockets = new Set<Socket>()
  const line: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let left = limit()
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => other.destroy())
    }
    far.on('data', (data) => void near.write(data))
    near.on('data', (data) => {
      far.write(data.subarray(0, left))
      left -= data.length
      if (left <= 0) far.end()
    })
  })
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve))
  return {
    port: (line.address() as AddressInfo).port,
    end() {
      line.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function stage(context: TestContext, { bytesMax = 1e9, size = SIZE } = {}) {
  const home = join(folder, `case-${Math.random().toString(36).slice(2)}`)
  const tree = join(home, 'tree')
  const store = join(home, 'store')
  await mkdir(join(tree, 'lib'), { recursive: true })
  await writeFile(join(tree, 'server.js'), Buffer.alloc(size / 2, 'abcdefg'))
  await writeFile(join(tree, 'lib/a.js'), Buffer.alloc(size / 2, 'hijklmnop'))
  const read = await readTree(tree)
  assert.ok(read.ok)
  const open = () => {
    const contents = createContents({ folder: store, bytesMax, keepFreeBytes: 0, now: Date.now })
    context.after(() => contents.close())
    return contents
  }
  const app = testApp({ contents: open() })
  const server = await serveHttp(app.app, { port: 0 })
  context.after(() => server.close(0))
  const token = await app.token(['deploy'], 'ci:github')
  const upload = (url: string, more: Partial<Upload> = {}): Upload => ({
    client: new Client(async () => ({ url, token })),
    service: 'shop',
    name: 'api',
    root: tree,
    manifest: read.value,
    came: () => {},
    waits: () => {},
    patienceMs: 20_000,
    ...more,
  })
  const assertWhole = async () => {
    const { digest, bytes } = read.value
    const found = await digestTree(join(store, `sha256-${digest.slice(7)}`))
    assert.equal(found.ok && found.value, digest)
    assert.equal((await readdir(store)).length, 1, 'nothing is left beside it')
    assert.deepEqual(app.fake.received, [{ service: 'shop', digest, bytes, files: 2 }])
  }
  return { ...app, server, tree, store, manifest: read.value, open, upload, assertWhole }
}

/** What answers 200 to everything, in the same words. */
async function sayingAlways(context: TestContext, text: string): Promise<string> {
  const server = createHttpServer((request, response) => {
    request.resume().on('end', () => response.setHeader('content-type', 'application/json').end(text))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('content over a wire', () => {
  it('goes to no server that answers something else, or that never takes a byte', async (t) => {
    const there = await stage(t)
    for (const text of [
      '{}',
      'null',
      '{"state":"partial","receivedBytes":-1}',
      '{"state":"partial","receivedBytes":1e9}',
    ]) {
      const url = await sayingAlways(t, text)
      await assert.rejects(handOver(there.upload(url)), /does not say how far it has come/, text)
    }
    const still = await sayingAlways(t, '{"state":"partial","receivedBytes":7}')
    await assert.rejects(handOver(there.upload(still, { patienceMs: 0 })), /7 of 3000000 bytes are there/)
  })

  it('is never in memory, whatever type it says it has, and whoever it is for', async (t) => {
    const there = await stage(t)
    const secret = await there.token(['deploy'], 'ci:github')
    let pulled = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        if (pulled > 2000) controller.close()
        else controller.enqueue(Buffer.alloc(2 ** 16))
      },
    })
    const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' }
    const init = { method: 'PATCH', headers, body, duplex: 'half' } as const
    const answer = await there.app.request(`/api/v1/contents/shop/${there.manifest.digest}`, init)
    assert.equal(answer.status, 409)
    assert.match(await answer.text(), /its manifest comes first/)
    assert.ok(pulled < 10, `${pulled} pieces were read for nothing`)
  })

  it('goes over once; the second time it is there already', async (t) => {
    const there = await stage(t)
    const came: number[] = []
    assert.equal(await handOver(there.upload(there.server.url, { came: (bytes) => came.push(bytes) })), true)
    assert.equal(await handOver(there.upload(there.server.url)), false)
    assert.ok(came.length > 1 && came.every((bytes, index) => index === 0 || bytes > came[index - 1]!), came.join(' '))
    await there.assertWhole()
  })

  it('what another service brought is not there by its digest alone; by its manifest it is, without a byte', async (t) => {
    const there = await stage(t)
    assert.equal(await handOver(there.upload(there.server.url)), true)
    const headers = { Authorization: `Bearer ${await there.token(['deploy'], 'ci:github')}` }
    const stateOf = async (service: string) => {
      const answer = await there.app.request(`/api/v1/contents/${service}/${there.manifest.digest}`, { headers })
      return ((await answer.json()) as { readonly state: string }).state
    }
    assert.deepEqual([await stateOf('shop'), await stateOf('other')], ['kept', 'absent'])
    assert.equal(await handOver(there.upload(there.server.url, { service: 'other' })), false)
    assert.equal(await stateOf('other'), 'kept')
    assert.deepEqual(
      there.fake.received.map(({ service }) => service),
      ['shop', 'other'],
    )
  })

  it('a line that breaks at every tenth costs nothing but what was on it', async (t) => {
    const there = await stage(t)
    let cuts = 0
    const waited: unknown[] = []
    // What comes before the bytes, and the last tenth, get through.
    const limit = () => (++cuts > 12 ? Infinity : SIZE / 10 + 2000)
    const line = await brittleLine(Number(new URL(there.server.url).port), limit)
    t.after(() => line.end())
    const upload = there.upload(`http://127.0.0.1:${line.port}`, { waits: (why) => waited.push(why) })
    assert.equal(await handOver(upload), true)
    assert.ok(waited.length >= 9, `it broke ${waited.length} times`)
    await there.assertWhole()
  })

  it('a control plane that ends meanwhile and comes back goes on where it was', async (t) => {
    const there = await stage(t, { size: 12_000_000 })
    const port = Number(new URL(there.server.url).port)
    let ended = 0
    const again = async () => {
      await there.server.close(0)
      const { app } = testApp({ contents: there.open(), tokens: there.tokens })
      const server = await serveHttp(app, { port })
      t.after(() => server.close(0))
    }
    const starts: Promise<void>[] = []
    const came = (bytes: number) => {
      if (bytes > 0 && ended++ === 0) starts.push(again())
    }
    assert.equal(await handOver(there.upload(there.server.url, { came })), true)
    await Promise.all(starts)
    assert.ok(ended > 1, 'it ended in between')
    const found = await digestTree(join(there.store, `sha256-${there.manifest.digest.slice(7)}`))
    assert.equal(found.ok && found.value, there.manifest.digest)
  })

  it('two at once end with one content, and neither fails', async (t) => {
    const there = await stage(t)
    await Promise.all([handOver(there.upload(there.server.url)), handOver(there.upload(there.server.url))])
    await there.assertWhole()
  })

  it('says at once that it is too large, that nobody is there, and that the token may not', async (t) => {
    const there = await stage(t, { bytesMax: 1000 })
    await assert.rejects(handOver(there.upload(there.server.url)), {
      exit: 'usage',
      message: /it has 3000000 bytes, and this control plane takes at most 1000/,
    })
    const reader = await there.token(['read'])
    const client = new Client(async () => ({ url: there.server.url, token: reader }))
    await assert.rejects(handOver(there.upload(there.server.url, { client })), { exit: 'notAllowed' })
    await there.server.close(0)
    await assert.rejects(handOver(there.upload(there.server.url)), { exit: 'unreachable' })
  })

  it('says which file changed since it was read', async (t) => {
    const there = await stage(t)
    await writeFile(join(there.tree, 'lib/a.js'), Buffer.alloc(SIZE / 2, 'another'))
    await assert.rejects(handOver(there.upload(there.server.url)), {
      exit: 'usage',
      message: /what came as lib\/a\.js is not what was announced: expected sha256:\w{64}, found sha256:/,
    })
    await writeFile(join(there.tree, 'lib/a.js'), 'short')
    await assert.rejects(handOver(there.upload(there.server.url)), /lib\/a\.js has changed since it was read/)
  })
})
