/** What every notifier promises (`src/ports/notifier.ts`), asked of each against a channel that the test stands in for. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Notification, Notifier } from '../ports/notifier.ts'
import type { Order } from '../ports/result.ts'

/** How the channel treats whatever comes next. */
export type Mood = 'takes' | 'busy' | 'refuses' | 'gone' | 'silent'

/** One message as people see it: escapes undone, by the channel's own rules. */
export type Read = {
  readonly text: string
  /** What the channel takes for more than text: mentions, links, formats, by its own rules. */
  readonly markup: readonly string[]
}

export type Channel = {
  readonly notifier: Notifier
  /** Whole messages as the channel got them, as text. */
  readonly got: () => readonly string[]
  /** The same messages as the channel shows them. */
  readonly read: () => readonly Read[]
  /** Of those it took, the ids by which it tells one from another; null: this channel cannot. */
  readonly ids: (() => readonly string[]) | null
  readonly mood: (mood: Mood) => void
  /** What stands in no receipt and no failure: the address, the key; null: this channel has none. */
  readonly secret: string | null
  /** For how long it asks to be left alone when it is busy; undefined: it cannot say. */
  readonly retryAfterMs?: number
  /** It shows one line of so many characters: title and what serves come first, and what does not fit ends in "…". */
  readonly line?: number
  readonly end: () => Promise<void>
}

export const ORDER: Order = { key: 'shop-prod-2/7/0/0', fence: 7, signal: new AbortController().signal }

export function notificationOf(changes: Partial<Notification> = {}): Notification {
  return {
    event: 'rolled-back',
    priority: 'P2',
    title: 'shop v2 in prod: was rolled back',
    text: '5 % of requests failed, the limit is 1 %',
    serving: 'api v1 100 %',
    about: {
      service: 'shop',
      environment: 'prod',
      version: 'v2',
      rollout: 'shop-prod-2',
      commit: 'ab'.repeat(20),
      run: 'https://ci.example/runs/7',
    },
    ...changes,
  }
}

/** Everything that some channel takes for more than text. */
const MARKUP = '<!channel> <@U1> @all *bold* _it_ `code` [link](https://evil.example) <b>x</b> & "quoted" \\ end'

export function notifierContract(name: string, open: () => Promise<Channel>): void {
  const withChannel = (use: (channel: Channel) => Promise<void>) => async () => {
    const channel = await open()
    try {
      await use(channel)
    } finally {
      await channel.end()
    }
  }
  const failed = async ({ notifier, secret }: Channel) => {
    const answer = await notifier.deliver(notificationOf(), { ...ORDER, signal: AbortSignal.timeout(10_000) })
    assert.ok(!answer.ok, 'a failure')
    assert.ok(secret === null || !answer.message.includes(secret), `the secret stands in: ${answer.message}`)
    return answer
  }

  describe(`the notifier contract: ${name}`, () => {
    it(
      'a message arrives with what happened, where, why, and what serves now',
      withChannel(async ({ notifier, got, secret }) => {
        const answer = await notifier.deliver(notificationOf(), ORDER)
        assert.ok(answer.ok, JSON.stringify(answer))
        assert.ok(
          answer.value.receipt.length > 0 && (secret === null || !answer.value.receipt.includes(secret)),
          answer.value.receipt,
        )
        assert.equal(got().length, 1)
        for (const part of ['v2', 'prod', 'rolled back', '5 % of requests failed', 'api v1 100 %'])
          assert.ok(got()[0]!.includes(part), `${part} is missing in ${got()[0]}`)
      }),
    )

    it(
      'the same key twice is one message where the channel can tell; another key is another message',
      withChannel(async ({ notifier, got, ids }) => {
        await notifier.deliver(notificationOf(), ORDER)
        await notifier.deliver(notificationOf(), ORDER)
        await notifier.deliver(notificationOf({ event: 'finalized', priority: 'info' }), {
          ...ORDER,
          key: 'other/1/0/0',
        })
        assert.equal(got().length, 3)
        const [first, again, other] = ids?.() ?? [null, null, undefined]
        assert.equal(first, again)
        assert.notEqual(first, other)
      }),
    )

    it(
      'what may pass is transient, and comes through once it has',
      withChannel(async (channel) => {
        channel.mood('busy')
        const busy = await failed(channel)
        assert.deepEqual([busy.kind, busy.retryAfterMs], ['transient', channel.retryAfterMs])
        channel.mood('takes')
        assert.ok((await channel.notifier.deliver(notificationOf(), ORDER)).ok)
      }),
    )

    it(
      'what the channel refuses is permanent',
      withChannel(async (channel) => {
        channel.mood('refuses')
        assert.equal((await failed(channel)).kind, 'permanent')
      }),
    )

    it(
      'a channel that is not there is transient; one that never answers may have taken it',
      withChannel(async (channel) => {
        channel.mood('silent')
        const late = await channel.notifier.deliver(notificationOf(), { ...ORDER, signal: AbortSignal.timeout(200) })
        assert.ok(!late.ok && late.kind === 'unknown', JSON.stringify(late))
        channel.mood('gone')
        assert.equal((await failed(channel)).kind, 'transient')
      }),
    )

    it(
      'what stands in a title or a text is text',
      withChannel(async ({ notifier, got, read, line }) => {
        const answer = await notifier.deliver(
          notificationOf({ title: `${MARKUP}\r\nBcc: eve@example.com`, text: MARKUP, serving: MARKUP }),
          ORDER,
        )
        assert.ok(answer.ok, JSON.stringify(answer))
        assert.ok(got().length > 0)
        for (const message of got()) assert.ok(!/^Bcc:/m.test(message), message)
        for (const { text, markup } of read()) {
          assert.deepEqual(markup, [])
          if (line !== undefined) assert.ok(text.startsWith(MARKUP) && text.length <= line, text)
          else assert.equal(text.split(MARKUP).length, 4, `title, text and serving stand in ${text} as they were given`)
        }
      }),
    )

    it(
      'a text that is longer than the channel takes is cut, and the message says so',
      withChannel(async ({ notifier, read, line }) => {
        for (const [index, length] of [2_000, 20_000].entries()) {
          const long = '<&*>x'.repeat(length / 5)
          const order = { ...ORDER, key: `long/${index}/0/0` }
          const answer = await notifier.deliver(notificationOf({ text: long }), order)
          assert.ok(answer.ok, JSON.stringify(answer))
          const { text } = read().at(-1)!
          if (line !== undefined) {
            assert.ok(text.length === line && text.endsWith('…') && text.includes('api v1 100 %'), text)
            continue
          }
          assert.ok(text.includes(long) || /… \(shortened, \d+ more characters\)/.test(text), text)
          assert.ok(text.includes('<&*>x'.repeat(100)) && text.includes('api v1 100 %'))
        }
      }),
    )
  })
}
