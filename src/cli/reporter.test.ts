import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fakeIo } from '../testing/fake-io.ts'
import { messagesIn } from './messages.ts'
import { Reporter } from './reporter.ts'
import { Screen } from './screen/screen.ts'
import type { Shell } from './verb.ts'

it('a text in an event gives no orders to the terminal, and stands in its JSON as it came', () => {
  const io = fakeIo()
  const screen = new Screen(io, { quiet: false, json: true })
  const reporter = new Reporter({ io, screen, globals: { json: true }, text: messagesIn('en') } as unknown as Shell)
  const json = JSON.stringify({ type: 'Aborted', at: 0, data: { reason: 'a\u001b[2Jb\u0007c' } })
  reporter.event({ id: 1, json })
  reporter.end()
  assert.equal(io.output(), `${json}\n`)
  assert.match(io.errors(), /ab␇c/)
  assert.ok(!io.errors().includes('\u001b') && !io.errors().includes('\u0007'))
})
