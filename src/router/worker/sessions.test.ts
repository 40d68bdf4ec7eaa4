import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionMemory, SESSIONS_MAX } from './sessions.ts'

test('remembers the latest 100,000 sessions and forgets the longest unseen', () => {
  const memory = new SessionMemory()
  for (let i = 0; i < SESSIONS_MAX; i++) memory.remember(i, 'blue')
  assert.equal(memory.recall(0), 'blue')
  memory.remember(SESSIONS_MAX, 'green')
  assert.equal(memory.recall(1), null, 'the longest unseen made room')
  assert.equal(memory.recall(0), 'blue', 'one that was seen again stayed')
})

test('a slot at weight 0 keeps nobody', () => {
  const memory = new SessionMemory()
  memory.remember(1, 'blue')
  memory.remember(2, 'green')
  memory.forget('blue')
  assert.deepEqual([memory.recall(1), memory.recall(2)], [null, 'green'])
})

test('a successor takes the memory over; what it has seen itself counts more', () => {
  const old = new SessionMemory()
  old.remember(1, 'blue')
  old.remember(2, 'green')
  old.remember(3, 'green')
  const fresh = new SessionMemory()
  fresh.remember(2, 'blue')
  fresh.adopt(old.export(), (slot) => slot === 'blue' || slot === 'green')
  assert.deepEqual(
    [1, 2, 3].map((session) => fresh.recall(session)),
    ['blue', 'blue', 'green'],
  )
  const narrow = new SessionMemory()
  narrow.adopt(old.export(), (slot) => slot === 'green')
  assert.deepEqual([narrow.recall(1), narrow.recall(2)], [null, 'green'])
})
