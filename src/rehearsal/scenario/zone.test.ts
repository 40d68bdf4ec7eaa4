import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { localInstant, offsetIn } from './zone.ts'

const at = (text: string, zone = 'Europe/Berlin') => new Date(localInstant(text, zone)).toISOString()

describe('local times', () => {
  it('are one instant in winter and in summer', () => {
    assert.equal(at('2026-01-13T20:00'), '2026-01-13T19:00:00.000Z')
    assert.equal(at('2026-07-13T20:00'), '2026-07-13T18:00:00.000Z')
    assert.equal(at('2026-07-13T20:00', 'America/New_York'), '2026-07-14T00:00:00.000Z')
    assert.equal(at('2026-07-13T20:00', 'UTC'), '2026-07-13T20:00:00.000Z')
  })

  it('on the day on which clocks go forward: before, left out, after', () => {
    assert.equal(at('2026-03-29T01:30'), '2026-03-29T00:30:00.000Z')
    assert.equal(at('2026-03-29T02:30'), '2026-03-29T01:30:00.000Z')
    assert.equal(at('2026-03-29T03:30'), '2026-03-29T01:30:00.000Z')
  })

  it('on the day on which clocks go back: the first of two, and afterwards', () => {
    assert.equal(at('2026-10-25T02:30'), '2026-10-25T00:30:00.000Z')
    assert.equal(at('2026-10-25T03:30'), '2026-10-25T02:30:00.000Z')
  })

  it('know their distance from UTC', () => {
    assert.equal(offsetIn('Asia/Kolkata')(0), 19_800_000)
    assert.equal(offsetIn('UTC')(0), 0)
  })
})
