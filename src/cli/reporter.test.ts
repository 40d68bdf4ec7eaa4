import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../core/time.ts'
import { exampleRollout, exampleWaiting } from '../testing/example-rollout.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { messagesIn } from '../text/languages.ts'
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

describe('without a terminal', () => {
  const at = 1_796_000_000_000
  const told = (events: readonly object[], updatedAt: number) => {
    const io = fakeIo()
    const screen = new Screen(io, { quiet: false, json: false })
    const reporter = new Reporter({ io, screen, globals: {}, text: messagesIn('en') } as unknown as Shell)
    for (const event of events) reporter.event({ id: 1, json: JSON.stringify(event) })
    reporter.view(exampleRollout('r-1', { waiting: exampleWaiting('the gates'), updatedAt: instant(updatedAt) }))
    return io.errors()
  }
  const asked = { at, type: 'RolloutRequested', data: { plan: { artifact: { version: 'v1' } }, by: {}, stable: null } }
  const deploy = { kind: 'deploy', component: 'api', instances: 1 }
  const begun = {
    at: at + 1,
    type: 'StepStarted',
    data: { track: 'forward', index: 1, step: deploy, deadline: at + 9 },
  }

  it('a wait is said after what led to it, and not while that is still to come', () => {
    assert.match(told([asked, begun], at + 1), /start api.*\n.*waiting for the gates/)
    assert.doesNotMatch(told([asked], at + 1), /waiting/)
  })

  it('the first release of an environment starts beside nobody', () => {
    assert.match(told([asked, begun], at + 1), /→ start api \(1 instance\)/)
    const next = { ...asked, data: { ...asked.data, stable: { version: 'v0' } } }
    assert.match(told([next, begun], at + 1), /→ start api beside live \(1 instance\)/)
  })
})
