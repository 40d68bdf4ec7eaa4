import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Credential } from './credentials.ts'
import { inspectImage } from './image.ts'
import { digestOf, imageFor, indexOf, type LyingRegistry, lyingRegistry, says, wireOf } from './fixture-registry.ts'
import { openRepository } from './registry.ts'

const IMAGE = imageFor('amd64')
const AT = `/v2/team/api/manifests/${IMAGE.digest}`
const CONFIG = `/v2/team/api/blobs/${digestOf(IMAGE.config)}`
const TOKEN = JSON.stringify({ token: 't0' })
const ALEX: Credential = { user: 'alex', password: 'geheim' }
const ALEX_BASIC = `Basic ${Buffer.from('alex:geheim').toString('base64')}`

async function registry(t: TestContext): Promise<LyingRegistry> {
  const made = await lyingRegistry()
  t.after(made.close)
  made.answer(AT, says(200, IMAGE.manifest))
  made.answer(CONFIG, says(200, IMAGE.config))
  return made
}

function look(
  at: LyingRegistry,
  given: { digest?: string; credential?: Credential; waits?: number[]; wanted?: string[] } = {},
) {
  const digest = given.digest ?? IMAGE.digest
  const image = { registry: at.host, repository: 'team/api', digest }
  const { signal } = new AbortController()
  const asking = { wire: wireOf(given.waits), image, credential: given.credential ?? null, signal }
  return inspectImage(openRepository(asking), digest, given.wanted)
}

async function refusal(looked: ReturnType<typeof look>): Promise<string> {
  const found = await looked
  assert.ok(!found.ok)
  return `${found.kind}: ${found.message}`
}

function challenge(at: LyingRegistry, path = '/token') {
  return {
    'www-authenticate': `Bearer realm="http://${at.host}${path}",service="reg",scope="repository:team/api:pull"`,
  }
}

/** Lets in whoever has the token. */
function guarded(at: LyingRegistry, path: string, body: string, realm = at): void {
  at.answer(path, (request, response) =>
    request.headers.authorization === 'Bearer t0'
      ? response.writeHead(200).end(body)
      : response.writeHead(401, challenge(realm)).end(),
  )
}

test('an image that is there: its digest, and what it is made for, from its configuration', async (t) => {
  const at = await registry(t)
  assert.deepEqual(await look(at), { ok: true, value: { platforms: ['linux/amd64'] } })
  assert.match(
    await refusal(look(at, { wanted: ['linux/arm64'] })),
    /^permanent: it is made for linux\/amd64, not for linux\/arm64$/,
  )
})

test('an index: each image of it must be there, attestations are none', async (t) => {
  const at = await registry(t)
  const arm = imageFor('arm64')
  const index = indexOf({ amd64: IMAGE, arm64: arm, unknown: imageFor('unknown') })
  at.answer(`/v2/team/api/manifests/${digestOf(index)}`, says(200, index))
  const wanted = { digest: digestOf(index), wanted: ['linux/arm64'] }
  assert.match(await refusal(look(at, wanted)), /of its index, the image for linux\/arm64: .* has no sha256:/)
  at.answer(`/v2/team/api/manifests/${arm.digest}`, says(200, arm.manifest))
  assert.deepEqual(await look(at, wanted), { ok: true, value: { platforms: ['linux/amd64', 'linux/arm64'] } })
})

test('one token serves for the whole image; the login goes to the realm, never with the question itself', async (t) => {
  const at = await registry(t)
  guarded(at, AT, IMAGE.manifest)
  guarded(at, CONFIG, IMAGE.config)
  at.answer('/token', says(200, TOKEN))
  assert.ok((await look(at, { credential: ALEX })).ok)
  assert.deepEqual(at.asked, [
    `GET ${AT} -`,
    `GET /token?service=reg&scope=repository%3Ateam%2Fapi%3Apull ${ALEX_BASIC}`,
    `GET ${AT} Bearer t0`,
    `GET ${CONFIG} Bearer t0`,
  ])
})

test('a registry with Basic gets the login, a stranger is told how to log in', async (t) => {
  const at = await registry(t)
  at.answer(AT, (request, response) =>
    request.headers.authorization === ALEX_BASIC
      ? response.writeHead(200).end(IMAGE.manifest)
      : response.writeHead(401, { 'www-authenticate': 'Basic realm="r"' }).end(),
  )
  assert.ok((await look(at, { credential: ALEX })).ok)
  assert.match(
    await refusal(look(at)),
    /^permanent: .* 401 for team\/api, and nobody has logged in there: "docker login/,
  )
  const wrong = refusal(look(at, { credential: { user: 'alex', password: 'falsch' } }))
  assert.match(await wrong, /^permanent: .* the login for it is wrong, has expired or may not read this$/)
})

test('an identity token is exchanged, not sent as a password', async (t) => {
  const at = await registry(t)
  guarded(at, AT, IMAGE.manifest)
  guarded(at, CONFIG, IMAGE.config)
  let form = ''
  at.answer('/token', async (request, response) => {
    for await (const chunk of request.setEncoding('utf8')) form += chunk
    response.writeHead(200).end(JSON.stringify({ access_token: 't0' }))
  })
  assert.ok((await look(at, { credential: { identityToken: 'refresh-me' } })).ok)
  assert.equal(new URLSearchParams(form).get('refresh_token'), 'refresh-me')
})

test('a realm elsewhere without TLS never gets a login', async (t) => {
  const at = await registry(t)
  const header = { 'www-authenticate': 'Bearer realm="http://registry.invalid/token",service="reg"' }
  at.answer(AT, says(401, '', header))
  assert.match(
    await refusal(look(at, { credential: ALEX })),
    /wants the login to be sent to registry\.invalid without TLS/,
  )
})

test('a blob at another host is fetched there, without what the registry knows us by', async (t) => {
  const [at, cloud] = [await registry(t), await registry(t)]
  guarded(at, AT, IMAGE.manifest)
  at.answer('/token', says(200, TOKEN))
  at.answer(CONFIG, says(307, '', { location: `http://${cloud.host}/signed?key=1` }))
  cloud.answer('/signed', says(200, IMAGE.config))
  assert.ok((await look(at, { credential: ALEX })).ok)
  assert.deepEqual(cloud.asked, ['GET /signed?key=1 -'])
  assert.equal(at.asked.at(-1), `GET ${CONFIG} Bearer t0`)
})

test('redirects end: in a circle, to no address', async (t) => {
  const at = await registry(t)
  at.answer(AT, says(302, '', { location: AT }))
  assert.match(await refusal(look(at)), /^permanent: .* redirects more than 5 times$/)
  at.answer(AT, says(302, '', { location: 'file:///etc/passwd' }))
  assert.match(await refusal(look(at)), /^permanent: .* redirects to what is no address$/)
})

test('whoever asks for time gets it, up to half a minute and three times', async (t) => {
  const at = await registry(t)
  const waits: number[] = []
  let count = 0
  const busyOnce = (headers: Record<string, string>) => {
    count = 0
    at.answer(AT, (request, response) => says(count++ === 0 ? 429 : 200, IMAGE.manifest, headers)(request, response))
  }
  busyOnce({ 'retry-after': '7' })
  assert.ok((await look(at, { waits })).ok)
  busyOnce({ 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' })
  assert.ok((await look(at, { waits })).ok)
  busyOnce({})
  assert.ok((await look(at, { waits })).ok)
  assert.deepEqual(waits, [7000, 9000, 1000])
  busyOnce({ 'retry-after': '3600' })
  assert.match(await refusal(look(at, { waits })), /^transient: .* 429: it was asked too often.* again in 3600 s$/)
  at.answer(AT, says(503))
  assert.match(await refusal(look(at, { waits })), /^transient: .* answers 503$/)
  assert.equal(waits.length, 5)
})

test('what is not the image is never taken for it', async (t) => {
  const at = await registry(t)
  const cases: readonly (readonly [ReturnType<typeof says>, RegExp])[] = [
    [says(404), /^permanent: .* has no sha256:\w+ in team\/api$/],
    [says(403), /^permanent: .* 403 for team\/api, and nobody has logged in/],
    [says(500), /^transient: .* answers 500$/],
    [says(204), /^permanent: .* answers 204, which says nothing/],
    [says(401), /^permanent: .* says neither Basic nor Bearer/],
    [
      says(200, '<html>Log in</html>', { 'content-type': 'text/html; charset=utf-8' }),
      /^permanent: .* with a web page/,
    ],
    [says(200, imageFor('arm64').manifest), /^permanent: .* something else .* its digest is sha256:/],
    [says(200, IMAGE.manifest.slice(1)), /^permanent: .* something else/],
    [
      (_, response) => void response.writeHead(200).write(Buffer.alloc(4 * 1024 * 1024 + 1)),
      /^permanent: .* larger than 4194304 bytes$/,
    ],
    [(_, response) => void response.destroy(), /^transient: .* does not answer/],
  ]
  for (const [answering, expected] of cases) {
    at.answer(AT, answering)
    assert.match(await refusal(look(at)), expected)
  }
})

test('what has the right digest and is no image is refused', async (t) => {
  const at = await registry(t)
  for (const [text, expected] of [
    ['not JSON', /^permanent: it is no image: neither/],
    ['{"schemaVersion":1,"fsLayers":[]}', /^permanent: it is no image: neither/],
    [indexOf({}), /^permanent: its index names no image$/],
    [
      indexOf(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, IMAGE]))),
      /names 65 images, more than 64$/,
    ],
    [
      imageFor('', 'unknown').manifest.replace(/"config":\{[^}]*\}/, '"config":{"digest":"sha256:1"}'),
      /^permanent: it is no image/,
    ],
  ] as const) {
    at.answer(`/v2/team/api/manifests/${digestOf(text)}`, says(200, text))
    assert.match(await refusal(look(at, { digest: digestOf(text) })), expected)
  }
})

test('a realm that does not help is told with what it said', async (t) => {
  const at = await registry(t)
  guarded(at, AT, IMAGE.manifest)
  for (const [answering, expected] of [
    [says(401), /^permanent: .* \(said by 127\.0\.0\.1:\d+\)$/],
    [says(500), /^transient: .* answers 500 instead of a token$/],
    [says(200, 'no'), /^permanent: .* answers without a token$/],
    [says(200, JSON.stringify({ token: 'a\r\nX-Evil: 1' })), /^permanent: .* answers without a token$/],
    [says(200, JSON.stringify({ token: 'another' })), /^permanent: .* 401 for team\/api/],
  ] as const) {
    at.answer('/token', answering)
    assert.match(await refusal(look(at)), expected)
  }
})

test('a registry that never ends its answer is given up, once', async (t) => {
  const at = await registry(t)
  at.answer(AT, (_, response) => void response.writeHead(200).write('{'))
  const wire = wireOf()
  const hasty = {
    ...wire,
    http: ((url, asked) => wire.http(url, { ...asked, timeLimitMs: 2000 })) satisfies typeof wire.http,
  }
  const image = { registry: at.host, repository: 'team/api', digest: IMAGE.digest }
  const asking = { wire: hasty, image, credential: null, signal: new AbortController().signal }
  const found = inspectImage(openRepository(asking), IMAGE.digest)
  assert.match(await refusal(found), /^unknown: 127\.0\.0\.1:\d+: it did not answer within 2000 ms$/)
  assert.equal(at.asked.length, 1)
})

test('a registry that is not there may come back', async (t) => {
  const at = await registry(t)
  at.close()
  const waits: number[] = []
  assert.match(await refusal(look(at, { waits })), /^transient: 127\.0\.0\.1:\d+: it does not answer/)
  assert.deepEqual(waits, [1000, 1000])
})
