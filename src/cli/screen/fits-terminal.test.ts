/** The live block on real sizes: it never floods, never cuts a number, and follows the window. */
import { quote, verbatim } from '../../core/say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { instant } from '../../core/time.ts'
import type { RolloutView } from '../../core/views.ts'
import { exampleRollout, exampleServing } from '../../testing/example-rollout.ts'
import { fakeIo } from '../../testing/fake-io.ts'
import { fakeTerminal } from '../../testing/fake-terminal.ts'
import { messagesIn } from '../../text/languages.ts'
import { blockRows, fitHeight, ranked } from './block-lines.ts'
import { LiveBlock } from './live-block.ts'
import { rolloutBlock } from './rollout-block.ts'
import { Screen } from './screen.ts'
import { table } from './table.ts'

const NOW = Date.UTC(2026, 6, 25, 12, 0, 5)
const TEXT = messagesIn('en')

const RULES = [
  [
    'pass',
    'error rate of the candidate was 0.12 % (5 of 4 120 requests) over 12:00:05–12:05:05 UTC, at most 1 % is allowed; live had 0.2 % (8 of 3 702 requests)',
  ],
  ['pass', 'p95 latency of the candidate was 212 ms over 4 120 requests, at most 300 ms is allowed; live had 198 ms'],
  ['fail', 'memory of the largest instance was 612.5 MB at 12:05:00 UTC, at most 512 MB is allowed'],
  ['inconclusive', '180 requests are too few to judge, 200 are needed: 20 more at 3.3 requests/s take about 6 s'],
] as const

/** Three components with four rules each, in the middle of a hold. */
function busyRollout(): RolloutView {
  const components = ['api', 'checkout-service', 'pwa']
  const verdicts = components.flatMap((component) =>
    RULES.map(([outcome, why], index) => ({
      rule: `${component}-${index}`,
      outcome,
      expected: '',
      actual: '',
      source: 'router',
      observedAt: instant(NOW),
      text: `${component}: ${why}`,
    })),
  )
  const waiting = {
    for: 'hold 10 % for 5m',
    since: instant(NOW - 61_000),
    earliest: instant(NOW + 239_000),
    until: instant(NOW + 839_000),
    then: 'it is rolled back, or a person is asked where evidence is missing',
    command: 'stellwerk promote shop-prod-12',
    said: {
      for: quote('hold 10 % for 5m'),
      // oxlint-disable-next-line unicorn/no-thenable -- the word of the view; it is text, not a function
      then: quote('it is rolled back, or a person is asked where evidence is missing'),
    },
  }
  const names = [
    'gates',
    'approvals',
    'deploy api',
    'deploy checkout-service',
    'deploy pwa',
    'smoke',
    'shift 10 %',
    'hold 10 % for 5m',
    'shift 50 %',
    'hold 50 % for 5m',
    'shift 100 %',
    'bake for 30m',
    'verify-live',
    'finalize',
  ]
  return exampleRollout('shop-prod-12', {
    phase: 'holding',
    requestedAt: instant(NOW - 3_600_000),
    run: null,
    waiting,
    verdicts,
    serving: components.map((component) => ({ ...exampleServing('v1.14.2', 'v2.0.0-rc.1', 10), component })),
    steps: { at: 7, names, rollback: null, rollbackAt: -1 },
  })
}

function stage(columns: number, rows: number) {
  const size = { columns, rows }
  const terminal = fakeTerminal(size)
  const io = fakeIo({ isTTY: true, env: { NO_COLOR: '1' }, size })
  const screen = new Screen(io, { quiet: false, json: false })
  const block = new LiveBlock(screen, TEXT.more)
  let written = 0
  const flush = () => {
    terminal.write(io.errors().slice(written))
    written = io.errors().length
  }
  return {
    terminal,
    size,
    show(now: number) {
      block.show(rolloutBlock(busyRollout(), now, TEXT, screen))
      flush()
    },
    log(line: string) {
      block.log(line)
      flush()
    },
    end() {
      block.end()
      flush()
    },
  }
}

const SIZES = [
  [80, 12],
  [80, 24],
  [120, 40],
  [40, 24],
  [40, 6],
  [20, 4],
  [10, 2],
  [200, 60],
] as const

for (const [columns, rows] of SIZES) {
  describe(`a terminal of ${columns} × ${rows}`, () => {
    it('keeps the block within it: redrawn a hundred times, nothing but the log scrolls out', () => {
      const { terminal, show, log } = stage(columns, rows)
      for (let second = 0; second < 100; second += 1) {
        show(NOW + second * 1000)
        if (second % 10 === 0) log(`line ${second}`)
      }
      const all = [...terminal.scrolled(), ...terminal.screen()]
      const head = all.filter((line) => line.includes('shop prod'))
      assert.equal(head.length, columns < 12 ? head.length : 1, all.join('\n'))
      assert.deepEqual(
        all.filter((line) => line.startsWith('line ')),
        Array.from({ length: 10 }, (_, index) => `line ${index * 10}`),
      )
      assert(terminal.screen().length <= rows)
      assert(terminal.screen().every((line) => line.length <= columns))
    })

    it('is given back clean', () => {
      const { terminal, show, log, end } = stage(columns, rows)
      log('before')
      show(NOW)
      show(NOW + 1000)
      end()
      assert.deepEqual([...terminal.scrolled(), ...terminal.screen()], ['before'])
    })
  })
}

describe('on a short terminal', () => {
  it('what matters first stays: where it stands, what fails, what it waits for; the rest is counted', () => {
    const { terminal, show } = stage(80, 12)
    show(NOW)
    const shown = terminal.screen().join('\n')
    assert.match(
      shown,
      /^shop prod {2}v2\.0\.0 {2}shop-prod-12 {2}holding {2}for 1m 1s$/m,
      'of the step, not of the request',
    )
    assert.match(shown, /✗ fail: api: memory of the largest instance was 612\.5 MB/)
    assert.match(shown, /waiting for hold 10 %/)
    assert.match(shown, /… \d+ more$/)
  })

  for (const [columns, rows] of [
    [80, 24],
    [80, 12],
    [40, 24],
  ] as const) {
    it(`of ${columns} × ${rows} the step under way is always seen, with those around it that fit`, () => {
      const { terminal, show } = stage(columns, rows)
      show(NOW)
      const shown = terminal.screen().join('\n')
      assert.match(shown, /\[hold 10 % for 5m\]/)
      assert.equal(/→ finalize/.test(shown), rows === 24 && columns === 80, shown)
    })
  }

  it('a tall one shows everything', () => {
    const { terminal, show } = stage(120, 60)
    show(NOW)
    assert.doesNotMatch(terminal.screen().join('\n'), /… \d+ more/)
  })

  it('leaves rows to what is said above the block', () => {
    for (const rows of [4, 6, 12, 24, 40]) assert(rows - blockRows(rows) >= 2, String(rows))
    assert.equal(blockRows(1), 1)
  })

  it('keeps the order of what stays', () => {
    const lines = [...ranked(5, ['a', 'b']), ...ranked(0, ['c']), ...ranked(1, ['d'])]
    assert.deepEqual(
      fitHeight(lines, 3, (count) => `+${count}`),
      ['c', 'd', '+2'],
    )
    assert.deepEqual(fitHeight(lines, 4, String), ['a', 'b', 'c', 'd'])
    assert.deepEqual(fitHeight(lines, 1, String), ['c'])
  })
})

describe('numbers', () => {
  for (const columns of [60, 80, 100, 120]) {
    it(`are whole at ${columns} columns, with their units, in every verdict and bar`, () => {
      const io = fakeIo({ isTTY: true, env: { NO_COLOR: '1' }, size: { columns, rows: 200 } })
      const screen = new Screen(io, { quiet: false, json: false })
      const lines = rolloutBlock(busyRollout(), NOW, TEXT, screen).flatMap(({ lines }) => lines)
      assert(
        lines.every((line) => line.length < columns),
        lines.join('\n'),
      )
      const all = lines.join(' ').replaceAll(/\s+/g, ' ')
      for (const component of ['api', 'checkout-service', 'pwa']) {
        for (const [, why] of RULES) assert(all.includes(`${component}: ${why}`.replaceAll(/\s+/g, ' ')), why)
      }
      assert(!lines.some((line) => /^\s*%/.test(line)), 'a percent sign stands beside its number')
      assert.equal(lines.filter((line) => /\b10 % {2}v2\.0\.0-rc\.1 {2}\d\/\d ready$/.test(line)).length, 3)
    })
  }
})

describe('the reason of a rollback', () => {
  const why = 'api: 66.7 % of the requests of the candidate fail'
  const view = exampleRollout('shop-prod-12', {
    phase: 'rolling-back: watching',
    reason: `${why} (rule error-rate compared (api); source: router of api)`,
    verdicts: [
      { rule: 'a', outcome: 'fail', expected: '', actual: '', source: '', observedAt: instant(NOW), text: why },
    ],
  })

  it('stands once, although it is a verdict too', () => {
    const screen = new Screen(fakeIo({ isTTY: true, env: { NO_COLOR: '1' } }), { quiet: false, json: false })
    const shown = rolloutBlock(view, NOW, TEXT, screen)
      .flatMap(({ lines }) => lines)
      .join(' ')
    assert.equal(shown.split('66.7 %').length - 1, 1, shown)
  })
})

describe('a long path in what is said', () => {
  const path = `/srv/${'x'.repeat(60)}/postgres`
  const said = (isTTY: boolean) => {
    const io = fakeIo({ isTTY, size: { columns: 80, rows: 24 } })
    new Screen(io, { quiet: false, json: false }).progress(`PostgreSQL keeps its data in ${path}`)
    return io.errors()
  }

  it('stays whole on a terminal, in a line of its own; in a file nothing is broken', () => {
    assert.equal(said(true), `PostgreSQL keeps its data in\n  ${path}\n`)
    assert.equal(said(false), `PostgreSQL keeps its data in ${path}\n`)
  })
})

describe('a window that changes its size', () => {
  it('is followed: narrower, wider, shorter, and no line of the block stays behind', () => {
    const { terminal, size, show, log } = stage(120, 40)
    show(NOW)
    for (const [columns, rows] of [
      [80, 40],
      [80, 24],
      [60, 24],
      [120, 24],
      [120, 40],
    ] as const) {
      Object.assign(size, { columns, rows })
      terminal.resize(size)
      show(NOW + columns)
      log(`now ${columns} × ${rows}`)
    }
    const heads = terminal.screen().filter((line) => line.startsWith('shop prod'))
    assert.equal(heads.length, 1, terminal.screen().join('\n'))
  })
})

describe('a table', () => {
  const rows = [
    ['RELEASE', 'ENDED', 'MOST', 'WHAT IT IS'],
    ['v1.0.0', 'finalized', '100 %', 'answers every request correctly and within ten milliseconds'],
    ['v1.2.0', 'rolled back', '10 %', 'answers one request in five with a server error'],
  ]

  it('is as it was where there is room', () => {
    assert.equal(table(rows.slice(0, 1), 80), 'RELEASE  ENDED  MOST  WHAT IT IS')
    assert.equal(table(rows, 200), table(rows))
  })

  for (const columns of [79, 60, 50, 40, 30, 20]) {
    it(`breaks at ${columns} columns between words only, and loses none`, () => {
      const lines = table(rows, columns).split('\n')
      assert(
        lines.every((line) => line.length <= columns),
        lines.join('\n'),
      )
      const words = new Set(lines.join(' ').split(/\s+/))
      for (const word of rows.slice(1).flat().join(' ').split(' '))
        assert(words.has(word), `${word} in\n${lines.join('\n')}`)
      assert(!lines.some((line) => /^\s*%/.test(line)))
    })
  }
})

describe('who serves, while a release waits and nobody has looked yet', () => {
  it('is what was seen before it, and no share of 0 %', () => {
    const text = 'v1, last seen before this release'
    const said = { text: verbatim(text), alarm: null }
    const serving = [{ ...exampleServing('v1', 'v2', 0), observedAt: null, text, said }]
    const screen = new Screen(fakeIo({ isTTY: true, env: { NO_COLOR: '1' } }), { quiet: false, json: false })
    const view = exampleRollout('shop-prod-12', { phase: 'approvals', serving })
    const lines = rolloutBlock(view, NOW, TEXT, screen).flatMap((part) => part.lines)
    assert.ok(
      lines.some((line) => line === `  api: ${text}`),
      lines.join('\n'),
    )
    assert.ok(!lines.some((line) => line.includes('█') || line.includes('░')), lines.join('\n'))
  })
})
