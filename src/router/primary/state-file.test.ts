import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { DesiredRoute } from '../desired-route.ts'
import { withRoute } from './book.ts'
import { COPY, copyState, emptyState, loadState, MAIN, saveState, type State } from './state-file.ts'

const desired = DesiredRoute.parse({
  generation: 1,
  listen: '127.0.0.1:0',
  slots: { blue: { weight: 100, upstreams: ['127.0.0.1:1'] }, green: { weight: 0, upstreams: [] } },
})
const one: State = withRoute(emptyState(), 'app', desired, '127.0.0.1:8080')
const two: State = withRoute(one, 'web', desired, '127.0.0.1:8081')

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'stellwerk-state-'))
  t.after(() => rmSync(dir, { recursive: true }))
  return dir
}

function load(dir: string) {
  const loaded = loadState(dir)
  assert.ok(loaded.ok, 'it loads')
  return loaded
}

test('what was saved is what is loaded; a new folder is empty and says nothing', (t) => {
  const dir = folder(t)
  assert.deepEqual(load(dir).state.routes, [])
  assert.deepEqual(load(dir).notes, [])
  saveState(dir, two)
  assert.deepEqual(load(dir), { ok: true, state: two, notes: [] })
})

test('a file of 0.1.0, which called the desired route "wish", is loaded as it was', (t) => {
  const dir = folder(t)
  const old = one.routes.map(({ desired: wish, ...rest }) => ({ ...rest, wish }))
  saveState(dir, { ...one, routes: old as never })
  assert.deepEqual(load(dir).state, one)
})

test('a file torn at any byte falls back to the copy and says so', (t) => {
  const dir = folder(t)
  saveState(dir, one)
  copyState(dir)
  saveState(dir, two)
  const whole = readFileSync(join(dir, MAIN), 'utf8')
  for (let length = 0; length < whole.trimEnd().length; length += 37) {
    writeFileSync(join(dir, MAIN), whole.slice(0, length))
    const { state, notes } = load(dir)
    assert.deepEqual(state, one, `torn at ${length}`)
    assert.match(notes.join('\n'), /routes\.json cannot be used.*started from .*routes\.copy\.json/s)
  }
})

test('a flipped bit is found by the checksum; with the copy broken too, nothing is started', (t) => {
  const dir = folder(t)
  saveState(dir, one)
  copyState(dir)
  for (const name of [MAIN, COPY]) {
    const text = readFileSync(join(dir, name), 'utf8')
    writeFileSync(join(dir, name), text.replace('127.0.0.1:8080', '127.0.0.1:8081'))
  }
  const loaded = loadState(dir)
  assert.ok(!loaded.ok)
  assert.match(loaded.message, /checksum does not match.*Now serving: nothing.*Fix: restore/s)
})

test('one bad route is set aside, reported and kept in the file; the others are served', (t) => {
  const dir = folder(t)
  const bad = {
    ...two.routes[1]!,
    desired: { ...desired, slots: { ...desired.slots, blue: { weight: 70, upstreams: [] } } },
  }
  saveState(dir, {
    ...one,
    rejected: [
      { raw: bad, why: '' },
      { raw: { key: 'odd' }, why: '' },
    ],
  })
  const { state, notes } = load(dir)
  assert.deepEqual(state.routes, one.routes)
  assert.deepEqual(
    state.rejected.map(({ raw }) => raw),
    [bad, { key: 'odd' }],
  )
  assert.match(notes.join('\n'), /set aside, the others are served: weights must sum to 100/)
  saveState(dir, state)
  assert.deepEqual(load(dir).state, state)
})
