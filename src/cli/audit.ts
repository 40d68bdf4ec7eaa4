import type { Style } from './screen/screen.ts'
import { quote, say, type Sentence, verbatim } from '../core/say.ts'
import { createWriteStream } from 'node:fs'
import { readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AuditReport } from '../engine/control-plane.ts'
import { checkpointsIn } from '../core/audit/checkpoint-text.ts'
import { EXIT, StellwerkError, whyUnread } from '../errors.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { Client } from './client/client.ts'
import { printableJson } from './border.ts'
import { rolloutPath, theRollout } from './client/rollouts.ts'
import type { Brought } from './deps.ts'
import { ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { stamp } from './screen/moments.ts'
import { progressLines } from './screen/progress.ts'
import { table } from './screen/table.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb, type Shell, usageError, type Verb } from './verb.ts'

const PAGE = 1000

const verify = defineVerb({
  name: 'audit verify',
  summary: say`Check that no fact in the log was changed, removed or reordered`,
  takes: ['json', 'server', 'data'],
  description: say`Without options, the control plane checks itself. With --key or --checkpoint, the whole log is fetched and checked here; with --file, an export is checked, and no server is asked. What a log itself contains proves nothing, so without --key or --checkpoint a file is "not proven" and the exit code is 1.`,
  options: {
    file: { flags: '--file <export>', description: say`An export to check instead of the log itself` },
    key: {
      flags: '--key <key>',
      description: say`The verifier key as "audit checkpoint" gave it, or a file that holds it`,
    },
    checkpoint: {
      flags: '--checkpoint <note>',
      description: say`A checkpoint that was kept elsewhere: a file of one or more, or its text; may be repeated`,
      many: true,
    },
    trustKeyInFile: {
      flags: '--trust-key-in-file',
      description: say`Check a file with the key it contains: detects accidents, not forgery`,
    },
  },
  examples: ['stellwerk audit verify --file log.ndjson --key stellwerk.key --checkpoint checkpoints.txt'],
  async run({ options, ...shell }) {
    const brought = await broughtAlong(shell, options)
    const report = await check(shell, options.file ?? null, brought)
    sayReport(shell, report)
    return report.ok ? EXIT.done.code : EXIT.failed.code
  },
})

const checkpoint = defineVerb({
  name: 'audit checkpoint',
  summary: say`Sign the log as it is now: what to keep elsewhere, and later give to "audit verify"`,
  takes: ['json', 'server', 'data'],
  description: say`The checkpoint goes to stdout, so that it can be appended to a file that others keep.`,
  options: { key: { flags: '--key', description: say`The verifier key instead, which stays the same` } },
  examples: ['stellwerk audit checkpoint >> /mnt/elsewhere/checkpoints.txt'],
  async run({ options, client, globals, screen }) {
    const signed = await client.get<Signed>('/audit/checkpoint', { doing: say`sign the log` })
    if (globals.json) screen.result(JSON.stringify(signed))
    else if (options.key) screen.result(signed.key)
    else if (signed.checkpoint !== null) screen.result(signed.checkpoint)
    else screen.progress(say`nothing is logged yet`)
    return EXIT.done.code
  },
})

type Signed = { readonly key: string; readonly checkpoint: string | null }

const exportLog = defineVerb({
  name: 'audit export',
  summary: say`Write the whole log with its signed checkpoints, to be checked elsewhere`,
  takes: ['file', 'server', 'data'],
  options: { out: { flags: '-o, --out <file>', description: say`Where to; default is stdout` } },
  async run({ options, ...shell }) {
    // Before the log begins to come: what breaks off while nobody reads it yet would end the process.
    const to = options.out ? await destination(resolve(shell.io.cwd, options.out)) : null
    const response = await shell.client.open('/audit/export', { doing: say`export the log` })
    const lines = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
    try {
      if (to) await writeWhole(lines, to)
      else for await (const chunk of lines.setEncoding('utf8')) printExport(shell, chunk as string)
    } catch (error) {
      const why = quote(error instanceof Error ? error.message : String(error))
      throw new StellwerkError(
        'unreachable',
        { what: say`the export is incomplete`, why, fix: say`run it again` },
        error,
      )
    }
    if (options.out) shell.screen.result(options.out)
    return 0
  },
})

const show = defineVerb({
  name: 'audit show',
  summary: say`Show every fact of one rollout: position, time, on whose behalf, what`,
  takes: ROLLOUT_TAKES,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  async run({ args, ...shell }) {
    const id = await theRollout(shell, args.rollout)
    const events = await allEvents(shell.client, id)
    if (shell.globals.json) for (const event of events) shell.screen.result(JSON.stringify(event))
    else
      shell.screen.result(
        table(
          events.map((event) => rowOf(event, shell)),
          columnsOf(shell.io.stdout),
          false,
        ),
      )
    return 0
  },
})

export const audit: readonly Verb[] = [verify, checkpoint, exportLog, show]

type Options = {
  readonly file?: string | undefined
  readonly key?: string | undefined
  readonly checkpoint: readonly string[]
  readonly trustKeyInFile?: boolean | undefined
}

async function broughtAlong({ io }: Shell, options: Options): Promise<Brought> {
  const { file, trustKeyInFile = false } = options
  if (trustKeyInFile && file === undefined) {
    throw usageError(
      verbatim('--trust-key-in-file'),
      say`it is about a file, and none is named`,
      verbatim('--file log.ndjson'),
    )
  }
  const key = options.key === undefined ? null : await readKey(io.cwd, options.key)
  const checkpoints = await Promise.all(options.checkpoint.map((given) => readCheckpoints(io.cwd, given)))
  return { key, checkpoints: checkpoints.flat(), trustOwnKey: trustKeyInFile }
}

async function check({ io, deps, client }: Shell, file: string | null, brought: Brought): Promise<AuditReport> {
  if (file !== null) return deps.verifyExport(await readable(resolve(io.cwd, file)), brought)
  if (brought.key === null && brought.checkpoints.length === 0)
    return client.get<AuditReport>('/audit/verify', { doing: say`verify the log` })
  const response = await client.open('/audit/export', { doing: say`fetch the log` })
  const input = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  return deps.verifyExport(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY }), brought)
}

async function readable(file: string): Promise<string> {
  try {
    const { isFile } = await stat(file).then((found) => ({ isFile: found.isFile() }))
    if (!isFile) throw new Error(`${file} is no file`)
    return file
  } catch (error) {
    const fix = say`name a file that "stellwerk audit export" wrote`
    throw new StellwerkError('usage', { what: say`cannot read the export`, why: whyUnread(error, file), fix }, error)
  }
}

async function readKey(cwd: string, given: string): Promise<string> {
  const text = KEY.test(given) ? given : (await textOf(resolve(cwd, given), '--key')).trim()
  if (KEY.test(text)) return text
  const why = say`it is neither a verifier key (stellwerk/…+…+…) nor a file that holds one`
  throw usageError(verbatim(`--key "${given.slice(0, 80)}"`), why, verbatim('stellwerk audit checkpoint --key'))
}

/** `name+id+base64`, as one word. */
const KEY = /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/

async function readCheckpoints(cwd: string, given: string): Promise<readonly string[]> {
  const text = given.includes('\n') ? given : await textOf(resolve(cwd, given), '--checkpoint')
  const found = checkpointsIn(text)
  if (found.length > 0) return found
  const why = say`there is no signed checkpoint in it`
  throw usageError(
    verbatim(`--checkpoint "${given.slice(0, 80)}"`),
    why,
    verbatim('stellwerk audit checkpoint > checkpoint.txt'),
  )
}

function textOf(file: string, option: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    const fix = verbatim('stellwerk audit checkpoint --help')
    throw new StellwerkError('usage', { what: say`cannot read ${option}`, why: whyUnread(error, file), fix }, error)
  })
}

function sayReport({ globals, screen, text }: Shell, report: AuditReport): void {
  if (globals.json) return screen.result(JSON.stringify(report))
  const [color, word] = VERDICTS[report.verdict]
  const verdict = screen.paint(color, text.tell(word), 'stdout')
  screen.result(say`${verdict}: ${report.events} events, ${report.checkpoints} checkpoints, root ${report.root}`)
  for (const { position, message } of report.problems)
    screen.result(say`  position ${position ?? '-'}: ${quote(message)}`)
  for (const sentence of report.proven) screen.result(say`  proven: ${quote(sentence)}`)
  for (const sentence of report.unproven) screen.result(say`  not proven: ${quote(sentence)}`)
}

const VERDICTS = {
  intact: ['green', say`intact`],
  'not-intact': ['red', say`NOT INTACT`],
  unproven: ['yellow', say`NOT PROVEN`],
} as const satisfies Record<AuditReport['verdict'], readonly [Style, Sentence]>

/** Byte for byte into a pipe; on a terminal nothing in it may be an order. */
function printExport({ io: { stdout } }: Shell, text: string): void {
  stdout.raw(stdout.isTTY ? printableJson(text) : text)
}

/** The file is there under its name only when it is complete; a pipe or a device is written to, never replaced. */
type Destination = { readonly file: string; readonly isDevice: boolean }

async function destination(out: string): Promise<Destination> {
  const file = await realpath(out).catch(() => out)
  const found = await stat(file).catch(() => null)
  return { file, isDevice: found !== null && !found.isFile() }
}

async function writeWhole(lines: Readable, { file, isDevice }: Destination): Promise<void> {
  if (isDevice) return pipeline(lines, createWriteStream(file))
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
    const page = await client.get<readonly StoredEvent[]>(path, { doing: say`read the events of ${rollout}` })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

function rowOf(event: StoredEvent, { io, text }: Shell): readonly string[] {
  const said = progressLines(event, text).map((line) => line.text)
  return [String(event.position), stamp(event.at, io.now()), event.actor, event.type, said.join(' | ')]
}
