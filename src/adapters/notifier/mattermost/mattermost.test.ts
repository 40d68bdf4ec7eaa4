import assert from 'node:assert/strict'
import { test } from 'node:test'
import { marked, type Token } from 'marked'
import { failure } from '../../../ports/result.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { BUSY_MS, httpChannel, type Received } from '../../../testing/http-channel.ts'
import { notificationOf, notifierContract, ORDER, type Read } from '../../../testing/notifier-contract.ts'
import { restrictedHttp } from '../../http.ts'
import { escaped } from './escape.ts'
import { mattermost } from './mattermost.ts'

const REFERENCE = { kind: 'env', name: 'CHAT_URL' } as const
const HOST = 'chat.example.com'
const PATH = '/hooks/secretpart'

const textOf = ({ body }: Received) => (JSON.parse(body) as { readonly text: string }).text

/** Every token of the Markdown that is more than text; an address that is a link to itself is not. */
function formatsIn(markdown: string): readonly string[] {
  const found: string[] = []
  marked.walkTokens(marked.lexer(markdown, { gfm: true, breaks: true }), (token: Token) => {
    const isAddress = token.type === 'link' && token.raw === token.text
    if (!isAddress && !['text', 'escape', 'paragraph', 'space', 'br'].includes(token.type)) found.push(token.raw)
  })
  return found
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' }

/** As the marked that Mattermost has in its pages shows it. */
function shown(markdown: string): string {
  const html = marked.parse(markdown, { gfm: true, breaks: true, async: false })
  return html
    .replaceAll(/<br>\n?/g, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => ENTITIES[name]!)
    .replaceAll('\u2060', '')
    .trim()
}

/** What Mattermost finds in a text after its Markdown, and Slack's own marks, which it translates. */
function marksIn(markdown: string): readonly string[] {
  const seen = marked.parse(markdown, { async: false }).replaceAll(/<[^>]*>/g, ' ')
  return [...(markdown.match(/<[^>]*>/g) ?? []), ...(seen.match(/@[\w.-]+|~\w+|#\w{2,}|:[\w+-]+:/g) ?? [])].filter(
    (mark) => mark !== '#39',
  )
}

/** Our own: a heading, and what serves in bold. */
function read(markdown: string): Read {
  const [heading = '', ...rest] = markdown.split('\n\n')
  assert.match(heading, /^#### /)
  const own = rest.map((part) => /^\*\*(.*)\*\*$/.exec(part)?.[1] ?? part)
  const parts = [heading.slice('#### '.length), ...own]
  return { text: parts.map(shown).join('\n'), markup: [...parts.flatMap(formatsIn), ...marksIn(markdown)] }
}

async function open() {
  const channel = await httpChannel({
    answers: { takes: [200, 'ok'], busy: [503, ''], refuses: [400, '{"id":"web.incoming_webhook.invalid.app_error"}'] },
    problems: (received) => (textOf(received).length <= 16_383 ? [] : ['too long']),
  })
  const http = restrictedHttp({ mayReach: (host) => host === HOST, fetch: channel.fetch })
  const context = adapterContext({ http, secrets: secretsOf({ CHAT_URL: `https://${HOST}${PATH}` }) })
  const notifier = await mattermost.create({ kind: 'mattermost', url: REFERENCE }, context)
  return { channel, notifier, sent: () => channel.received().map(textOf) }
}

notifierContract('mattermost', async () => {
  const { channel, notifier, sent } = await open()
  return {
    notifier,
    got: () => channel.received().map(({ body }) => body),
    read: () => sent().map(read),
    ids: null,
    mood: channel.mood,
    secret: 'secretpart',
    retryAfterMs: BUSY_MS,
    end: channel.end,
  }
})

test('a message shows how urgent it is, why, what serves, and the rollout it is about', async () => {
  const { channel, notifier, sent } = await open()
  const answer = await notifier.deliver(notificationOf({ text: 'error-rate above 1%: see `stellwerk logs`' }), ORDER)
  assert.deepEqual(answer, { ok: true, value: { receipt: 'chat.example.com 200' } })
  assert.deepEqual(sent(), [
    [
      '#### 🟠 shop v2 in prod: was rolled back',
      String.raw`error-rate above 1%: see \`stellwerk logs\``,
      '**Serving now: api v1 100 %**',
      'P2 · rolled-back · rollout shop-prod-2',
    ].join('\n\n'),
  ])
  assert.equal(channel.received()[0]!.path, PATH)
  await channel.end()
})

test('whatever Mattermost gives a meaning is shown as it was written', () => {
  for (const text of [
    '@all @channel @here @kim.lee @-x',
    '<!channel> <!here> <@U1> <mailto:a|click>',
    '[click](https://evil.example) ![picture](https://evil.example/x.png)',
    '~town-square #incident :fire: :+1: a:b:c',
    '**a** __b__ *c* _d_ ~~e~~ `f` ```g```',
    '# a\n- b\n+ c\n1. d\n> e\n    f\na\n===\n---\n| a | b |\n|---|---|',
    String.raw`\*a\* \\ C:\users {x} &lt; &amp;lt; &#64;all`,
    'at 10:20:30, 5 % (2 of 40), file_name_here, a@b.example',
  ]) {
    const markdown = escaped(text)
    assert.deepEqual([shown(markdown), formatsIn(markdown), marksIn(markdown)], [text, [], []], markdown)
  }
})

test('an address stays one that can be followed and copied', () => {
  const text = 'see https://shop.example:8080/a_b/status?a=1&b=2#top.'
  assert.equal(escaped(text), text)
  assert.deepEqual([shown(text), formatsIn(text)], [text, []])
})

test('what Mattermost says to a refusal is told', async () => {
  const { channel, notifier } = await open()
  channel.mood('refuses')
  const why = 'chat.example.com refused the message with 400: {"id":"web.incoming_webhook.invalid.app_error"}'
  assert.deepEqual(await notifier.deliver(notificationOf(), ORDER), failure('permanent', why))
  await channel.end()
})

adapterKeys({
  port: 'notifier',
  kind: 'mattermost',
  written: { url: { secret: 'CHAT' } },
  keys: { 'url.secret': ['OTHER'] },
})

adapterContract({
  adapter: mattermost,
  written: { url: { secret: 'CHAT_URL' } },
  asPlanned: (given) => ({ ...given, url: REFERENCE }),
  context: adapterContext(),
})
