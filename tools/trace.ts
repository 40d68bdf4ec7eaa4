/**
 * `npm run trace`: which test proves which row of `docs/requirements.md`, and which rows nothing proves yet. A title is a
 * claim; what passed in the last complete run is proof.
 */
import { globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT, start } from './tool.ts'
import { readRecord } from './trace/record.ts'
import { claimsIn, printed, rowsIn, type Trace, trace, unknownLines } from './trace/report.ts'

const TESTS = ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts']

export function traceRepository(root: string = ROOT): Trace {
  const rows = rowsIn(readFileSync(join(root, 'docs/requirements.md'), 'utf8'))
  const files = globSync(TESTS, { cwd: root, exclude: (path) => /(^|\/)(node_modules|\.stellwerk)(\/|$)/.test(path) })
  const claims = files
    .sort()
    .flatMap((file) => claimsIn(relative(root, join(root, file)), readFileSync(join(root, file), 'utf8')))
  return trace(rows, claims, readRecord(root))
}

/** Exit code 0, or 1 when a title names a row that does not exist, or 2 for a usage error. */
export function main(args: readonly string[], root: string = ROOT): number {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      json: { type: 'boolean', default: false },
      'only-unknown': { type: 'boolean', default: false },
    },
  })
  const all = traceRepository(root)
  if (values['only-unknown']) {
    for (const line of unknownLines(all)) console.log(line)
    return all.unknown.length > 0 ? 1 : 0
  }
  const only = values.only?.split(',').map((id) => id.trim())
  const strangers = only?.filter((id) => !all.rows.some((row) => row.id === id)) ?? []
  if (strangers.length > 0) {
    console.error(`--only ${strangers.join(',')}: no such row in docs/requirements.md; rows look like R-A01`)
    return 2
  }
  const shown = only ? { ...all, rows: all.rows.filter(({ id }) => only.includes(id)) } : all
  console.log(values.json ? JSON.stringify(shown, null, 2) : printed(shown))
  return all.unknown.length > 0 ? 1 : 0
}

if (import.meta.main) await start(main, process.argv.slice(2))
