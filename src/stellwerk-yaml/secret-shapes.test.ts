import { say } from '../core/say.ts'
import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { planOf, problemsOf, smallSpec } from './fixture.ts'
import { secretShape, whySecret } from './secret-shapes.ts'

/** Put together here, so that no scanner of repositories takes the examples for the real thing. */
const made = (...parts: readonly string[]) => parts.join('')
const RANDOM = 'k3J9xQ2mVb7LpR4tYw8ZsN1c'

const SECRETS: readonly (readonly [string, string])[] = [
  ['DB_PASSWORD', 'hunter2'],
  ['dbPassword', 'hunter2'],
  ['db-passwd', 'hunter2'],
  ['PASSWORD', '123456'],
  ['AUTH_SECRET', 'abc'],
  ['LTC_SECRET_KEY', 'change-me-please'],
  ['SECRET_KEY_BASE', 'abc'],
  ['STRIPE_API_KEY', 'abc'],
  ['stripeApiKey', 'abc'],
  ['AWS_SECRET_ACCESS_KEY', 'abc'],
  ['SESSION_TOKEN', 'abc'],
  ['SENTRY_DSN', 'https://abc@sentry.example.com/1'],
  ['PRIVATE_KEY', 'abc'],
  ['SMTP_PASS', 'abc'],
  ['CREDENTIALS', 'abc'],
  ['DATABASE_URL', 'postgres://shop:hunter2@db.example.com/shop'],
  ['REDIS', 'redis://:hunter2@10.0.0.7:6379'],
  ['DB', 'host=db user=shop password=hunter2'],
  ['STORAGE', 'DefaultEndpointsProtocol=https;AccountKey=abcdef=='],
  ['HOOK', made('https://hooks.', 'slack.com/services/T0/B0/x')],
  ['FEED', 'https://example.com/feed?token=abcdef123'],
  ['TLS', made('-----BEGIN RSA PRIV', 'ATE KEY-----\nabc')],
  ['FORGE', made('gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2')],
  ['FORGE', made('glp', 'at-', 'a1B2c3D4e5F6g7H8i9J0')],
  ['CLOUD', made('AK', 'IA', 'ABCDEFGHIJKLMNOP')],
  ['PAY', made('sk_', 'live_', 'a1B2c3D4e5F6')],
  ['BEARER', made('ey', 'JhbGciOiJI', '.ey', 'JzdWIiOiIx', '.abcdef')],
  ['HEADER', 'Bearer abcdefghijklmnop'],
  ['ANYTHING', RANDOM],
  ['ANYTHING', 'aGVsbG8gd29ybGQgdGhpcyBpcyBh+/=='],
  ['ANYTHING', '9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c'],
]

const HARMLESS: readonly (readonly [string, string])[] = [
  ['LOG_LEVEL', 'info'],
  ['NODE_ENV', 'production'],
  ['REGION', 'europe-west3-production-2'],
  ['BASE_URL', 'https://shop.example.com/path/to/things'],
  ['DATABASE_URL', 'postgres://db.example.com/shop'],
  ['DATABASE_URL', 'postgres://shop@db.example.com/shop'],
  ['REQUIRE_TOKEN', 'true'],
  ['SESSION_TOKEN', '3600'],
  ['TOKEN_TTL', '30m'],
  ['TOKEN_ISSUER', 'https://id.example.com'],
  ['MAX_TOKENS', '4096'],
  ['PASSWORD_MIN_LENGTH', '12'],
  ['DB_PASSWORD_FILE', '/run/secrets/db'],
  ['TLS_PRIVATE_KEY', '/etc/ssl/private/shop.pem'],
  ['GOOGLE_APPLICATION_CREDENTIALS', '/run/secrets/google.json'],
  ['DB_PASSWORD', ''],
  ['GIT_SHA', 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'],
  ['COMMIT', 'a94a8fe5ccb19ba61c4c0873d391e987982fbbd3'],
  ['TENANT', '6f1c2d7e-8a9b-4c3d-9e0f-1a2b3c4d5e6f'],
  ['CLIENT_ID', RANDOM],
  ['PUBLIC_KEY', RANDOM],
  ['FEATURES', 'checkout,new-search,loyalty-programme,vouchers'],
  ['MONKEY', 'banana'],
  ['KEYBOARD', 'qwertz'],
  ['COMPASS', 'north'],
  ['CSP', "default-src 'self'; img-src https://images.example.com"],
  ['GREETING', 'Supercalifragilisticexpialidocious'],
  ['CRON', '0 3 * * *'],
]

describe('a variable', () => {
  for (const [name, value] of SECRETS) {
    it(`${name} = ${value.slice(0, 24)}… looks like a secret`, () => assert.notEqual(whySecret(name, value), null))
  }
  for (const [name, value] of HARMLESS) {
    it(`${name} = ${value.slice(0, 40)} does not`, () => assert.equal(whySecret(name, value), null))
  }
})

const ROUTED = 'router: { kind: embedded }'

test('is refused by name, without being repeated, and with what to write instead', () => {
  const [problem = '', ...more] = problemsOf(smallSpec('variables: { DB_PASSWORD: hunter2, LOG_LEVEL: info }'))
  assert.deepEqual(more, [])
  assert.match(
    problem,
    /variables\.DB_PASSWORD: expected `secrets: \{ DB_PASSWORD: \{ kind: env, name: DB_PASSWORD \} \}` of the component, since its name says that it is a secret, or `\{ public: … \}`/,
  )
  assert(!problem.includes('hunter2'))
  const own = smallSpec().replace(ROUTED, `${ROUTED}, variables: { URL: "redis://:hunter2@db/1" }`)
  assert.match(problemsOf(own).join(), /components\.api\.variables\.URL: .* since it holds an address with a password/)
  const layered = smallSpec('', 'dev: { variables: { API_KEY: abc } }')
  assert.match(problemsOf(layered).join(), /environments\.dev\.variables\.API_KEY/)
})

test('is accepted where somebody says that everybody may know it', () => {
  const spec = smallSpec('variables: { PUSH_TOKEN: { public: BOr4nd0m }, LOG_LEVEL: info }')
  assert.deepEqual(planOf(spec, 'dev').components[0]!.variables, { PUSH_TOKEN: 'BOr4nd0m', LOG_LEVEL: 'info' })
})

test('what nothing but a secret looks like is refused wherever it stands: commands, bodies, headers, flags', () => {
  const token = made('gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2')
  assert.deepEqual(secretShape(`node server.js --token ${token}`), say`a token of GitHub`)
  const specs = [
    smallSpec().replace('node server.js', `node server.js --token ${token}`),
    smallSpec().replace('GET /health', `POST /login, body: { token: ${token} }`),
    smallSpec().replace('GET /health', `GET /health, headers: { x-auth: ${token} }`),
    smallSpec('migrations: { kind: command, component: api, expand: "psql postgres://u:hunter2@db/x" }'),
    smallSpec('rollback: { mitigate: [{ component: api, run: "curl https://u:hunter2@host/off" }] }'),
    smallSpec(`gates: [{ kind: command, run: "check ${token}" }]`),
  ]
  for (const spec of specs) {
    const problems = problemsOf(spec)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.doesNotMatch(problems[0]!, /hunter2|a1B2c3/)
  }
  assert.throws(() => planOf(smallSpec(), 'dev', { flags: { 'api-key': 'abc' } }), /is no place for a secret/)
  assert.throws(() => planOf(smallSpec(), 'dev', { flags: { note: token } }), /is no place for a secret/)
})

test('a smoke check may send a wrong token, or say that a real one is public', () => {
  const wrong = smallSpec().replace('GET /health', 'GET /health, headers: { authorization: Bearer not-a-real-token }')
  assert.deepEqual(problemsOf(wrong), [])
  const jwt = made('ey', 'JhbGciOiJI', '.ey', 'JzdWIiOiIx', '.abcdef')
  const expired = smallSpec().replace(
    'GET /health',
    `GET /health, headers: { authorization: { public: Bearer ${jwt} } }`,
  )
  assert.deepEqual(planOf(expired, 'dev').smoke[0]!.headers, { authorization: `Bearer ${jwt}` })
})

const NOTIFY = 'notify: [{ on: "*", to: { kind: webhook, url: { secret: CHAT } } }]'

test('a notifier names its address as a secret; the plan holds only where that is read', () => {
  const spec = smallSpec(`${NOTIFY}\nsecrets: { CHAT: { kind: file, path: chat } }`)
  assert.deepEqual(planOf(spec, 'dev').notify[0]!.to, {
    kind: 'webhook',
    url: { kind: 'file', path: '/srv/lokaltreu/chat' },
  })
  assert.match(
    problemsOf(smallSpec(NOTIFY)).join(),
    /the secret of the environment "CHAT" is not declared under secrets/,
  )
  const slip = smallSpec(`${NOTIFY}\nsecrets: { CHATT: { kind: env, name: C } }`)
  assert.match(
    problemsOf(slip).join('\n'),
    /did you mean "CHATT"\?[^]*nothing in `notify` or `metrics` names CHATT, so it would have no effect/,
  )
})

test('a secret that one environment names is no idle one in the others', () => {
  const two = `dev: {}\n  prod: { components: { api: { router: { listen: "127.0.0.1:8081" } } }, ${NOTIFY} }`
  assert.deepEqual(problemsOf(smallSpec('secrets: { CHAT: { kind: env, name: CHAT } }', two)), [])
})
