import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lastWords } from './capture.ts'

const STARTED = 1000
const ENDED = '[stellwerk] it ended with exit code 4'
const line = (at: number, text: string) => ({ at, instance: 'instance-0', stream: 'out' as const, text })

describe('the last words of an instance that exited', () => {
  const table: readonly (readonly [string, ReturnType<typeof line>[], readonly string[]])[] = [
    ['are of the life that ended', [line(1, 'old'), line(2, ENDED), line(1001, 'new')], ['new']],
    [
      'are of an earlier life where this one was silent, without what was noted of that',
      [line(1, 'no database'), line(2, ENDED), line(3, ENDED), line(4, ENDED)],
      ['no database'],
    ],
    ['are none where nothing was ever printed', [line(1, ENDED), line(2, ENDED)], []],
    [
      'hold a note of this life, once',
      [line(1001, '[stellwerk] port 1 is taken'), line(1002, 'a'), line(1003, '[stellwerk] port 1 is taken')],
      ['a', '[stellwerk] port 1 is taken'],
    ],
    [
      'hold why it could not be started at all',
      [line(1, ENDED), line(1001, '[stellwerk] cannot be started: EACCES')],
      ['[stellwerk] cannot be started: EACCES'],
    ],
    ['repeat what the service itself repeats', [line(1001, 'retry'), line(1002, 'retry')], ['retry', 'retry']],
    ['begin with the very millisecond of the start', [line(999, 'old'), line(1000, 'new')], ['new']],
  ]
  for (const [name, lines, words] of table) it(name, () => assert.deepEqual(lastWords(lines, STARTED), words))
})
