import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { assert as check, constantFrom, jsonValue, property, record, string } from 'fast-check'
import type { Json } from '../core/json.ts'
import { instant } from '../core/time.ts'
import { leafBytes, leafFrame, prepare } from './event-data.ts'

const place = { stream: 's"1', version: 3, at: instant(1_760_000_000_000) }
const event = record({
  type: constantFrom('StepStarted', 'Größe "\\u0000"'),
  actor: string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0')),
  data: jsonValue().map((data) => data as Json),
})

test('the text that the database hashes is the text that the audit hashes', () => {
  check(
    property(event, (event) => {
      let prepared: ReturnType<typeof prepare>
      try {
        prepared = prepare(event, place)
      } catch (error) {
        assert.match((error as Error).message, /U\+0000/)
        return
      }
      const { before, after } = leafFrame(prepared.event)
      const text = `${before}${prepared.dataText},"position":7${after}`
      assert.equal(text, Buffer.from(leafBytes({ ...prepared.event, position: 7 })).toString())
      assert.deepEqual(JSON.parse(prepared.dataText), prepared.event.data)
    }),
  )
})

test('escaped text that only looks like U+0000 or a lone surrogate is kept', () => {
  for (const data of ['\\u0000', '\\\\u0000', '\\ud800', '👩‍🚀', '\u0001', '"\\"']) {
    assert.equal(prepare({ type: 'A', actor: 'a', data }, place).event.data, data)
  }
  for (const data of ['\0', '\\\0', '\ud800', 'a\udc00b', '\\\ud800']) {
    assert.throws(() => prepare({ type: 'A', actor: 'a', data }, place), /strip it first/, JSON.stringify(data))
  }
})
