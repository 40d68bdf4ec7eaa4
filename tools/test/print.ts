import { relative } from 'node:path'
import { ROOT } from '../tool.ts'
import type { BatchResult } from './worker.ts'
import type { TestResult } from './result.ts'

export type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number }

export function count(results: readonly TestResult[]): Counts {
  const of = (outcome: TestResult['outcome']) => results.filter((result) => result.outcome === outcome).length
  return { passed: of('pass'), failed: of('fail'), skipped: of('skip') }
}

/** The last line of a run: `312 passed, 0 failed`, or `310 passed, 0 failed, 2 skipped`. */
export function lastLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
const title = ({ path, file, line }: TestResult) =>
  `${relative(ROOT, file)}:${line}${path.length > 0 ? `  ${path.join(' › ')}` : ''}`

export function batchLine({ batch, results, tookMs, left }: BatchResult): string {
  const counts = count(results)
  const files = batch.files.length > 1 ? ` in ${batch.files.length} files` : ''
  const behind = left.length > 0 ? `; left behind and removed: ${left.join(', ')}` : ''
  return `${counts.failed > 0 ? '✖' : '✔'} ${batch.name}  ${lastLine(counts)}${files} (${seconds(tookMs)})${behind}`
}

/** Every failure with its error, and what its file wrote. */
export function failures(batches: readonly BatchResult[]): readonly string[] {
  return batches.flatMap(({ results, output }) => {
    const failed = results.filter(({ outcome }) => outcome === 'fail')
    if (failed.length === 0) return []
    const errors = failed.map((result) => `\n✖ ${title(result)}\n${indent(result.text)}`)
    return output.trim() === '' ? errors : [...errors, `\n    what it wrote:\n${indent(output.trimEnd())}`]
  })
}

export function skips(results: readonly TestResult[]): readonly string[] {
  const skipped = results.filter(({ outcome }) => outcome === 'skip')
  return skipped.map((result) => `- skipped ${title(result)}: ${result.text}`)
}

/** The ten slowest tests that took at least half a second. */
export function slowest(results: readonly TestResult[]): readonly string[] {
  const slow = results.filter(({ tookMs }) => tookMs >= 500)
  return longest('slowest:', 10, slow, (result) => [result.tookMs, title(result)])
}

/** What tests forgot to remove, once more where nobody overlooks it; after a failure that is no wonder. */
export function leftBehind(batches: readonly BatchResult[]): readonly string[] {
  const forgot = batches.filter(({ left, results }) => left.length > 0 && count(results).failed === 0)
  const lines = forgot.map(({ batch, left }) => `  ${batch.name}: ${left.join(', ')}`)
  return lines.length > 0 ? ['left in the temporary folder by tests that passed:', ...lines] : []
}

/** The fifteen batches that cost the most, of which a run of two lanes can be no shorter than half. */
export function busiest(batches: readonly BatchResult[]): readonly string[] {
  const total = batches.reduce((sum, { processorTimeMs }) => sum + processorTimeMs, 0)
  const heading = `most processor time, of ${seconds(total)}:`
  return longest(heading, 15, batches, ({ processorTimeMs, batch }) => [processorTimeMs, batch.name])
}

function longest<T>(heading: string, count: number, all: readonly T[], of: (one: T) => [number, string]) {
  const lines = all.map(of).sort(([one], [other]) => other - one)
  const shown = lines.slice(0, count).map(([ms, name]) => `  ${seconds(ms).padStart(7)}  ${name}`)
  return shown.length > 0 ? [heading, ...shown] : []
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ')
}
