import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { registry } from '../../src/adapters/registry.ts'
import { FULL_SPEC, smallSpec } from '../../src/stellwerk-yaml/fixture.ts'
import { initSpec } from '../../src/stellwerk-yaml/init.ts'
import { editorSchema, type JsonSchema, specJsonSchema, wholeJsonSchema } from '../../src/stellwerk-yaml/json-schema.ts'
import { knownKeys } from '../../src/stellwerk-yaml/known-keys.ts'
import { NOT_YET } from '../../src/stellwerk-yaml/not-yet.ts'
import { specReference } from '../../src/stellwerk-yaml/reference.ts'
import { generate } from '../../tools/gen-spec.ts'

const FILE = specJsonSchema(registry)

test('the generated files are what the schemas say now', () => {
  for (const { path, text } of generate()) {
    assert.equal(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'), text, `${path}: run \`npm run gen\``)
  }
})

test('the reference page names every section and every key of every adapter', () => {
  const page = specReference(registry)
  for (const section of Object.keys(FILE.properties!)) assert.ok(page.includes(`\n## \`${section}\`\n`), section)
  // Which runner a smoke check goes to, its first key says: `http: "GET /health"`.
  const { smoke, ...named } = registry
  for (const { kind } of smoke) assert.ok(page.includes(`.${kind}\` |`), kind)
  for (const adapters of Object.values(named)) {
    for (const { kind, options } of adapters) {
      assert.ok(page.includes(`\`kind: ${kind}\``), kind)
      const keys = Object.keys((z.toJSONSchema(options, { io: 'input' }) as JsonSchema).properties!)
      for (const key of keys) assert.ok(key === 'kind' || page.includes(`.${key}\` |`), `${kind}: ${key}`)
    }
  }
})

/** Paths of keys without a description. */
function undescribed(schema: JsonSchema, path: string): readonly string[] {
  const inner = [
    ...Object.entries(schema.properties ?? {}).map(([key, value]) => [`${path}.${key}`, value] as const),
    ...[schema.items, schema.additionalProperties, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
      .filter((value) => typeof value === 'object')
      .map((value) => [path, value] as const),
  ]
  const own = Object.entries(schema.properties ?? {}).filter(([, { description, $ref }]) => !description && !$ref)
  return [...own.map(([key]) => `${path}.${key}`), ...inner.flatMap(([at, value]) => undescribed(value, at))]
}

test('every key says what it does', () => {
  assert.deepEqual(undescribed(wholeJsonSchema(registry), ''), [])
})

test('a key that is said not to be supported is not a key', () => {
  const known = knownKeys(FILE)
  for (const [section, keys] of Object.entries(NOT_YET)) {
    for (const key of keys) {
      const places = known.placesOf(key).filter((place) => place === section || place.startsWith(`${section}[`))
      assert.deepEqual(places, [], `${section} ${key}`)
    }
  }
})

/**
 * zod reads JSON Schema back, so that what editors will say can be tried here. It follows references into `$defs` only, and
 * beside `patternProperties` it passes over `additionalProperties`: both are said here in the way it understands.
 */
function asZodReads(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema
  if (Array.isArray(schema)) return schema.map(asZodReads)
  const { propertyNames, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, asZodReads(value)]),
  )
  const { patternProperties, additionalProperties } = rest
  if (!patternProperties || typeof additionalProperties !== 'object') return { ...rest, propertyNames }
  const patterns = { ...(patternProperties as object), '^(?!x-)': additionalProperties }
  return { ...rest, patternProperties: patterns, additionalProperties: false }
}

function readByEditors(): z.ZodType {
  const schema = asZodReads(
    JSON.parse(JSON.stringify(editorSchema(registry)).replaceAll('#/properties/', '#/$defs/section-')),
  ) as JsonSchema
  const sections = Object.entries(schema.properties!).map(([name, section]) => [`section-${name}`, section])
  const whole = { ...schema, $defs: { ...schema.$defs, ...Object.fromEntries(sections) } }
  return z.fromJSONSchema(JSON.parse(JSON.stringify(whole)))
}

const EDITOR = readByEditors()

function editorAccepts(text: string): boolean {
  return EDITOR.safeParse(parse(text, { merge: true })).success
}

test('the JSON Schema accepts the specs that are read', () => {
  const init = initSpec({
    service: 'demo',
    command: 'node server.js',
    listen: '127.0.0.1:8080',
    healthPaths: { live: '/health', ready: '/readiness' },
  })
  const long = smallSpec().replace(/^analysis: (.*)$/m, 'analysis: { warmUp: 5m, rules: $1 }')
  for (const text of [FULL_SPEC, smallSpec(), long, init]) assert.ok(editorAccepts(text), text)
})

test('the JSON Schema refuses unknown keys, wrong types and missing sections, also in an environment', () => {
  for (const change of [
    (text: string) => text.replace('hold: 5m', 'hodl: 5m'),
    (text: string) => text.replace('hold: 5m', 'hold: 5'),
    (text: string) => text.replace('hold: 10m', 'hodl: 10m'),
    (text: string) => text.replace('strategy: canary', 'strategy: blue'),
    (text: string) => text.replace('http: GET /health', 'x-http: GET /health'),
    (text: string) => text.replace('service: lokaltreu', ''),
    (text: string) => text.replace('kind: process', 'kind: nothing'),
  ]) {
    const text = change(FULL_SPEC)
    assert.notEqual(text, FULL_SPEC)
    assert.equal(editorAccepts(text), false, text)
  }
})
