import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { closeFrame, FrameTracker } from './frames.ts'

function frame(payload: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0
  const head =
    payload < 126
      ? [0x82, mask | payload]
      : payload < 65_536
        ? [0x82, mask | 126, payload >> 8, payload & 0xff]
        : [0x82, mask | 127, 0, 0, 0, 0, 0, payload >> 16, (payload >> 8) & 0xff, payload & 0xff]
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0, 1), Buffer.alloc(payload, 0x82)])
}

test('knows the borders of frames, however they are cut into chunks', () => {
  const payloads = fc.array(fc.oneof(fc.nat(200), fc.integer({ min: 60_000, max: 70_000 })), {
    minLength: 1,
    maxLength: 5,
  })
  fc.assert(
    fc.property(payloads, fc.boolean(), fc.integer({ min: 1, max: 5_000 }), (sizes, masked, step) => {
      const frames = sizes.map((size) => frame(size, masked))
      const borders = new Set<number>()
      let end = 0
      for (const bytes of frames) borders.add((end += bytes.length))
      const all = Buffer.concat(frames)
      const tracker = new FrameTracker()
      for (let at = 0; at < all.length; at += step) {
        tracker.feed(all.subarray(at, at + step))
        const position = Math.min(all.length, at + step)
        assert.equal(tracker.atBoundary, borders.has(position), `at byte ${position}`)
      }
    }),
    { numRuns: 50 },
  )
})

test('the Close frame says 1001 and is a whole frame itself', () => {
  for (const masked of [false, true]) {
    const bytes = closeFrame(masked)
    const tracker = new FrameTracker()
    tracker.feed(bytes)
    assert.ok(tracker.atBoundary)
    assert.equal(bytes.readUInt16BE(bytes.length - 2), 1001)
  }
})
