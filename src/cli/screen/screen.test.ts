import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { instant } from '../../core/time.ts'
import { exampleRollout, exampleWaiting } from '../../testing/example-rollout.ts'
import { fakeIo } from '../../testing/fake-io.ts'
import { messagesIn } from '../../text/languages.ts'
import { ranked } from './block-lines.ts'
import { fit, LiveBlock } from './live-block.ts'
import { moment, stamp, timeText } from './moments.ts'
import { rolloutBlock, waitingLines } from './rollout-block.ts'
import { Screen } from './screen.ts'
import { table } from './table.ts'
import { joined, wrapped } from './wrapped.ts'

const ESCAPE = '\u001b'
const CONTROL = new RegExp(`(${ESCAPE}\\[[\\d;?]*[A-Za-z]|\r|\n)`)
const ORDER = new RegExp(`^${ESCAPE}\\[\\??(\\d*)[\\d;]*([A-Za-z])$`)

/** What a terminal of unlimited width would show after these bytes: enough of one for what we write. */
function terminal(bytes: string): string[] {
  const lines: string[] = ['']
  let row = 0
  for (const part of bytes.split(CONTROL)) {
    const [, count, order] = ORDER.exec(part) ?? []
    if (order === 'A') row -= Number(count)
    else if (order === 'K') continue
    else if (order === 'J') lines.length = row
    else if (part === '\n') row += 1
    else if (order === undefined && part !== '\r' && part !== '') lines[row] = part
  }
  return lines
}

/** The block's lines, as many as there are. */
function blockOf(...given: Parameters<typeof rolloutBlock>): readonly string[] {
  return rolloutBlock(...given).flatMap(({ lines }) => lines)
}

const quiet = { quiet: false, json: false }

describe('the live block', () => {
  it('stands below the lines that scroll by, and is gone at the end', () => {
    const io = fakeIo({ isTTY: true })
    const block = new LiveBlock(new Screen(io, quiet))
    block.show(ranked(0, ['block 1', 'block 2']))
    block.log('first')
    block.show(ranked(0, ['block 1', 'block changed', 'block 3']))
    block.log('second')
    assert.deepEqual(terminal(io.errors()), ['first', 'second', 'block 1', 'block changed', 'block 3'])
    block.show(ranked(0, ['short']))
    block.end()
    assert.deepEqual(terminal(io.errors()), ['first', 'second'])
    assert.equal(
      io.errors().split('\u001b[?25l').length,
      io.errors().split('\u001b[?25h').length,
      'the cursor is given back',
    )
  })

  it('writes nothing when nothing changed', () => {
    const io = fakeIo({ isTTY: true })
    const block = new LiveBlock(new Screen(io, quiet))
    block.show(ranked(0, ['same']))
    const before = io.errors()
    block.show(ranked(0, ['same']))
    assert.equal(io.errors(), before)
  })

  for (const [name, options] of [
    ['without a terminal', { isTTY: false }],
    ['under CI', { isTTY: true, env: { CI: '1' } }],
    ['on a dumb terminal', { isTTY: true, env: { TERM: 'dumb' } }],
  ] as const) {
    it(`is only lines ${name}`, () => {
      const io = fakeIo(options)
      const block = new LiveBlock(new Screen(io, quiet))
      block.show(ranked(0, ['block']))
      block.log('line')
      block.end()
      assert.equal(io.errors(), 'line\n')
    })
  }

  it('cuts a line to the terminal, colours kept, so that it never wraps', () => {
    const red = '\u001b[31mabcdef\u001b[39mghi'
    assert.equal(fit(red, 9), red)
    const cut = fit(red, 5)
    assert.equal(stripVTControlCharacters(cut), 'abcd…')
    assert(cut.endsWith('\u001b[39m…'))
  })
})

describe('colours', () => {
  const painted = (env: Readonly<Record<string, string>>, isTTY: boolean) =>
    new Screen(fakeIo({ isTTY, env }), quiet).paint('red', 'x') !== 'x'

  it('are for terminals, and obey NO_COLOR before FORCE_COLOR', () => {
    assert.equal(painted({}, true), true)
    assert.equal(painted({}, false), false)
    assert.equal(painted({ NO_COLOR: '1' }, true), false)
    assert.equal(painted({ FORCE_COLOR: '1' }, false), true)
    assert.equal(painted({ FORCE_COLOR: '1', NO_COLOR: '1' }, true), false)
  })
})

describe('what is shown of a rollout', () => {
  const now = Date.now()
  const view = exampleRollout('r-7', {
    phase: 'approvals',
    waiting: exampleWaiting('the approval of maintainer'),
    paused: { by: 'person:sam', reason: 'lunch', since: instant(now) },
  })

  it('names every wait: for what, since, until, then, and the command', () => {
    const lines = waitingLines(view, now, messagesIn('en'))
    assert.equal(lines[0], 'paused by person:sam: lunch')
    assert.match(
      lines[1]!,
      /^waiting for the approval of maintainer, since .* \(\ds ago\), until .* \(in .*\); then: abort$/,
    )
    assert.equal(lines[2], 'to continue: stellwerk approve r-1')
  })

  it('loses nothing of a wait on a narrow terminal', () => {
    const [line] = waitingLines({ ...view, paused: null }, now, messagesIn('de'))
    const narrow = wrapped(line!, 40)
    assert(narrow.every((part) => part.length <= 44))
    assert.equal(narrow.map((part) => part.trim()).join(' '), line)
  })

  it('shows the way back instead of the way forward once it is taken', () => {
    const steps = { at: 2, names: ['gates', 'deploy'], rollback: ['traffic-back', 'watch'], rollbackAt: 1 }
    const screen = new Screen(fakeIo({ isTTY: false }), quiet)
    const block = blockOf({ ...view, steps }, now, messagesIn('en'), screen)
    assert(
      block.some((line) => line.includes('traffic-back ✓ ← [watch]')),
      block.join('\n'),
    )
  })

  it('[R-F08] says why it goes back, with the numbers', () => {
    const reason =
      'api: error rate of the candidate was 7.1 % (30 of 420 requests), above 2 %; live had 0.2 % (8 of 3 702)'
    const screen = new Screen(fakeIo({ isTTY: false }), quiet)
    const block = blockOf({ ...view, reason }, now, messagesIn('en'), screen)
    assert(
      block
        .map((line) => line.trim())
        .join(' ')
        .includes(`why: ${reason}`),
      block.join('\n'),
    )
    assert(!blockOf(view, now, messagesIn('en'), screen).some((line) => line.includes('why:')))
  })

  it('says every moment in UTC, by name, and the day of one that is not today', () => {
    const noon = Date.UTC(2026, 6, 25, 12, 0, 5)
    assert.equal(stamp(noon, noon + 1000), '12:00:05Z')
    assert.equal(timeText(noon, noon + 86_400_000), '2026-07-25 12:00:05 UTC')
    assert.equal(moment(instant(noon), noon + 65_000, messagesIn('en')), '12:00:05 UTC (1m 5s ago)')
    assert.equal(moment(instant(noon), noon - 65_000, messagesIn('de')), '12:00:05 UTC (in 1m 5s)')
  })

  it('aligns tables and leaves no blanks at the end of a line', () => {
    assert.equal(
      table([
        ['A', 'B'],
        ['long', ''],
        ['x', 'y'],
      ]),
      'A     B\nlong\nx     y',
    )
  })
})

describe('joined', () => {
  it('breaks between pieces only, and does not count colours', () => {
    const painted = ['\u001b[32ma b\u001b[39m', 'c d', 'e']
    assert.deepEqual(joined(painted, ' → ', 9, '  → '), ['\u001b[32ma b\u001b[39m → c d', '  → e'])
    assert.deepEqual(joined(painted, ' → ', 8, '  → '), ['\u001b[32ma b\u001b[39m', '  → c d', '  → e'])
  })
})
