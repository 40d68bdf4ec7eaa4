/**
 * Goal: whatever somebody types, reading answers a list of problems with places, or a spec; compiling answers problems or a
 * plan that breaks no interlock; nothing ever throws. Method: 5,000 mutations of valid specs from a fixed seed, half of
 * them on the text, half on the parsed tree.
 */
import { english } from '../src/core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { canonicalJson } from '../src/core/json.ts'
import { planHash } from '../src/core/plan.ts'
import { planProblems } from '../src/core/plan-interlocks.ts'
import { artifactOf, FULL_SPEC, INPUTS, readSpec, smallSpec } from '../src/stellwerk-yaml/fixture.ts'
import { initSpec } from '../src/stellwerk-yaml/init.ts'
import { compile } from '../src/stellwerk-yaml/to-plan.ts'
import { planForecast } from '../src/core/forecast/plan-forecast.ts'
import { LANGUAGES, messagesIn } from '../src/text/languages.ts'
import { planSections } from '../src/text/plan/plan.ts'

const SEED = 20_261
const MUTATIONS = 5000

const TEXTS = [
  FULL_SPEC,
  smallSpec(),
  initSpec({
    service: 'demo',
    command: 'node server.js',
    listen: '127.0.0.1:8080',
    healthPaths: { live: '/health', ready: '/readiness' },
  }),
]

const BASES = TEXTS.map((text) => ({ text, tree: parse(text, { merge: true }) as unknown }))

/** Values that are wrong nearly everywhere, and right where one would not think so. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  Number.MAX_SAFE_INTEGER,
  0.1,
  '',
  ' ',
  '5m',
  '0s',
  '10%',
  '999999999999d',
  '\u0000',
  '\u202Eabc',
  '👩‍🚀'.repeat(50),
  'x'.repeat(5000),
  '__proto__',
  'constructor',
  '*',
  'GET /',
  '127.0.0.1:99999',
  [],
  {},
  [[]],
  { kind: 'process' },
  { kind: 'nothing' },
  { secret: 'TOKEN' },
  [1, 'a', null],
]

type Random = (below: number) => number

/** mulberry32: small, and the same on every machine. */
function randomFrom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below) | 0
  }
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random(items.length)]!
}

const PIECES = [
  '\t',
  ' ',
  ':',
  '- ',
  '{',
  '}',
  '[',
  '"',
  "'",
  '#',
  '&a',
  '*a',
  '<<: ',
  '!x ',
  '---\n',
  '\u0000',
  '\ufeff',
  'é',
  '%',
  '|',
  '>',
  '0',
  '\r',
  '? ',
]

function mutateText(text: string, random: Random): string {
  const lines = text.split('\n')
  const at = random(text.length)
  const [one, two] = [random(lines.length), random(lines.length)]
  switch (random(8)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return lines.toSpliced(one, 1).join('\n')
    case 2:
      return lines.toSpliced(two, 0, lines[one]!).join('\n')
    case 3:
      return lines.with(one, lines[two]!).with(two, lines[one]!).join('\n')
    case 4:
      return text.slice(0, at) + pick(random, PIECES) + text.slice(at)
    case 5:
      return text.slice(0, at) + text.slice(at + 1 + random(6))
    case 6:
      return lines.with(one, ' '.repeat(random(6)) + lines[one]!.trimStart()).join('\n')
    default:
      return text.slice(0, at) + String.fromCharCode(random(0x1_0000)) + text.slice(at + 1)
  }
}

type Place = { readonly holder: Record<string, unknown> | unknown[]; readonly key: string }

function placesIn(value: unknown): readonly Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    { holder: value as Place['holder'], key },
    ...placesIn(inner),
  ])
}

/** Changes `tree`, which is the caller's own copy, in one place. */
function mutateTree(tree: unknown, random: Random): void {
  const places = placesIn(tree)
  const one = pick(random, places)
  const two = pick(random, places)
  const holder = one.holder as Record<string, unknown>
  switch (random(6)) {
    case 0:
      if (Array.isArray(one.holder)) one.holder.splice(Number(one.key), 1)
      else delete holder[one.key]
      break
    case 1:
      holder[one.key] = structuredClone((two.holder as Record<string, unknown>)[two.key])
      break
    case 2:
      if (Array.isArray(one.holder)) one.holder.push(structuredClone(one.holder[Number(one.key)]))
      else (two.holder as Record<string, unknown>)[one.key] = structuredClone(holder[one.key])
      break
    case 3:
      if (!Array.isArray(one.holder)) holder[misspelt(one.key, random)] = holder[one.key]
      break
    case 4:
      holder[one.key] = { [pick(random, places).key]: holder[one.key] }
      break
    default:
      holder[one.key] = pick(random, ODD)
  }
}

function mutated(base: (typeof BASES)[number], onTree: boolean, random: Random): string {
  const rounds = 1 + random(3)
  if (!onTree) return Array.from({ length: rounds }).reduce<string>((text) => mutateText(text, random), base.text)
  const tree = structuredClone(base.tree)
  for (let round = 0; round < rounds; round++) mutateTree(tree, random)
  return stringify(tree, { aliasDuplicateObjects: random(2) === 0 })
}

function misspelt(key: string, random: Random): string {
  const at = random(key.length + 1)
  return key.slice(0, at) + pick(random, ['x', 'e', '-', 'ß', '']) + key.slice(at + random(2))
}

/** What became of one text: `problems`, or how many environments got a plan. */
function outcomeOf(text: string): 'problems' | 'refused' | 'planned' {
  const lines = text.split('\n').length
  const read = readSpec({ text, file: 'stellwerk.yaml' })
  if (!read.ok) {
    assert.ok(read.problems.length > 0)
    for (const { where, message } of read.problems) {
      const [, line] = /^stellwerk\.yaml:(\d+):[1-9]\d*$/.exec(where) ?? []
      assert.ok(Number(line) >= 1 && Number(line) <= lines, where)
      assert.ok(english(message).length > 0)
    }
    return 'problems'
  }
  const planned = Object.keys(read.spec.environments).map((environment) => isPlanned(read.spec, environment))
  return planned.every((ok) => ok) ? 'planned' : 'refused'
}

function isPlanned(spec: Parameters<typeof compile>[0], environment: string): boolean {
  const names = Object.keys(spec.environments[environment]!.components)
  const compiled = compile(spec, artifactOf(...names), environment, INPUTS)
  if (!compiled.ok) {
    for (const { where } of compiled.problems) assert.match(where, /^stellwerk\.yaml:\d+:\d+$|^artifact$/)
    return false
  }
  assert.deepEqual(planProblems(compiled.plan), [])
  assert.deepEqual(JSON.parse(canonicalJson(compiled.plan)), JSON.parse(JSON.stringify(compiled.plan)))
  const { plan } = compiled
  const shown = { plan, planHash: planHash(plan, String), forecast: planForecast(plan), standing: null }
  for (const language of LANGUAGES) assert.ok(planSections(shown, messagesIn(language)).length > 0)
  return true
}

test(`${MUTATIONS} mutated specs end in problems with places or in plans, never in an exception`, () => {
  const random = randomFrom(SEED)
  const counts = { problems: 0, refused: 0, planned: 0 }
  for (let index = 0; index < MUTATIONS; index++) {
    const text = mutated(pick(random, BASES), index % 2 === 0, random)
    try {
      counts[outcomeOf(text)] += 1
    } catch (error) {
      throw new Error(`mutation ${index} of seed ${SEED} threw; the text was:\n${text}`, { cause: error })
    }
  }
  assert.ok(counts.problems > MUTATIONS / 4 && counts.planned > MUTATIONS / 20, JSON.stringify(counts))
})
