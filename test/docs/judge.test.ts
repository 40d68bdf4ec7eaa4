/** Goal: the guide's files and commands, in the folder of the example, come as the page says, what it prints included. */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { runCli } from '../../src/cli/run.ts'
import { readSeries } from '../../src/judge/read-series.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { blocksIn, markedIn } from '../../tools/docs/markdown.ts'
import { ROOT } from '../../tools/tool.ts'

const page = readFileSync(join(ROOT, 'docs/guides/judge.md'), 'utf8')
const shown = blocksIn(page).filter(({ language }) => language === 'text')

/** As a shell takes them apart: single quotes, and lines that go on. */
function wordsOf(command: string): readonly string[] {
  return [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
}

/** Evidence may come to another number when the method gets better; what is said stays. */
function worded(text: string): string {
  return text.replaceAll(/\d[\d .:]*/g, '# ').replaceAll(/\s+/g, ' ')
}

describe('the guide "Judge a release of another tool"', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-judge-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(ROOT, 'examples/judge'), folder, { recursive: true })

  /** Where the page asks a Prometheus, the counts of the example stand for its answer; `test/integration` asks a real one. */
  const prometheusCounts = async () => {
    const ticksIn = (name: string) => {
      const read = readSeries(readFileSync(join(folder, name), 'utf8'))
      assert.ok(read.ok)
      return read.ticks
    }
    return { candidate: ticksIn('good.csv'), live: ticksIn('live.csv') }
  }

  for (const step of markedIn(page)) {
    if (step.does === 'write') {
      writeFileSync(join(folder, step.file), step.text)
      continue
    }
    test(step.text.trim(), async () => {
      const io = fakeIo({ cwd: folder, isTTY: true, size: { columns: 100, rows: 30 }, env: { NO_COLOR: '1' } })
      assert.equal(
        await runCli(wordsOf(step.text).slice(1), io, { prometheusCounts }),
        step.exit,
        io.output() + io.errors(),
      )
      const output = shown.find(({ line }) => line > step.line && line < step.line + 8)
      if (output) assert.equal(worded(output.text), worded(io.output()))
    })
  }
})
