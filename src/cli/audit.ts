import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AuditReport } from '../engine/control-plane.ts'
import { EXIT, StellwerkError } from '../errors.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { Client } from './client/client.ts'
import { rolloutPath, theRollout } from './client/rollouts.ts'
import { ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { stamp } from './screen/moments.ts'
import { progressLines } from './screen/progress.ts'
import { table } from './screen/table.ts'
import { defineVerb, type Shell, type Verb } from './verb.ts'

const PAGE = 1000

const verify = defineVerb({
  name: 'audit verify',
  summary: 'Check that no fact in the log was changed, removed or reordered',
  takes: ['json', 'server', 'data'],
  description: 'With --file, checks an export offline: no control plane is asked or trusted.',
  options: { file: { flags: '--file <export>', description: 'An export to check instead of the log itself' } },
  async run({ options, ...shell }) {
    const report = options.file
      ? await shell.deps.verifyExport(resolve(shell.io.cwd, options.file))
      : await shell.client.get<AuditReport>('/audit/verify', { doing: 'verify the log' })
    sayReport(shell, report)
    return report.ok ? EXIT.done.code : EXIT.failed.code
  },
})

const exportLog = defineVerb({
  name: 'audit export',
  summary: 'Write the whole log with its signed checkpoints, to be checked elsewhere',
  takes: ['file', 'server', 'data'],
  options: { out: { flags: '-o, --out <file>', description: 'Where to; default is stdout' } },
  async run({ options, ...shell }) {
    const response = await shell.client.open('/audit/export', { doing: 'export the log' })
    const lines = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
    try {
      if (options.out) await writeWhole(lines, resolve(shell.io.cwd, options.out))
      else for await (const chunk of lines) shell.io.stdout.write(Buffer.from(chunk as Uint8Array).toString())
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new StellwerkError('unreachable', { what: 'the export is incomplete', why, fix: 'run it again' }, error)
    }
    if (options.out) shell.screen.result(options.out)
    return 0
  },
})

const show = defineVerb({
  name: 'audit show',
  summary: 'Show every fact of one rollout: position, moment, on whose behalf, what',
  takes: ROLLOUT_TAKES,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  async run({ args, ...shell }) {
    const id = await theRollout(shell, args.rollout)
    const events = await allEvents(shell.client, id)
    if (shell.globals.json) for (const event of events) shell.screen.result(JSON.stringify(event))
    else shell.screen.result(table(events.map((event) => rowOf(event, shell))))
    return 0
  },
})

export const audit: readonly Verb[] = [verify, exportLog, show]

function sayReport({ globals, screen }: Shell, report: AuditReport): void {
  if (globals.json) return screen.result(JSON.stringify(report))
  const verdict = report.ok ? screen.paint('green', 'intact', 'stdout') : screen.paint('red', 'NOT INTACT', 'stdout')
  screen.result(`${verdict}: ${report.events} events, ${report.checkpoints} checkpoints, root ${report.root}`)
  for (const { position, message } of report.problems) screen.result(`  position ${position ?? '-'}: ${message}`)
}

/** The file is there under its name only when it is complete. */
async function writeWhole(lines: Readable, file: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`
  try {
    await pipeline(lines, createWriteStream(beside, { mode: 0o600 }))
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}

async function allEvents(client: Client, rollout: string): Promise<readonly StoredEvent[]> {
  const all: StoredEvent[] = []
  for (;;) {
    const path = rolloutPath(rollout, `/events?after=${all.at(-1)?.position ?? 0}&limit=${PAGE}`)
    const page = await client.get<readonly StoredEvent[]>(path, { doing: `read the events of ${rollout}` })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

function rowOf(event: StoredEvent, { io, text }: Shell): readonly string[] {
  const said = progressLines(event, text).map((line) => line.text)
  return [String(event.position), stamp(event.at, io.now()), event.actor, event.type, said.join(' | ')]
}
