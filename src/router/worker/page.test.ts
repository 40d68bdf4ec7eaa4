import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prefersJson } from './page.ts'

test('JSON for whoever asks for it before HTML, a page for everyone else', () => {
  const cases: readonly (readonly [string | undefined, boolean])[] = [
    [undefined, false],
    ['*/*', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['application/json', true],
    ['application/problem+json', true],
    ['application/json, text/plain, */*', true],
    ['text/html, application/json', false],
    ['text/html;q=0.5, application/json', true],
  ]
  for (const [accept, json] of cases) assert.equal(prefersJson(accept), json, accept)
})
