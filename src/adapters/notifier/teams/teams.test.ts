import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure } from '../../../ports/result.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { BUSY_MS, httpChannel, type Received } from '../../../testing/http-channel.ts'
import { notificationOf, notifierContract, ORDER } from '../../../testing/notifier-contract.ts'
import { restrictedHttp } from '../../http.ts'
import { teams } from './teams.ts'

const REFERENCE = { kind: 'env', name: 'TEAMS_URL' } as const
const HOST = 'prod-12.westeurope.logic.azure.com'
const PATH = '/workflows/abc/triggers/manual/paths/invoke?api-version=2016-06-01&sig=secret-part'

type Run = { readonly type: string; readonly text: string }
type Block = { readonly type: string; readonly inlines: readonly Run[] }
type Message = { readonly attachments: readonly [{ readonly content: { readonly body: readonly Block[] } }] }

const blocksOf = ({ attachments: [{ content }] }: Message) => content.body

/** Teams takes 28 kB; all but runs of rich text blocks is Markdown. */
function problems({ body, headers }: Received): readonly string[] {
  const message = JSON.parse(body) as Message
  const formatted = blocksOf(message).filter(
    ({ type, inlines }) => type !== 'RichTextBlock' || inlines.some((run) => run.type !== 'TextRun' || run.text === ''),
  )
  return [
    ...formatted.map((block) => `no plain text: ${JSON.stringify(block)}`),
    ...(Buffer.byteLength(body) > 28_000 ? [`${Buffer.byteLength(body)} bytes`] : []),
    ...(headers['content-type'] === 'application/json' ? [] : ['no JSON']),
    ...(body.includes('"entities"') ? ['a mention'] : []),
  ]
}

async function open() {
  const answers = {
    takes: [202, ''],
    busy: [429, ''],
    refuses: [400, '{"error":{"code":"WorkflowTriggerIsNotEnabled"}}'],
  } as const
  const channel = await httpChannel({ answers, problems })
  const http = restrictedHttp({ mayReach: (host) => host === HOST, fetch: channel.fetch })
  // As Workflows shows it: with the port.
  const context = adapterContext({ http, secrets: secretsOf({ TEAMS_URL: `https://${HOST}:443${PATH}\n` }) })
  const notifier = await teams.create({ kind: 'teams', url: REFERENCE }, context)
  return { channel, notifier, sent: () => channel.received().map(({ body }) => JSON.parse(body) as Message) }
}

notifierContract('teams', async () => {
  const { channel, notifier, sent } = await open()
  return {
    notifier,
    got: () => channel.received().map(({ body }) => body),
    read: () =>
      sent().map((message) => ({
        text: blocksOf(message)
          .map(({ inlines }) => inlines.map(({ text }) => text).join(''))
          .join('\n'),
        markup: blocksOf(message).flatMap(({ type }) => (type === 'RichTextBlock' ? [] : [type])),
      })),
    ids: null,
    mood: channel.mood,
    secret: 'secret-part',
    retryAfterMs: BUSY_MS,
    end: channel.end,
  }
})

test('a card shows how urgent it is, why, what serves, and the rollout it is about', async () => {
  const { channel, notifier, sent } = await open()
  const answer = await notifier.deliver(notificationOf(), ORDER)
  assert.deepEqual(answer, { ok: true, value: { receipt: `${HOST} 202` } })
  const run = (text: string, style: object = {}) => ({
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, ...style }],
  })
  assert.deepEqual(sent(), [
    {
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          contentUrl: null,
          content: {
            $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
            type: 'AdaptiveCard',
            version: '1.4',
            msteams: { width: 'Full' },
            body: [
              run('🟠 shop v2 in prod: was rolled back', { weight: 'bolder', size: 'medium', color: 'attention' }),
              run('5 % of requests failed, the limit is 1 %'),
              run('Serving now: api v1 100 %', { weight: 'bolder' }),
              run('P2 · rolled-back · rollout shop-prod-2', { size: 'small', isSubtle: true }),
            ],
          },
        },
      ],
    },
  ])
  assert.equal(channel.received()[0]!.path, PATH)
  await channel.end()
})

test('a card is never larger than Teams takes, whatever stands in it', async () => {
  const { channel, notifier, sent } = await open()
  for (const one of ['x', '"', '\u0001', '€', '🔴']) {
    const long = one.repeat(20_000)
    assert.ok((await notifier.deliver(notificationOf({ title: long, text: long, serving: long }), ORDER)).ok)
  }
  await notifier.deliver(notificationOf({ text: '' }), ORDER)
  assert.equal(blocksOf(sent().at(-1)!).length, 3)
  await channel.end()
})

test('what Teams says to a refusal is told, the address is not', async () => {
  const { channel, notifier } = await open()
  channel.mood('refuses')
  const why = `${HOST} refused the message with 400: {"error":{"code":"WorkflowTriggerIsNotEnabled"}}`
  assert.deepEqual(await notifier.deliver(notificationOf(), ORDER), failure('permanent', why))
  await channel.end()
})

adapterKeys({
  port: 'notifier',
  kind: 'teams',
  written: { url: { secret: 'CHAT' } },
  keys: { 'url.secret': ['OTHER'] },
})

adapterContract({
  adapter: teams,
  written: { url: { secret: 'TEAMS_URL' } },
  asPlanned: (given) => ({ ...given, url: REFERENCE }),
  context: adapterContext(),
})
