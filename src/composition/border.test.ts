import assert from 'node:assert/strict'
import { test } from 'node:test'
import { notificationOf } from '../testing/notifier-contract.ts'
import { createRedaction } from '../adapters/command/redact.ts'
import { EMPTY_SLOT } from '../core/observed.ts'
import type { Notification } from '../ports/notifier.ts'
import type { Plan } from '../core/plan.ts'
import { instant } from '../core/time.ts'
import type { Adapters } from '../ports/adapters.ts'
import { failure, ok } from '../ports/result.ts'
import { withBorder } from './border.ts'

const ORDER = { key: 'k', fence: 1, signal: new AbortController().signal }
const HUNTER = Buffer.from('user:hunter22').toString('base64')
/** What programs print: an order to the terminal, a NUL, half a pair, a secret in two spellings. */
const DIRTY = `a\0b\x1b[31mc\ud800 hun\x1b[0mter22 ${HUNTER}\nsecond`
const LINE = 'a␀bc� [redacted] dXNlcjp[redacted] second'
const TEXT = 'a␀bc� [redacted] dXNlcjp[redacted]\nsecond'

const SECRET = { kind: 'env', name: 'PASSWORD' } as const
const PLAN = { components: [{ secrets: { PASSWORD: SECRET } }] } as unknown as Plan

/** As a control plane does it that has only just been started: no secret was read before the first answer. */
function across(adapters: Partial<Adapters>): Adapters {
  const redaction = createRedaction()
  const read = async () => {
    redaction.learn(['hunter22'])
    return ok('hunter22')
  }
  return withBorder({ secrets: { read }, ...adapters } as Adapters, redaction.redact)
}

/** Behind the secret stands a character with its last bits and the padding's. */
function trimmed(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('[redacted]g==', '[redacted]'))
}

test('every text of an observation is one clean line, what machines act on stays', async () => {
  const lastExit = { at: instant(1), code: 1, signal: null, tail: [DIRTY, DIRTY] }
  const slot = {
    ...EMPTY_SLOT,
    present: true,
    upstreams: ['127.0.0.1:4711'],
    release: 'hunter22',
    unready: DIRTY,
    lastExit,
  }
  const lines = [
    {
      at: 1,
      release: 'r',
      version: 'v',
      slot: 'blue' as const,
      instance: 'instance-0',
      stream: 'out' as const,
      text: DIRTY,
    },
  ]
  const inner = { capabilities: { slots: 2, logs: true }, observe: async () => ok(slot), logs: async () => ok(lines) }
  const { observe, logs } = across({ platform: () => inner as never }).platform(PLAN, null as never)
  const seen = await observe('blue', ORDER.signal)
  const clean = { ...slot, unready: LINE, lastExit: { ...lastExit, tail: [LINE, LINE] } }
  assert.deepEqual(trimmed(seen), ok(clean))
  assert.deepEqual(
    trimmed(await logs('blue', { release: null, lines: 1, since: null }, ORDER.signal)),
    ok([{ ...lines[0], text: LINE }]),
  )
})

test('outputs and failures keep their lines; what is thrown is cleaned as well', async () => {
  const answers = [ok({ output: DIRTY }), failure('permanent', DIRTY)]
  const border = across({ run: async () => answers.shift() ?? Promise.reject(new Error(DIRTY)) })
  const run = () => border.run(PLAN, null as never, null as never, ORDER)
  assert.deepEqual(trimmed(await run()), ok({ output: TEXT }))
  assert.deepEqual(trimmed(await run()), failure('permanent', TEXT))
  await assert.rejects(run, (error: Error) => trimmed(error.message) === TEXT)
})

test('verdicts, smoke reports and answers to queries are clean', async () => {
  const verdict = {
    rule: 'r',
    outcome: 'fail',
    expected: 'x',
    actual: DIRTY,
    source: DIRTY,
    observedAt: instant(1),
    text: DIRTY,
  }
  const gate = across({ gate: () => ({ check: async () => verdict }) as never }).gate(PLAN, null as never)
  assert.deepEqual(trimmed(await gate.check(null as never)), { ...verdict, actual: LINE, source: LINE, text: LINE })
  const check = { name: 'n', url: 'http://x', passed: false, expected: 'x', actual: DIRTY, durationMs: 1 }
  const border = across({ smoke: () => ({ run: async () => ok({ passed: false, checks: [check] }) }) })
  await border.secrets.read(SECRET, ORDER.signal)
  const smoke = border.smoke(null as never)
  assert.deepEqual(trimmed(await smoke.run(null as never)), ok({ passed: false, checks: [{ ...check, actual: LINE }] }))
  const snapshot = {
    epoch: 'e',
    at: instant(1),
    slots: {},
    own: { rule: { blue: { unknown: DIRTY }, green: { value: 1 } } },
  }
  const source = { name: 's', collect: async () => ok(snapshot as never) }
  const { collect } = across({ metrics: () => source }).metrics(PLAN, null as never)
  const own = { rule: { blue: { unknown: LINE }, green: { value: 1 } } }
  assert.deepEqual(trimmed(await collect(ORDER.signal)), ok({ ...snapshot, own }))
})

test('a message is clean before it leaves, and so is the receipt', async () => {
  const told: Notification[] = []
  const deliver = async (message: Notification) => {
    told.push(message)
    return ok({ receipt: DIRTY })
  }
  const border = across({ notifier: () => ({ deliver }) })
  await border.secrets.read(SECRET, ORDER.signal)
  const notifier = border.notifier(PLAN, { kind: 'any' })
  const message = notificationOf({ title: DIRTY, text: DIRTY, serving: DIRTY })
  assert.deepEqual(trimmed(await notifier.deliver(message, ORDER)), ok({ receipt: LINE }))
  assert.deepEqual(trimmed(told), [{ ...message, title: LINE, text: TEXT, serving: LINE }])
})

test('what a port says of itself crosses as well: addresses it opens, artifacts it accepts', async () => {
  const adapters = across({
    platform: () => ({ accepts: async () => failure('permanent', DIRTY) }) as never,
    router: () => ({ listens: ['127.0.0.1:8080'] }) as never,
  })
  const component = {} as never
  const answer = await adapters.platform(PLAN, component).accepts!({ ref: '/x', digest: 'd' }, ORDER.signal)
  assert.deepEqual(trimmed(answer), failure('permanent', TEXT))
  assert.deepEqual(adapters.router(PLAN, component).listens, ['127.0.0.1:8080'])
})
