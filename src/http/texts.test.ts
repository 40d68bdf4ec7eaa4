import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testApp } from '../testing/http-app.ts'
import { policy, request, ROUTES } from '../testing/http-routes.ts'
import { ProblemBody } from './schemas.ts'

/** What no database keeps: refused in every text. */
const NO_TEXT: readonly (readonly [string, string])[] = [
  ['a\0b', 'U+0000'],
  ['\ud83d', 'U+D83D'],
  ['a\udc00b', 'U+DC00'],
]

/** What could forge a line of ours: refused where one line is meant. */
const NO_LINE: readonly (readonly [string, string])[] = [
  ['x\nv9 is live', 'U+000A'],
  ['x\r', 'U+000D'],
  ['x\u2028y', 'U+2028'],
  ['x\u0085y', 'U+0085'],
  ['\x1b[2J', 'U+001B'],
  ['a\tb', 'U+0009'],
  ['\x7f', 'U+007F'],
  ['\x9b31m', 'U+009B'],
  ['a\u202eb', 'U+202E'],
  ['\u2066a', 'U+2066'],
  ['\u200f', 'U+200F'],
  ['\ufeffa', 'U+FEFF'],
]

const MANY_LINES = ['body.spec.text', 'body.source.text', 'body.flags.color']

type Leaf = { readonly where: string; readonly withText: (text: string) => object }

/** Every text in a body, and the body with another one there. */
function leavesOf(body: object, where = 'body'): readonly Leaf[] {
  return Object.entries(body).flatMap(([name, value]: [string, unknown]): readonly Leaf[] => {
    const put = (inner: unknown) => (Array.isArray(body) ? [inner] : { ...body, [name]: inner })
    const place = `${where}.${name}`
    if (typeof value === 'string') return [{ where: place, withText: put }]
    if (typeof value !== 'object' || value === null) return []
    return leavesOf(value, place).map((leaf) => ({ where: leaf.where, withText: (text) => put(leaf.withText(text)) }))
  })
}

async function served() {
  const { call, token } = testApp()
  const secret = await token(['admin'])
  const refusal = async (what: string, body?: unknown, headers?: object) => {
    const response = await call(what, secret, body, headers)
    assert.equal(response.status, 400, what)
    return ProblemBody.parse(await response.json())
  }
  return { call, secret, refusal }
}

describe('a text that cannot be kept, or could forge a line', () => {
  for (const [method, path, , , given] of ROUTES) {
    it(`${method} ${path}: is refused wherever it stands, with its place`, async () => {
      const { refusal } = await served()
      const body = given && 'flags' in given ? { ...given, flags: { color: 'red' } } : given
      for (const { where, withText } of body ? leavesOf(body) : []) {
        for (const [text, code] of MANY_LINES.includes(where) ? NO_TEXT : [...NO_TEXT, ...NO_LINE]) {
          const { problems, detail } = await refusal(`${method} ${path}`, withText(text))
          assert.deepEqual([problems.length, problems[0]?.where], [1, where])
          assert.match(problems[0]?.message ?? '', new RegExp(`\\(${code.replace('+', '\\+')}\\)`))
          assert(detail.includes(where) && !detail.includes(text), detail)
        }
      }
    })

    it(`${method} ${path}: is refused in the address`, async () => {
      const { refusal } = await served()
      const joint = path.includes('?') ? '&' : '?'
      assert.equal((await refusal(`${method} ${path}${joint}service=a%00b`, given)).problems[0]?.where, 'query.service')
      if (/\/(?:r-1|tok_x)/.test(path)) {
        const strange = path.replace(/r-1|tok_x/, 'r-%00')
        assert.equal((await refusal(`${method} ${strange}`, given)).problems[0]?.where, 'param.id')
      }
    })
  }

  it('is refused in the name of a member, too, and the name is shown as text', async () => {
    const { refusal } = await served()
    const { problems } = await refusal('POST /api/v1/rollouts', { ...request, flags: { 'a\0\u202e': 'x' } })
    assert.deepEqual(problems, [{ where: 'body.flags.a␀\ufffd', message: 'has a NUL (U+0000) in its name' }])
  })

  it('is refused in an Idempotency-Key', async () => {
    const { refusal } = await served()
    const { problems } = await refusal('POST /api/v1/rollouts', request, { 'Idempotency-Key': 'a\tb' })
    assert.equal(problems[0]?.where, 'header.idempotency-key')
  })

  it('is refused before anything happens, at any depth, and lists no more than twenty', async () => {
    const { refusal } = await served()
    const deep = `${'{"a":'.repeat(100_000)}"x"${'}'.repeat(100_000)}`
    assert.match((await refusal('POST /api/v1/rollouts', deep)).detail, /nested too deeply/)
    const { problems } = await refusal('POST /api/v1/rollouts', { ...request, flags: Array(1000).fill('\0') })
    assert.equal(problems.length, 20)
  })

  it('is nothing that other texts have: umlauts, emoji with joiners, several lines of a spec and of a flag', async () => {
    const { call, secret } = await served()
    const flags = { color: 'red\n\tgreen\n' }
    const spec = { ...request.spec, text: 'service: shop\r\n# ä 日本\n' }
    const started = await call('POST /api/v1/rollouts', secret, { ...request, spec, flags })
    assert.equal(started.status, 201)
    const note = 'zu spät – 👨‍👩‍👧 می‌خواهم'
    assert.equal((await call('POST /api/v1/policies', secret, { ...policy, note })).status, 201)
  })
})
