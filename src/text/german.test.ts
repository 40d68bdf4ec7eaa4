/** No sentence without German: every template that the sources say is in the catalogue, and the catalogue has no other. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, test } from 'node:test'
import { listed, quote, say } from '../core/say.ts'
import { german, hasWords, TEMPLATES } from './german.ts'

const SRC = join(import.meta.dirname, '..')
const PLACES = /\{\d+\}/g

const said = new Map<string, string>()
for (const file of readdirSync(SRC, { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file === 'core/say.ts') continue
  for (const template of templatesIn(readFileSync(join(SRC, file), 'utf8'))) said.set(template, file)
}

describe('every sentence has its German', () => {
  for (const [template, file] of said) {
    if (!hasWords(template)) continue
    it(`${file}: ${template}`, () => {
      const inGerman = TEMPLATES[template]
      assert.ok(inGerman, 'add it to src/text/german/')
      assert.deepEqual(placesIn(inGerman), placesIn(template), 'names the same parts')
    })
  }
})

test('the catalogue has nothing that nobody says any more', () => {
  assert.deepEqual(
    Object.keys(TEMPLATES).filter((template) => !said.has(template)),
    [],
  )
})

test('names and amounts stand as they are, sentences within in German, foreign words and unknown sentences are quoted', () => {
  const within = say`log lines`
  assert.equal(german(listed([within, quote('disk full'), 'api', 3])), 'Logzeilen; „disk full“; api; 3')
  assert.equal(german({ says: '{0} was said by an older version', of: ['it'] }), '„it was said by an older version“')
})

test('a measurement has a comma, and what only looks like one stays', () => {
  const measured = ['5.8 %', '1.2 GiB', '1.24s', 0.04, 3]
  assert.equal(german(listed(measured)), '5,8 %; 1,2 GiB; 1,24s; 0,04; 3')
  const others = ['1.24', 'v1.2.3', '10.0.0.1', '0.5GB', '5 %', quote('1.5s')]
  assert.equal(german(listed(others)), '1.24; v1.2.3; 10.0.0.1; 0.5GB; 5 %; „1.5s“')
})

function placesIn(template: string): readonly string[] {
  return [...new Set(template.match(PLACES))].toSorted()
}

/** What stands behind every `say` of a source, with its places numbered as `say` numbers them. */
function templatesIn(source: string): readonly string[] {
  const found: string[] = []
  for (const { index } of source.matchAll(/\bsay`/g)) found.push(templateAt(source, index + 4).template)
  return found
}

function templateAt(source: string, from: number): { readonly template: string; readonly end: number } {
  let template = ''
  let places = 0
  for (let at = from; at < source.length; ) {
    if (source[at] === '`') return { template, end: at + 1 }
    if (source.startsWith('${', at)) {
      template += `{${places++}}`
      at = endOfPlace(source, at + 2)
    } else {
      if (source[at] === '\\') at += 1
      template += source[at]
      at += 1
    }
  }
  throw new Error('a template that does not end')
}

function endOfPlace(source: string, from: number): number {
  let depth = 1
  for (let at = from; at < source.length; ) {
    const sign = source[at]!
    if (sign === '`') at = templateAt(source, at + 1).end
    else if (sign === "'" || sign === '"') at = source.indexOf(sign, at + 1) + 1
    else {
      depth += sign === '{' ? 1 : sign === '}' ? -1 : 0
      at += 1
      if (depth === 0) return at
    }
  }
  throw new Error('a place that does not end')
}
