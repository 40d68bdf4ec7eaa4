import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRedaction, redactor, redactStream, SHORTEST_SECRET } from './redact.ts'

test('takes exact values out, the longer one first', () => {
  const redact = redactor(['hunter22', 'hunter22-and-more'])
  assert.equal(redact('a hunter22-and-more b hunter22.'), 'a [redacted] b [redacted].')
  assert.equal(redact('hunter22hunter22'), '[redacted]')
})

const PASSWORD = `pä"ss/w'örd & <more>+?\\t`
const KEY = `-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n${'x7Yz'.repeat(20)}\n-----END KEY-----\n`
const HEX = '0123456789abcdef'.repeat(4)

/** Name, secret, what somebody prints, and what nothing of may be left. */
const REPEATED: readonly (readonly [string, string, string, string])[] = [
  ['as it is', PASSWORD, `password is ${PASSWORD}.`, 'ss/w'],
  ['in JSON', PASSWORD, JSON.stringify({ p: PASSWORD }), 'ss/w'],
  ['in JSON within JSON', PASSWORD, JSON.stringify({ log: JSON.stringify({ p: PASSWORD }) }), 'ss/w'],
  ['in JSON of ASCII', 'pässwörd', '{"p":"p\\u00e4ssw\\u00f6rd"}', 'ssw'],
  ['in JSON with escaped slashes', 'abc/def/ghi', '"abc\\/def\\/ghi"', 'def'],
  ['between single quotes', "it's-me-again", `'it\\'s-me-again'`, 'again'],
  ['in a URL', PASSWORD, `?p=${encodeURIComponent(PASSWORD)}`, 'ss%2Fw'],
  ['in a URL in small letters', 'a b/c:d?e', '?p=a%20b%2fc%3ad%3fe', 'b%2fc'],
  ['in a form', PASSWORD, new URLSearchParams({ p: PASSWORD }).toString(), 'ss%2Fw'],
  ['in HTML', `a&b<c>"d"'e'`, '<p>a&amp;b&lt;c&gt;&quot;d&quot;&#x27;e&#x27;</p>', 'b&lt;c'],
  ['in hexadecimal', PASSWORD, Buffer.from(PASSWORD).toString('hex'), '2f77'],
  [
    'in base64',
    PASSWORD,
    Buffer.from(PASSWORD).toString('base64'),
    Buffer.from(PASSWORD).toString('base64').slice(4, 12),
  ],
  ['the password of an address', 'postgres://app:s3cr%2Ft@db:5432/x', 'role app, password s3cr/t', 's3cr'],
  [
    'the path of a webhook',
    'https://hooks.example/services/T00/B11/abcdefgh',
    'POST /services/T00/B11/abcdefgh',
    'abcdefgh',
  ],
  ['a line of several', KEY, 'read MIIEvQIBADANBgkqhkiG9w0BAQEFAASC', 'MIIEv'],
  ['without the line break at its end', 'token-of-mine\n', 'token-of-mine', 'token'],
  ['with the line break within JSON', KEY, JSON.stringify(KEY), 'x7Yz'],
]

for (const [how, secret, printed, gone] of REPEATED) {
  test(`takes a secret out where it is repeated ${how}`, () => {
    assert.ok(printed.includes(gone), 'the case is one')
    const left = redactor([secret])(printed)
    assert.match(left, /\[redacted\]/)
    assert.ok(!left.includes(gone), left)
  })
}

const AROUND = ['', 'u', 'u:', 'us:', 'user:'].flatMap((before) =>
  ['', '\n', 'x', 'xy', 'xyz'].flatMap((behind) =>
    (['base64', 'base64url'] as const).map((encoding) => ({ before, behind, encoding })),
  ),
)

for (const secret of ['hunter22', 'abcd', 'ä?>ü~~~', HEX, KEY]) {
  test(`finds ${JSON.stringify(secret.slice(0, 12))} in base64 whatever stands around it, url-safe as well`, () => {
    const middle = Buffer.from(secret).toString('base64').slice(4, 10)
    for (const { before, behind, encoding } of AROUND) {
      const text = Buffer.from(`${before}${secret}${behind}`).toString(encoding)
      const left = redactor([secret])(text)
      const cover = Math.ceil((Buffer.byteLength(before + behind) * 8) / 6) + 6
      assert.ok(left.replaceAll('[redacted]', '').length <= cover, `${text}: ${left}`)
      if (before === '') assert.ok(!left.includes(middle), left)
    }
  })
}

test('finds a secret in base64 that was wrapped, line by line', () => {
  for (const columns of [64, 76]) {
    for (const before of ['', 'user:']) {
      const text = Buffer.from(before + KEY).toString('base64')
      const lines = text.match(new RegExp(`.{1,${columns}}`, 'g')) ?? []
      const redact = redactor([KEY])
      const kept = lines.map((line) => redact(line).replaceAll('[redacted]', '')).join('')
      // What is left: others' bits at both ends, and a last line shorter than a fragment that can be known.
      const limit = 2 * before.length + 16
      assert.ok(kept.length <= limit, `${columns}: ${kept}`)
    }
  }
  const lines =
    Buffer.from(`${HEX}\n`)
      .toString('base64')
      .match(/.{1,76}/g) ?? []
  assert.deepEqual(lines.map(redactor([HEX])), ['[redacted]', '[redacted]go='])
})

test('treats characters of a pattern as characters', () => {
  assert.equal(redactor(['a.c+(d)|[e]'])('abcd a.c+(d)|[e] x'), 'abcd [redacted] x')
})

test('leaves very short values and texts without secrets alone', () => {
  assert.equal(redactor(['1', 'on', '', ' a '])('1 is on, a b'), '1 is on, a b')
  assert.equal(redactor([])('text'), 'text')
  assert.equal(SHORTEST_SECRET, 4)
  assert.equal(redactor(['abcd'])('xabcdx'), 'x[redacted]x')
})

test('leaves words alone that are only a part of a secret', () => {
  const redact = redactor([
    'postgres://app:hunter22@database.example:5432/orders',
    '{\n  "type": "x",\n  "key": "0123456789"\n}',
  ])
  const text = 'postgres: connection to database.example:5432 failed for app; { "kind": "y" }'
  assert.equal(redact(text), text)
})

test('redacting twice changes nothing, whatever the secret', () => {
  for (const secret of ['hunter22', 'redacted', '[redacted]', 'acted', 'a [redacted] b']) {
    const redact = redactor([secret])
    const once = redact(`x ${secret} y`)
    assert.equal(redact(once), once, secret)
  }
})

test('a redaction learns as it goes on, also for who holds it already', () => {
  const { learn, redact } = createRedaction()
  assert.equal(redact('hunter22 opensesame'), 'hunter22 opensesame')
  learn(['hunter22'])
  learn(['opensesame', 'hunter22'])
  assert.equal(redact('hunter22 opensesame'), '[redacted] [redacted]')
})

test('a stream lets nothing of a secret go, wherever its pieces are cut', () => {
  const secrets = ['abcdefghij-klmnopqrst-uvwxyz', KEY, 'wxyz-and-more']
  const text = ['begin ', ...secrets, Buffer.from(KEY).toString('base64'), ' end'].join('').repeat(40)
  for (const size of [1, 2, 7, 100, 4099, 9000]) {
    const stream = redactStream(secrets)
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []
    const left = pieces.map((piece) => stream.write(piece)).join('') + stream.end()
    assert.equal(left.replaceAll(/(\[redacted\])+/g, '*'), 'begin * end'.repeat(40), String(size))
  }
  const later = redactStream([])
  assert.equal(later.write('it is hunt'), '')
  later.learn(['hunter22'])
  assert.equal(later.write('er22') + later.end(), 'it is [redacted]')
  const empty = redactStream([])
  assert.equal(empty.write('a') + empty.end(), 'a')
})

test('a thousand secrets cost a long line little', () => {
  const secrets = Array.from({ length: 1000 }, (_, index) => `secret-number-${index}-${'abc'.repeat(index % 20)}`)
  const redact = redactor(secrets)
  const line = 'GET /api/v1/orders?page=2 200 12 ms '.repeat(400)
  const began = performance.now()
  assert.equal(redact(line), line)
  assert.ok(performance.now() - began < 500)
})
