import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { say, verbatim } from '../../core/say.ts'
import { StellwerkError, whyUnread } from '../../errors.ts'
import type { Judged } from '../../judge/judge.ts'
import { plotSvg } from '../../judge/plot.ts'
import { type OptionSpec, type Shell, usageError } from '../verb.ts'
import { whatToDo } from './report.ts'

export const PLOT_OPTION = {
  plot: {
    flags: '--plot <file.svg>',
    description: say`Write a picture of it: errors, latencies and evidence over time`,
  },
} as const satisfies Record<string, OptionSpec>

/** Said before anything is judged: a name that would mislead. */
export function mustBeSvg(path: string | undefined): void {
  if (path === undefined || path.endsWith('.svg')) return
  throw usageError(
    say`--plot "${path}" is not a name for a picture`,
    say`it is an SVG, so its name ends in .svg`,
    verbatim('--plot judge.svg'),
  )
}

export async function writePlot(path: string, judged: Judged, { io, text, globals }: Shell): Promise<void> {
  const outcome = text.outcomes[judged.outcome]
  const service = globals.service === null ? '' : `${globals.service}: `
  const title = `${service}${outcome}: ${text.tell(whatToDo(judged))}`
  const file = resolve(io.cwd, path)
  try {
    await writeFile(file, plotSvg(judged, { title, tell: text.tell }))
  } catch (error) {
    const fix = say`name a file in a folder that exists and can be written`
    throw new StellwerkError(
      'usage',
      { what: say`cannot write the picture ${path}`, why: whyUnread(error, file), fix },
      error,
    )
  }
}
