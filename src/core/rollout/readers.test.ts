import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inTodaysWords } from './readers.ts'

const renamed: readonly (readonly [string, { type: string; data: unknown }, { type: string; data: unknown }])[] = [
  ['an admission', { type: 'TurnCame', data: { stable: null } }, { type: 'RolloutAdmitted', data: { stable: null } }],
  [
    'what could not be seen',
    { type: 'BlindnessFound', data: { parts: [] } },
    { type: 'NoDataFound', data: { parts: [] } },
  ],
  [
    'an answer to that',
    { type: 'BlindnessAnswered', data: { by: 'a' } },
    { type: 'NoDataAnswered', data: { by: 'a' } },
  ],
  ['its end', { type: 'BlindnessEnded', data: { lastedMs: 1 } }, { type: 'NoDataEnded', data: { lastedMs: 1 } }],
  [
    'a plan',
    {
      type: 'RolloutRequested',
      data: {
        plan: { damp: [{ command: 'off' }], timings: { blindForMs: 7, tickMs: 5 }, notify: [{ on: ['blind', 'P1'] }] },
      },
    },
    {
      type: 'RolloutRequested',
      data: {
        plan: {
          mitigate: [{ command: 'off' }],
          timings: { noDataForMs: 7, tickMs: 5 },
          notify: [{ on: ['no-data', 'P1'] }],
        },
      },
    },
  ],
  [
    'a step of a rollback',
    { type: 'StepStarted', data: { track: 'back', index: 0, step: { kind: 'damp' } } },
    { type: 'StepStarted', data: { track: 'rollback', index: 0, step: { kind: 'mitigate' } } },
  ],
  [
    'its end',
    { type: 'StepFinished', data: { track: 'back', kind: 'damp' } },
    { type: 'StepFinished', data: { track: 'rollback', kind: 'mitigate' } },
  ],
  [
    'an order',
    { type: 'CommandIssued', data: { command: { type: 'Damp', index: 0 } } },
    { type: 'CommandIssued', data: { command: { type: 'Mitigate', index: 0 } } },
  ],
  [
    'a message',
    { type: 'CommandIssued', data: { command: { type: 'Notify', message: { event: 'blind', title: 'back' } } } },
    { type: 'CommandIssued', data: { command: { type: 'Notify', message: { event: 'no-data', title: 'back' } } } },
  ],
  [
    'a rollback',
    { type: 'RollbackTriggered', data: { cause: 'blind', steps: [{ kind: 'damp' }, { kind: 'watch', holdMs: 1 }] } },
    {
      type: 'RollbackTriggered',
      data: { cause: 'no-data', steps: [{ kind: 'mitigate' }, { kind: 'watch', holdMs: 1 }] },
    },
  ],
  [
    'a policy',
    { type: 'PolicySet', data: { policy: { analysis: { rules: [], blindForMs: 7 } } } },
    { type: 'PolicySet', data: { policy: { analysis: { rules: [], noDataForMs: 7 } } } },
  ],
]

describe('an event of 0.1.0', () => {
  for (const [what, written, read] of renamed)
    it(`is read in today's words: ${what}, ${written.type}`, () => assert.deepEqual(inTodaysWords(written), read))

  it('is left alone where nothing was renamed, also what only looks like it', () => {
    const event = { type: 'Paused', data: { by: 'back', reason: 'blind', deadline: 1 } }
    assert.equal(inTodaysWords(event), event)
    const order = {
      type: 'CommandIssued',
      data: { command: { type: 'EnsureSlot', component: 'damp', release: 'back' } },
    }
    assert.deepEqual(inTodaysWords(order), order)
  })

  it('and one of today says the same after it was read twice', () => {
    for (const [, , read] of renamed) assert.deepEqual(inTodaysWords(read), read)
  })
})
