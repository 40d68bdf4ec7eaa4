import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemsOf } from './fixture.ts'

const REST = 'analysis: [{ metric: error-rate, max: 1% }]\nsmoke: [{ http: GET /, component: c0 }]\n'

function component(index: number, listen: string): string {
  return `  c${index}:\n    platform: { kind: process, command: "true" }\n    router: { kind: embedded, listen: "${listen}" }\n`
}

/** A service whose components listen at these addresses, in one environment. */
function together(...listens: readonly string[]): readonly string[] {
  return problemsOf(
    `service: s\ncomponents:\n${listens.map((listen, index) => component(index, listen)).join('')}${REST}environments: { dev: {} }\n`,
  )
}

/** One component that listens at these addresses, in an environment each. */
function apart(...listens: readonly string[]): readonly string[] {
  const layers = listens.map(
    (listen, index) => `  e${index}: { components: { c0: { router: { listen: "${listen}" } } } }\n`,
  )
  return problemsOf(`service: s\ncomponents:\n${component(0, '127.0.0.1:1')}${REST}environments:\n${layers.join('')}`)
}

const CLASHES: readonly (readonly [string, string])[] = [
  ['127.0.0.1:9100', '127.0.0.1:9100'],
  ['0.0.0.0:9100', '127.0.0.1:9100'],
  ['localhost:9100', '127.0.0.1:9100'],
  ['[::]:9100', '127.0.0.1:9100'],
  ['[::]:9100', 'localhost:9100'],
  ['[::1]:9100', '[0:0:0:0:0:0:0:1]:9100'],
  ['127.0.0.1:9100', '127.0.0.1:09100'],
]
const NEIGHBOURS: readonly (readonly [string, string])[] = [
  ['127.0.0.1:9100', '127.0.0.1:9101'],
  ['127.0.0.1:9100', '127.0.0.2:9100'],
  ['127.0.0.1:9100', '[::1]:9100'],
  ['127.0.0.1:0', '127.0.0.1:0'],
]

for (const [left, right] of CLASHES) {
  test(`${left} and ${right} cannot stand beside each other, in one environment or in two`, () => {
    assert.match(
      together(left, right).join('\n'),
      /components\.c1\.router\.listen: .* is where c0 listens already.*; give each its own port/,
    )
    assert.match(together(right, left).join('\n'), /components\.c1\.router\.listen: /)
    assert.match(
      apart(left, right).join('\n'),
      /environments\.e1\.components\.c0\.router\.listen: .* in environment "e0"/,
    )
  })
}

for (const [left, right] of NEIGHBOURS) {
  test(`${left} and ${right} can`, () => {
    assert.deepEqual(together(left, right), [])
    assert.deepEqual(apart(left, right), [])
  })
}

for (const wrong of [
  '127.0.0.999:9100',
  '[:::::]:9100',
  '[fe80::1]:9100',
  '224.0.0.1:9100',
  '127.0.0.1:65536',
  '127.0.0.1:http',
  'example.com:80',
  '9100',
  '',
]) {
  test(`"${wrong}" is refused with its place, in one problem`, () => {
    const problems = together(wrong)
    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(
      problems[0]!,
      /^stellwerk\.yaml:5:\d+: components\.c0\.router\.listen: expected an address to listen on/,
    )
  })
}

test('three environments on one default address are told with one place', () => {
  const spec = `service: s\ncomponents: { c0: { platform: { kind: process, command: "true" }, router: { kind: embedded } } }\n${REST}environments: { a: {}, b: {}, c: {} }\n`
  assert.equal(problemsOf(spec).length, 1)
})
