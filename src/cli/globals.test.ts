import assert from 'node:assert/strict'
import { test } from 'node:test'
import { globalsOf } from './globals.ts'

test('a variable that is set to nothing names no control plane, as one that is not set', () => {
  const server = (env: Readonly<Record<string, string>>, raw = {}) => globalsOf(raw, { cwd: '/shop', env }).server
  assert.equal(server({ STELLWERK_URL: '' }), null)
  assert.equal(server({ STELLWERK_URL: 'https://release.example.com' }), 'https://release.example.com')
  assert.equal(server({ STELLWERK_URL: '' }, { server: 'http://127.0.0.1:7070' }), 'http://127.0.0.1:7070')
})
