import assert from 'node:assert/strict'
import { test } from 'node:test'
import { equals, labelsOf, narrowed, oneOf, parseSelector, text } from './selector.ts'

const TARGET = { service: 'shop', environment: 'prod', component: 'api' }

test('fills in what is released and narrows a selector down', () => {
  for (const [written, read] of [
    ['up', 'up{slot="blue"}'],
    ['up{}', 'up{slot="blue"}'],
    ['up{job="$component"}', 'up{job="api",slot="blue"}'],
    ['up{ route = "$service:$environment:$component", }', 'up{route = "shop:prod:api",slot="blue"}'],
    ['up{a=~"x{1,2}",b!="}"}', 'up{a=~"x{1,2}",b!="}",slot="blue"}'],
    [String.raw`up{a="say \"hi, you\""}`, String.raw`up{a="say \"hi, you\"",slot="blue"}`],
    ['up{a="$services"}', 'up{a="$services",slot="blue"}'],
  ] as const) {
    assert.equal(text(narrowed(parseSelector(written, TARGET), equals('slot', 'blue'))), read)
  }
  assert.deepEqual(labelsOf(parseSelector('up{job="a",le!~"1"}', TARGET)), ['job', 'le'])
})

test('what stands in quotes cannot end them', () => {
  assert.equal(equals('instance', 'a"}\\\n'), String.raw`instance="a\"}\\\n"`)
  assert.equal(oneOf('slot', ['b.1', 'g|"']), String.raw`slot=~"b\\.1|g\\|\""`)
})
