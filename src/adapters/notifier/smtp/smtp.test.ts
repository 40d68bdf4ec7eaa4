import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { instant } from '../../../core/time.ts'
import { failure } from '../../../ports/result.ts'
import { problemsOf, smallSpec } from '../../../stellwerk-yaml/fixture.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { selfSigned } from '../../../testing/certificate.ts'
import { type Mood, notificationOf, notifierContract, ORDER } from '../../../testing/notifier-contract.ts'
import { temporaryFolder } from '../../../testing/temporary-folder.ts'
import { smtp } from './smtp.ts'

const execute = promisify(execFile)

const NOW = instant(Date.UTC(2026, 10, 30, 12, 0, 0))
const secret = (name: string) => ({ kind: 'env', name })
const SECRETS = { USER: 'stellwerk\n', PASSWORD: 'hunter22\n', PEOPLE: 'kim@example.com, lee@example.com\n' }

type Mail = { readonly to: readonly string[]; readonly user: string | undefined; readonly raw: string }

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

/** A real mail server, which takes mail for everybody but `nobody@example.com`. */
async function mailServer(more: SMTPServerOptions = {}) {
  const mails: Mail[] = []
  const sockets = new Set<Socket>()
  let mood: Mood = 'takes'
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onConnect: (_, done) => (mood === 'busy' ? done(refusal(421, '4.3.2 come back later')) : done()),
    onRcptTo: ({ address }, _, done) =>
      mood === 'refuses' || address === 'nobody@example.com'
        ? done(refusal(550, `5.1.1 <${address}> is not known here`))
        : done(),
    onAuth: ({ username, password }, _, done) =>
      password === 'hunter22' ? done(null, { user: username }) : done(new Error(`${password} is wrong`)),
    onData: (stream, { envelope, user }, done) => {
      let raw = ''
      stream.setEncoding('utf8').on('data', (chunk: string) => (raw += chunk))
      stream.on('end', () => {
        mails.push({ to: envelope.rcptTo.map(({ address }) => address), user: user as string | undefined, raw })
        if (mood !== 'silent') done()
      })
    },
    ...more,
  })
  server.on('error', () => undefined)
  server.server.on('connection', (socket: Socket) => sockets.add(socket.unref()))
  // A test that fails before its end does not wait for it.
  server.server.unref()
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  const end = async () => {
    server.server.close()
    // A socket below one of TLS is left to its ends: Node crashes when it is taken away during their handshake.
    if (more.key === undefined) for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    mails: () => mails,
    mood: (next: Mood) => {
      mood = next
      if (next === 'gone') void end()
    },
    end,
  }
}

type Given = { readonly port: number; readonly options?: object; readonly secrets?: Record<string, string> }

function plannedAt(port: number) {
  const [from, to] = ['releases@shop.example', 'team@example.com']
  return { kind: 'smtp', host: '127.0.0.1', port, tls: 'none', from, to } as const
}

function notifierOf({ port, options = {}, secrets = SECRETS }: Given) {
  const clock = { now: () => NOW, sleepUntil: async () => undefined }
  return smtp.create({ ...plannedAt(port), ...options }, adapterContext({ clock, secrets: secretsOf(secrets) }))
}

function header({ raw }: Mail, name: string): string | undefined {
  const unfolded = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ')
  return new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1]?.trim()
}

/** Of a text part in quoted-printable. */
function bodyOf({ raw }: Mail): string {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4).replaceAll(/=\r\n/g, '')
  const bytes = body.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}

notifierContract('smtp', async () => {
  const server = await mailServer()
  return {
    notifier: await notifierOf(server),
    got: () => server.mails().map((mail) => `${mail.raw.slice(0, mail.raw.indexOf('\r\n\r\n'))}\n${bodyOf(mail)}`),
    read: () => server.mails().map((mail) => ({ text: bodyOf(mail), markup: [] })),
    ids: () => server.mails().map((mail) => header(mail, 'Message-ID')!),
    mood: server.mood,
    secret: 'hunter22',
    end: server.end,
  }
})

test('a mail is plain text, says what happened, and stands in the thread of its rollout', async () => {
  const server = await mailServer()
  const notifier = await notifierOf(server)
  const first = await notifier.deliver(notificationOf(), ORDER)
  const second = { ...ORDER, key: 'shop-prod-2/9/0/0' }
  await notifier.deliver(notificationOf({ event: 'needs-human', priority: 'P1' }), second)
  await server.end()
  assert.deepEqual(first, { ok: true, value: { receipt: `127.0.0.1:${server.port} 250` } })
  const [mail, urgent] = server.mails()
  assert.equal(
    bodyOf(mail!),
    [
      'shop v2 in prod: was rolled back',
      '5 % of requests failed, the limit is 1 %',
      'Serving now: api v1 100 %',
      'shop v2 in prod\nP2 · rolled-back · rollout shop-prod-2\n',
    ].join('\n\n'),
  )
  const headers = {
    from: 'Stellwerk <releases@shop.example>',
    to: 'team@example.com',
    subject: '[P2] shop v2 in prod: was rolled back',
    date: 'Mon, 30 Nov 2026 12:00:00 +0000',
    'in-reply-to': '<shop-prod-2.rollout@shop.example>',
    references: '<shop-prod-2.rollout@shop.example>',
    'auto-submitted': 'auto-generated',
    'content-type': 'text/plain; charset=utf-8',
    importance: undefined,
  }
  for (const [name, value] of Object.entries(headers)) assert.equal(header(mail!, name), value, name)
  assert.match(header(mail!, 'message-id')!, /^<[0-9a-f]{40}@shop\.example>$/)
  assert.equal(header(urgent!, 'references'), headers.references)
  assert.notEqual(header(urgent!, 'message-id'), header(mail!, 'message-id'))
  assert.equal(header(urgent!, 'importance'), 'High')
})

test('addresses come from a secret as well; what one of them is refused is counted, not named', async () => {
  const server = await mailServer()
  const people = await notifierOf({ port: server.port, options: { to: secret('PEOPLE') } })
  assert.ok((await people.deliver(notificationOf(), ORDER)).ok)
  const list = await notifierOf({ port: server.port, options: { to: ['kim@example.com', 'nobody@example.com'] } })
  const partly = await list.deliver(notificationOf(), ORDER)
  assert.deepEqual(
    server.mails().map(({ to }) => to),
    [['kim@example.com', 'lee@example.com'], ['kim@example.com']],
  )
  assert.deepEqual(partly, {
    ok: true,
    value: { receipt: `127.0.0.1:${server.port} 250, refused for 1 of 2 addresses` },
  })
  const nobody = await notifierOf({ port: server.port, options: { to: 'nobody@example.com' } })
  const where = `127.0.0.1:${server.port}`
  const refused = await nobody.deliver(notificationOf(), ORDER)
  assert.deepEqual(refused, failure('permanent', `${where} refused the message with 550 5.1.1`))
  await server.end()
})

test('a secret that holds no addresses is said without what it holds', async () => {
  for (const held of ['hunter2', 'kim@example.com\r\nBcc: eve', '<kim@example.com>', '', 'kim@example.com;x']) {
    const notifier = await notifierOf({ port: 1, options: { to: secret('PEOPLE') }, secrets: { PEOPLE: held } })
    const why = 'its secret (env PEOPLE) is no list of mail addresses'
    assert.deepEqual(await notifier.deliver(notificationOf(), ORDER), failure('permanent', why))
  }
})

const LOGIN = { user: secret('USER'), password: secret('PASSWORD') }

/** Sends by a process that trusts the certificate, as an operator has it trusted: by NODE_EXTRA_CA_CERTS. */
async function sentTrusting(cert: string, options: object, secrets: object): Promise<unknown> {
  const folder = await temporaryFolder('smtp')
  try {
    const file = join(folder, 'ca.pem')
    await writeFile(file, cert)
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url))
    const script = `
      import { adapterContext, secretsOf } from ${module('../../../testing/adapter-context.ts')}
      import { notificationOf, ORDER } from ${module('../../../testing/notifier-contract.ts')}
      import { smtp } from ${module('./smtp.ts')}
      const context = adapterContext({ secrets: secretsOf(${JSON.stringify(secrets)}) })
      const notifier = await smtp.create(${JSON.stringify(options)}, context)
      process.stdout.write(JSON.stringify(await notifier.deliver(notificationOf(), ORDER)))
    `
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: file, NODE_OPTIONS: '' }
    const { stdout } = await execute(process.execPath, ['--input-type=module', '-e', script], { env, timeout: 30_000 })
    return JSON.parse(stdout)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('logs in over TLS, either way, and is not let in with another password', async () => {
  const pair = selfSigned()
  for (const [tls, password] of [
    ['implicit', 'hunter22'],
    ['starttls', 'hunter22'],
    ['starttls', 'hunter23'],
  ] as const) {
    const server = await mailServer({ ...pair, secure: tls === 'implicit', authOptional: false })
    const where = `127.0.0.1:${server.port}`
    const options = { ...plannedAt(server.port), ...LOGIN, tls }
    const answer = await sentTrusting(pair.cert, options, { ...SECRETS, PASSWORD: password })
    await server.end()
    const isRight = password === SECRETS.PASSWORD.trim()
    const refused = failure('permanent', `${where} refused the user or the password with 535`)
    assert.deepEqual(answer, isRight ? { ok: true, value: { receipt: `${where} 250` } } : refused)
    assert.deepEqual(
      server.mails().map(({ user }) => user),
      isRight ? ['stellwerk'] : [],
    )
  }
})

test('nothing is said to a server whose certificate is not trusted, nor to one that offers no TLS', async () => {
  const asked: string[] = []
  const onAuth: SMTPServerOptions['onAuth'] = ({ username }, _, done) => {
    asked.push(String(username))
    done(null, { user: username })
  }
  const pair = selfSigned()
  const cases: readonly (readonly [tls: string, more: SMTPServerOptions, kind: string, why: RegExp])[] = [
    ['implicit', { secure: true }, 'transient', /cannot be reached: self-signed certificate/],
    ['starttls', {}, 'transient', /cannot be reached: self-signed certificate/],
    [
      'starttls',
      { disabledCommands: ['STARTTLS'] },
      'permanent',
      /offers no TLS \(STARTTLS\), so it was told nothing$/,
    ],
  ]
  for (const [tls, more, kind, why] of cases) {
    const server = await mailServer({ ...pair, ...more, onAuth })
    const notifier = await notifierOf({ port: server.port, options: { ...LOGIN, tls } })
    const answer = await notifier.deliver(notificationOf(), ORDER)
    await server.end()
    assert.ok(!answer.ok)
    assert.equal(answer.kind, kind)
    assert.match(answer.message, why)
    assert.deepEqual([server.mails(), asked], [[], []])
  }
})

test('a password goes with a user and with TLS; what else is no mail server is said', () => {
  const written = 'kind: smtp, host: mail.example.com, from: a@example.com, to: b@example.com'
  const found = (more: string) =>
    problemsOf(smallSpec(`secrets: { A: { kind: env, name: A } }\nnotify: [{ on: "*", to: { ${written}, ${more} } }]`))
  const [user, password] = ['user: { secret: A }', 'password: { secret: A }']
  for (const more of [`${user}, ${password}`, `tls: implicit, port: 465, ${user}, ${password}`]) {
    assert.deepEqual(found(more), [])
  }
  for (const [more, why] of [
    [user, /to: expected `user` and `password` together, or neither, found/],
    [password, /to: expected `user` and `password` together, or neither, found/],
    [
      `tls: none, ${user}, ${password}`,
      /tls: expected `starttls` or `implicit`, since a password is not sent without TLS/,
    ],
    [`${user}, ${password}, port: 0`, /port: expected a port from 1 to 65535, found 0/],
  ] as const) {
    assert.match(found(more).join('\n'), why)
  }
  for (const to of ['kim', 'Kim <kim@example.com>', 'kim@example.com\nBcc: x@y.z', []]) {
    const given = { kind: 'smtp', host: 'mail.example.com', from: 'a@example.com', to }
    assert.equal(smtp.options.safeParse(given).success, false)
  }
})

const MAIL = { host: 'mail.example.com', from: 'a@example.com' }
const CHAT = { secret: 'CHAT' }

adapterKeys({
  port: 'notifier',
  kind: 'smtp',
  written: { ...MAIL, to: 'team@example.com', user: CHAT, password: CHAT },
  keys: {
    host: ['other.example.com'],
    port: [25],
    tls: ['implicit'],
    'user.secret': ['OTHER'],
    'password.secret': ['OTHER'],
    from: ['b@example.com'],
    'to.secret': ['OTHER', { ...MAIL, to: CHAT }],
  },
})

adapterContract({
  adapter: smtp,
  written: {
    host: 'mail.example.com',
    user: { secret: 'USER' },
    password: { secret: 'PASSWORD' },
    from: 'releases@example.com',
    to: { secret: 'PEOPLE' },
  },
  asPlanned: (given) => ({ ...given, ...LOGIN, to: secret('PEOPLE') }),
  context: adapterContext(),
})
