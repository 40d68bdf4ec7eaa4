import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { InterimFilter } from './interim.ts'

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
const PROCESSING = 'HTTP/1.1 102 Processing\r\n\r\n'
const LATER = 'HTTP/1.1 100 Continue\r\n\r\n is a body that looks like a head'
const answers = [
  '\r\nHTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\nX: y\n\n',
  'SSH-2.0-1_1\r\n\r\n',

  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.0 404 \r\n\r\n',
  'HTTP/1.1 101 Switching\r\n\r\n',
  'x',
  'HTTP/1.1 1',
] as const

function through(bytes: string, cuts: readonly number[]): string {
  const filter = new InterimFilter()
  const data = Buffer.from(bytes, 'latin1')
  const ends = [...new Set(cuts.map((cut) => cut % (data.length + 1))), data.length].sort((a, b) => a - b)
  let [text, from] = ['', 0]
  for (const end of ends) {
    if (end > from) text += filter.pass(data.subarray(from, end)).toString('latin1')
    from = end
  }
  return text + (filter.rest()?.toString('latin1') ?? '')
}

test('takes out 100 and nothing else, however the bytes are cut', () => {
  const interims = fc.array(fc.constantFrom(CONTINUE, HINTS, PROCESSING), { maxLength: 5 })
  fc.assert(
    fc.property(interims, fc.constantFrom(...answers), fc.array(fc.nat(), { maxLength: 8 }), (before, answer, cuts) => {
      const tail = answer.length > 12 ? LATER : ''
      const wanted = before.filter((head) => head !== CONTINUE).join('') + answer + tail
      assert.equal(through(before.join('') + answer + tail, cuts), wanted)
    }),
  )
})

test('looks again when the next answer is due', () => {
  const filter = new InterimFilter()
  assert.equal(filter.pass(Buffer.from('HTTP/1.1 204 \r\n\r\n')).toString(), 'HTTP/1.1 204 \r\n\r\n')
  assert.equal(filter.isLooking, false)
  filter.expect()
  assert.equal(filter.pass(Buffer.from(CONTINUE)).length, 0)
  assert.equal(filter.isLooking, true)
})
