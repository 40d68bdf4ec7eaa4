import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { apiSpec } from '../../../testing/api-spec.ts'
import { BUSY_MS, httpChannel } from '../../../testing/http-channel.ts'
import { notificationOf, notifierContract, ORDER, type Read } from '../../../testing/notifier-contract.ts'
import { failure } from '../../../ports/result.ts'
import { restrictedHttp } from '../../http.ts'
import { slack } from './slack.ts'

const REFERENCE = { kind: 'env', name: 'SLACK_URL' } as const
const SPEC = apiSpec('slack-incoming-webhook.schema.json')
const PATH = '/services/T0/B0/secret-part'

type Text = { readonly type: string; readonly text: string; readonly emoji?: boolean }
type Block = { readonly type: string; readonly text?: Text; readonly elements?: readonly Text[] }
type Sent = { readonly text: string; readonly blocks: readonly Block[] }

const textsOf = ({ blocks }: Sent) => blocks.flatMap(({ text, elements = [] }) => (text ? [text] : elements))
const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')

/** Slack obeys `<…>` wherever it stands, mrkdwn where a text is one, and in `text`, which is mrkdwn too. */
function read(sent: Sent): Read {
  const texts = textsOf(sent)
  const controls = [sent.text, ...texts.map(({ text }) => text)].flatMap((text) => text.match(/<[^>]*>/g) ?? [])
  const formatted = texts.filter(({ type, emoji }) => type !== 'plain_text' || emoji !== false).map(({ text }) => text)
  return { text: texts.map(({ text }) => unescaped(text)).join('\n'), markup: [...controls, ...formatted] }
}

async function open() {
  const channel = await httpChannel({
    answers: { takes: [200, 'ok'], busy: [429, 'rate_limited'], refuses: [404, 'no_service'] },
    problems: ({ body }) => SPEC.problems(JSON.parse(body)),
  })
  const http = restrictedHttp({ mayReach: (host) => host === 'hooks.slack.com', fetch: channel.fetch })
  const context = adapterContext({ http, secrets: secretsOf({ SLACK_URL: `https://hooks.slack.com${PATH}\n` }) })
  const notifier = await slack.create({ kind: 'slack', url: REFERENCE }, context)
  return { channel, notifier, sent: () => channel.received().map(({ body }) => JSON.parse(body) as Sent) }
}

notifierContract('slack', async () => {
  const { channel, notifier, sent } = await open()
  return {
    notifier,
    got: () => channel.received().map(({ body }) => body),
    read: () => sent().map(read),
    ids: null,
    mood: channel.mood,
    secret: 'secret-part',
    retryAfterMs: BUSY_MS,
    end: channel.end,
  }
})

test('a message shows how urgent it is, why, what serves, and the rollout it is about', async () => {
  const { channel, notifier, sent } = await open()
  const answer = await notifier.deliver(notificationOf(), ORDER)
  assert.deepEqual(answer, { ok: true, value: { receipt: 'hooks.slack.com 200' } })
  const text = (value: string) => ({ type: 'plain_text', text: value, emoji: false })
  assert.deepEqual(sent(), [
    {
      text: '🟠 shop v2 in prod: was rolled back',
      blocks: [
        { type: 'header', text: text('🟠 shop v2 in prod: was rolled back') },
        { type: 'section', text: text('5 % of requests failed, the limit is 1 %') },
        { type: 'section', text: text('Serving now: api v1 100 %') },
        { type: 'context', elements: [text('P2 · rolled-back · rollout shop-prod-2')] },
      ],
    },
  ])
  assert.equal(channel.received()[0]!.path, PATH)
  await channel.end()
})

test('no text is longer than Slack takes, and none is empty', async () => {
  const { channel, notifier, sent } = await open()
  const long = '&<'.repeat(5000)
  await notifier.deliver(notificationOf({ title: long, text: long, serving: long }), ORDER)
  await notifier.deliver(notificationOf({ text: '' }), ORDER)
  const [cut, empty] = sent().map((each) => each.blocks.map(({ text, elements }) => (text ?? elements![0]!).text))
  assert.deepEqual(
    cut!.map((text) => text.length).map((length, index) => length <= (index === 0 ? 150 : 3000)),
    [true, true, true, true],
  )
  for (const text of cut!.slice(0, 3)) assert.match(text, /… \(shortened, \d+ more characters\)$/)
  assert.equal(empty!.length, 3)
  await channel.end()
})

test('what Slack says to a refusal is told', async () => {
  const { channel, notifier } = await open()
  channel.mood('refuses')
  const refused = await notifier.deliver(notificationOf(), ORDER)
  assert.deepEqual(refused, failure('permanent', 'hooks.slack.com refused the message with 404: no_service'))
  await channel.end()
})

test('the description of Slack’s API finds what is wrong with a message', { skip: SPEC.skip }, () => {
  const header = { type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }
  assert.notDeepEqual(SPEC.problems({ text: 'x', blocks: [header] }), [])
  assert.notDeepEqual(SPEC.problems({ blocks: [] }), [])
})

adapterKeys({
  port: 'notifier',
  kind: 'slack',
  written: { url: { secret: 'CHAT' } },
  keys: { 'url.secret': ['OTHER'] },
})

adapterContract({
  adapter: slack,
  written: { url: { secret: 'SLACK_URL' } },
  asPlanned: (given) => ({ ...given, url: REFERENCE }),
  context: adapterContext(),
})
