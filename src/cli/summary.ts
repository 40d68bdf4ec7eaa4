/** How a rollout stands, as Markdown for the page of a CI run: who serves, why, and every verdict with its numbers. */
import { appendFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { say } from '../core/say.ts'
import { formatDuration } from '../core/time.ts'
import type { RolloutView } from '../core/views.ts'
import { StellwerkError, whyUnread } from '../errors.ts'
import type { Messages } from '../text/messages.ts'
import { getRollout } from './client/rollouts.ts'
import type { OptionSpec, Shell } from './verb.ts'

export const CI_OPTIONS = {
  summary: {
    flags: '--summary <file>',
    description: say`Append how it ended as Markdown to this file, $GITHUB_STEP_SUMMARY`,
  },
  outputs: {
    flags: '--outputs <file>',
    description: say`Append rollout, phase and version as NAME=VALUE lines to this file, $GITHUB_OUTPUT or a dotenv report`,
  },
} as const satisfies Record<string, OptionSpec>

type CiOptions = { readonly [K in keyof typeof CI_OPTIONS]: string | undefined }

/** Appends, since forges share these files between the steps of a job. The rollout's own end is not changed by it. */
export async function tellCi(shell: Shell, id: string, options: CiOptions): Promise<void> {
  if (options.summary === undefined && options.outputs === undefined) return
  // How the rollout ended is the exit code; that nobody could write it down does not change it.
  await write(shell, id, options).catch((error: unknown) => {
    if (!(error instanceof StellwerkError)) throw error
    shell.screen.progress(say`not written down for the CI run: ${error.text.what}: ${error.text.why}`)
  })
}

async function write({ client, text, io }: Shell, id: string, { summary, outputs }: CiOptions): Promise<void> {
  const view = await getRollout(client, id)
  if (summary !== undefined) await append(resolve(io.cwd, summary), `${summaryOf(view, text)}\n`)
  if (outputs !== undefined) await append(resolve(io.cwd, outputs), outputsOf(view))
}

async function append(file: string, text: string): Promise<void> {
  await appendFile(file, text).catch((error: unknown) => {
    throw new StellwerkError('failed', {
      what: say`cannot write how the rollout ended to ${file}`,
      why: whyUnread(error, file),
      fix: say`the rollout itself is not touched by that; name another file`,
    })
  })
}

/** None of these can hold a line break: ids, names of phases, names of versions. */
function outputsOf({ id, phase, version }: RolloutView): string {
  return `rollout=${id}\nphase=${phase}\nversion=${version}\n`
}

export function summaryOf(view: RolloutView, text: Messages): string {
  const { summary } = text
  const { service, environment, version, requestedBy, run } = view
  const took = formatDuration(Math.max(0, view.updatedAt - view.requestedAt))
  const serving = view.serving.map(({ component, said }) => `${component} ${text.tell(said.text)}`).join(', ')
  const rows: readonly (readonly [string, string])[] = [
    [summary.rollout, `\`${cell(view.id)}\``],
    [summary.state, `**${cell(text.phases[view.phase])}**`],
    [summary.serving, cell(serving || '-')],
    [summary.by, cell(requestedBy) + (run === null ? '' : ` ([${summary.run}](${link(run)}))`)],
    [summary.took, took],
    ...(view.reason === null
      ? []
      : [[summary.why, cell(text.tell(view.reasonSaid ?? { quote: view.reason }))] as const]),
  ]
  const verdicts = view.verdicts.map(({ outcome, said, text: english }) => {
    return [SIGNS[outcome], cell(text.outcomes[outcome]), cell(text.tell(said ?? { quote: english }))] as const
  })
  return [
    `### ${cell(service)} ${cell(version)} → ${cell(environment)}`,
    '',
    ...table(['', ''], rows),
    ...(verdicts.length === 0 ? [] : ['', ...table(['', summary.verdict, ''], verdicts)]),
    '',
  ].join('\n')
}

const SIGNS = { pass: '✅', fail: '❌', inconclusive: '⚠️', 'no-evidence': '⚠️' } as const

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** What came from a service cannot make a table, a link, an image or HTML of its own. */
function cell(text: string): string {
  return text.replace(/[\\`*_[\]<>|#!~]/g, '\\$&').replace(/\s+/g, ' ')
}

/** An address was checked when it was taken; what would end the link is written as octets. */
function link(url: string): string {
  return url.replace(/[()<>\s|]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
