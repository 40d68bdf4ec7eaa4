import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterFailure, type Failure } from './failure.ts'

const refused: Failure = {
  isConnectFailure: true,
  isSafe: false,
  connectTries: 1,
  upstreams: 1,
  resets: 0,
  canMove: false,
}
const lost: Failure = { ...refused, isConnectFailure: false, isSafe: true, connectTries: 0, resets: 1 }

test('a connection that was never made: every upstream once, then the other slot, then 502', () => {
  assert.equal(afterFailure({ ...refused, connectTries: 1, upstreams: 2 }), 'retry')
  assert.equal(afterFailure({ ...refused, connectTries: 2, upstreams: 2, canMove: true }), 'move')
  assert.equal(afterFailure({ ...refused, connectTries: 2, upstreams: 2 }), 'give-up')
})

test('a connection lost before the answer: a safe request once more, any other never', () => {
  assert.equal(afterFailure(lost), 'retry')
  assert.equal(afterFailure({ ...lost, resets: 2 }), 'give-up')
  assert.equal(afterFailure({ ...lost, isSafe: false }), 'give-up')
  assert.equal(afterFailure({ ...lost, isSafe: false, canMove: true }), 'give-up')
})
