/**
 * What the last complete run of `npm test` says of the rows: only what ran can prove. The record lies beside other caches
 * of tools and is no part of the repository; a run of a few files leaves it as it was.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { TestResult } from '../test/result.ts'
import { idsIn } from './ids.ts'

export type Ran = {
  readonly id: string
  readonly file: string
  readonly line: number
  readonly title: string
  readonly outcome: TestResult['outcome']
  /** Why it was skipped; empty for what ran. */
  readonly reason: string
}

export type RunRecord = {
  readonly format: 1
  /** Of HEAD when it ran; null where git did not answer. */
  readonly commit: string | null
  readonly hadChanges: boolean
  readonly at: string
  readonly ran: readonly Ran[]
}

const FILE = 'node_modules/.cache/stellwerk/last-complete-run.json'

/** One line per row and test; a suite's ID counts for each test in it. */
export function ranOf(results: readonly TestResult[], root: string): readonly Ran[] {
  return results.flatMap(({ path, file, line, outcome, text }) => {
    const title = path.join(' › ')
    const reason = outcome === 'skip' ? text : ''
    return [...new Set(idsIn(title))].map((id) => ({ id, file: relative(root, file), line, title, outcome, reason }))
  })
}

export function writeRecord(results: readonly TestResult[], root: string, at: Date): void {
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const record: RunRecord = {
    format: 1,
    ...headOf(git),
    at: at.toISOString(),
    ran: ranOf(results, root),
  }
  mkdirSync(dirname(join(root, FILE)), { recursive: true })
  writeFileSync(join(root, FILE), `${JSON.stringify(record, null, 1)}\n`)
}

/** A tree without git (an unpacked archive) is tested all the same. */
function headOf(git: (...args: readonly string[]) => string): Pick<RunRecord, 'commit' | 'hadChanges'> {
  try {
    return { commit: git('rev-parse', 'HEAD'), hadChanges: git('status', '--porcelain') !== '' }
  } catch {
    return { commit: null, hadChanges: false }
  }
}

/** Null when no complete run has ended here; throws when the record is of another format or damaged. */
export function readRecord(root: string): RunRecord | null {
  const path = join(root, FILE)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const record = JSON.parse(text) as RunRecord
  if (record.format !== 1) throw new Error(`${FILE} is of another version: run npm test again`)
  return record
}
