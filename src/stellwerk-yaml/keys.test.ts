/**
 * Goal: no key of stellwerk.yaml is read and then forgotten (law L10). Method: every key of the schemas is changed in a spec
 * that compiles, and the plan must become another one; and every deadline of the plan is read by somebody who runs it. A key
 * that is new has to be put into the table of fixture-keys.ts; one of an adapter into `adapterKeys` of the adapter's test.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { TABLE } from './fixture-keys.ts'
import { changesOf, keysByTable, planWith } from './fixture-plan-of-keys.ts'

const OF_AN_ADAPTER = / with `kind: /

describe('every key of stellwerk.yaml', () => {
  it('stands in the table, and nothing else does', () => {
    const keysOf = (entries: Iterable<readonly [string, readonly string[]]>) =>
      [...entries].flatMap(([title, keys]) => [title, ...keys.map((key) => `${title}: ${key}`)])
    const wanted = new Set(keysOf([...keysByTable()].filter(([title]) => !OF_AN_ADAPTER.test(title))))
    const present = new Set(keysOf(Object.entries(TABLE).map(([title, { keys }]) => [title, Object.keys(keys)])))
    assert.deepEqual([...wanted.difference(present)], [], 'not in fixture-keys.ts')
    assert.deepEqual([...present.difference(wanted)], [], 'no key of the schema')
    assert.ok(wanted.size > 90)
  })

  for (const [title, group] of Object.entries(TABLE)) {
    it(`changes the plan: ${title}`, () => {
      for (const { key, before, after } of changesOf(group)) assert.notEqual(after, before, `${key} has no effect`)
    })
  }

  it('that is a deadline or wait is read where a plan is run, not only where it is made', () => {
    const root = join(import.meta.dirname, '..')
    const { timings } = JSON.parse(planWith()) as { timings: object }
    const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^spec\/|^testing\/|^core\/plan\.ts$|fixture/.test(file))
      .map((file) => readFileSync(join(root, file), 'utf8'))
    const unread = Object.keys(timings).filter(
      (name) => !sources.some((text) => new RegExp(`\\b${name}\\b`).test(text)),
    )
    assert.deepEqual(unread, [])
  })
})
