/** The two files of counts, and everything that is wrong with them as file:line. */
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Role } from '../../core/observed.ts'
import { say, type Told } from '../../core/say.ts'
import { detail, type ProblemDetail, StellwerkError, whyUnread } from '../../errors.ts'
import { type ReadSeries, readSeries } from '../../judge/read-series.ts'
import type { Sides } from '../../judge/pair.ts'
import type { SeriesProblem } from '../../judge/series.ts'
import { usageError } from '../verb.ts'

export type Counts = Sides & {
  /** For verdicts: `candidate.csv, live.csv`. */
  readonly source: string
  /** What the judge cannot use, at its place. */
  readonly unfit: (problems: readonly SeriesProblem[]) => StellwerkError
}

/** Some hundred thousand lines. */
const MAX_BYTES = 50_000_000
const SHOWN_MAX = 20
const FIX = say`docs/guides/judge.md shows both formats`

export async function filesOf(cwd: string, paths: Readonly<Record<Role, string>>): Promise<Counts> {
  const read = {
    candidate: readSeries(await textOf(cwd, paths.candidate)),
    live: readSeries(await textOf(cwd, paths.live)),
  }
  const { candidate, live } = read
  if (!candidate.ok || !live.ok) {
    const wrong = (['candidate', 'live'] as const).flatMap((role) => problemsIn(paths[role], read[role]))
    throw unusable(wrong)
  }
  const line = (of: Role, index: number | null) =>
    index === null ? 1 : (of === 'candidate' ? candidate : live).lines[index]
  return {
    candidate: candidate.ticks,
    live: live.ticks,
    source: `${paths.candidate}, ${paths.live}`,
    unfit: (problems) =>
      unusable(problems.map(({ of, index, said }) => detail(`${paths[of]}:${line(of, index)}`, said))),
  }
}

function problemsIn(path: string, read: ReadSeries): readonly ProblemDetail[] {
  return read.ok ? [] : read.problems.map(({ line, said }) => detail(`${path}:${line}`, said))
}

export function unusable(problems: readonly ProblemDetail[]): StellwerkError {
  const shown = problems.slice(0, SHOWN_MAX)
  const why = problems.length === 1 ? say`one line cannot be used` : say`${problems.length} lines cannot be used`
  return new StellwerkError('usage', { what: say`cannot judge these counts`, why, fix: FIX, problems: shown })
}

async function textOf(cwd: string, path: string): Promise<string> {
  const file = resolve(cwd, path)
  const cannot = (why: Told) => usageError(say`cannot read the counts in ${path}`, why, FIX)
  try {
    const { size } = await stat(file)
    if (size > MAX_BYTES) throw cannot(say`it has ${size} bytes; at most ${MAX_BYTES} are read: take longer ticks`)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))
  } catch (error) {
    if (error instanceof StellwerkError) throw error
    if (error instanceof TypeError) throw cannot(say`it is no UTF-8 text`)
    throw cannot(whyUnread(error, file))
  }
}
