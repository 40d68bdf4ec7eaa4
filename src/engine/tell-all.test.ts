import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message } from '../core/rollout/commands.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { failure, ok, type Result } from '../ports/result.ts'
import { examplePlan } from '../testing/example-rollout.ts'
import { type Outside, perform } from './perform.ts'

const ORDER = { key: 'r-1/7/0', fence: 1, signal: new AbortController().signal }
const MESSAGE: Message = { event: 'needs-human', priority: 'P1', title: 'a', text: 'b', serving: 'v1 100 %' }

/** Tells `routes` of a message; answers what came of it, and which keys each route was given. */
async function tell(routes: Readonly<Record<string, () => Promise<Result<{ receipt: string }>>>>) {
  const keys: string[] = []
  const names = Object.keys(routes)
  const notify = [
    { on: ['finalized'], to: { kind: 'not-asked' } },
    ...names.map((kind) => ({ on: ['P1'], to: { kind } })),
  ]
  const adapters = {
    notifier: (_: unknown, { kind }: { readonly kind: string }) => ({
      deliver: (_: Message, { key }: typeof ORDER) => {
        keys.push(`${kind} ${key}`)
        return routes[kind]!()
      },
    }),
  }
  const state = { plan: { ...examplePlan(), notify } } as unknown as RolloutState
  const answer = await perform({ adapters } as unknown as Outside, state, { type: 'Notify', message: MESSAGE }, ORDER)
  return { answer, keys }
}

const told = async () => ok({ receipt: 'pager 200' })
const refused = async () => failure('permanent', 'chat refused the message with 404')
const down = async () => failure('transient', 'mail did not take the message')
const thrown = async () => Promise.reject(new Error('bug'))

test('a route that fails keeps nobody after it from being told, and each failure is said', async () => {
  const { answer, keys } = await tell({ chat: refused, broken: thrown, mail: down, pager: told })
  assert.deepEqual(keys, ['chat r-1/7/0/0', 'broken r-1/7/0/1', 'mail r-1/7/0/2', 'pager r-1/7/0/3'])
  assert(!answer.ok)
  assert.equal(answer.kind, 'transient', 'what may pass is tried again')
  for (const part of ['chat refused the message with 404', 'mail did not take', 'bug', '(told: pager 200)']) {
    assert(answer.message.includes(part), answer.message)
  }
})

test('what can never pass is not tried again', async () => {
  const { answer } = await tell({ chat: refused, pager: told })
  assert.deepEqual(answer, failure('permanent', 'chat refused the message with 404 (told: pager 200)'))
})

test('everybody told is done', async () => {
  const { answer } = await tell({ pager: told, second: told })
  assert.deepEqual(answer, { ok: true, answer: { type: 'done', detail: 'pager 200, pager 200' } })
  assert.deepEqual((await tell({})).answer, { ok: true, answer: { type: 'done', detail: 'no route asks for it' } })
})
