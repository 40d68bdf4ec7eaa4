import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineWriter } from './log.ts'

test('a line that cannot be written ends nothing; how many were lost is said when there is room again', () => {
  const written: string[] = []
  let isFull = false
  const writer = lineWriter(2, (_, line) => {
    if (isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    written.push(line)
    return line.length
  })
  writer.write('a\n')
  isFull = true
  for (const line of ['b\n', 'c\n']) writer.write(line)
  isFull = false
  writer.write('d\n')
  assert.deepEqual(written, ['a\n', '{"level":40,"msg":"lines of this log were lost","lost":2}\n', 'd\n'])
})
