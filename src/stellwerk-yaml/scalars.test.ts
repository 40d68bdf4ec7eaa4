import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sizeText } from '../core/analysis/text.ts'
import { durationText } from '../core/time.ts'
import { Deadline, Duration } from './duration.ts'
import { CommandLine, Label, Name } from './name.ts'
import { Percentage, percentageText, Weight, Size } from './scalars.ts'

test('durations are read from large to small units and written back as the same number', () => {
  for (const [text, ms] of [
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['90d', 7_776_000_000],
    ['1d2h3m4s5ms', 93_784_005],
  ] as const) {
    assert.equal(Duration.parse(text), ms)
    assert.equal(Duration.parse(durationText(ms)), ms)
  }
})

test('durations without a unit, with spaces, repeated or negative are refused', () => {
  for (const text of ['', '5', '5 m', '5min', '-5m', '1.5h', '5m1h', '5m5m', '4000d', '99999999999d', 300]) {
    assert.equal(Duration.safeParse(text).success, false, String(text))
  }
})

test('a deadline is a duration above zero', () => {
  assert.equal(Deadline.parse('1ms'), 1)
  for (const text of ['0s', '0ms', '']) assert.equal(Deadline.safeParse(text).success, false, text)
})

test('percentages are exact ratios, weights whole numbers from 1 to 100', () => {
  for (const [text, ratio] of [
    ['0%', 0],
    ['0.1%', 0.001],
    ['0.5%', 0.005],
    ['7%', 0.07],
    ['57%', 0.57],
    ['100%', 1],
    ['250%', 2.5],
  ] as const) {
    assert.equal(Percentage.parse(text), ratio)
    assert.equal(Percentage.parse(percentageText(ratio)), ratio)
  }
  assert.deepEqual(
    ['1%', '50%', '100%'].map((text) => Weight.parse(text)),
    [1, 50, 100],
  )
  for (const text of ['0%', '101%', '010%', '10.5%', '10', '-1%'])
    assert.equal(Weight.safeParse(text).success, false, text)
  for (const text of ['5', '.5%', '-1%', '1e3%', '∞%']) assert.equal(Percentage.safeParse(text).success, false, text)
})

test('sizes count by 1000, or by 1024 with an i', () => {
  assert.deepEqual(
    ['256MB', '1.5GB', '1KiB', '1GiB'].map((text) => Size.parse(text)),
    [256e6, 1.5e9, 1024, 2 ** 30],
  )
  assert.deepEqual([256e6, 1.5e9, 900].map(sizeText), ['256MB', '1.5GB', '0.9kB'])
  for (const text of ['256', '256mb', '1TB', '-1MB']) assert.equal(Size.safeParse(text).success, false, text)
})

test('names fit into folders and URLs; labels and commands are one line without control characters', () => {
  for (const name of ['a', 'api', 'release-captain', 'v2']) assert.equal(Name.parse(name), name)
  for (const name of ['', 'Api', '2api', 'api-', 'a_b', 'a/b', 'ä', 'a'.repeat(41)])
    assert.equal(Name.safeParse(name).success, false, name)
  assert.equal(CommandLine.parse('node server.js --port 1'), 'node server.js --port 1')
  for (const text of ['', ' node', 'node ', 'a\nb', 'a\tb', '\u001b[31m'])
    assert.equal(CommandLine.safeParse(text).success, false)
  for (const text of ['', 'a\nb', '\u001b[31mred']) assert.equal(Label.safeParse(text).success, false)
})
