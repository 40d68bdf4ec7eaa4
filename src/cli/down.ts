import { say, verbatim } from '../core/say.ts'
import { stat } from 'node:fs/promises'
import { StellwerkError } from '../errors.ts'
import { runningHere } from './up.ts'
import { defineVerb, type Shell, usageError } from './verb.ts'

export const down = defineVerb({
  name: 'down',
  summary: say`Stop everything that serves users from this data folder: instances and router`,
  takes: ['file', 'yes', 'data'],
  description: say`For cleaning up; users then get nothing. End the control plane first. Its data stays: the log, artifacts, tokens.`,
  options: {
    databaseUrl: {
      flags: '--database-url <url>',
      description: say`The PostgreSQL given to "up"; default DATABASE_URL`,
    },
  },
  async run({ options, ...shell }) {
    const { io, screen, deps, globals } = shell
    await mustBeFree(globals.dataFolder)
    if (!(await isMeant(shell))) {
      screen.say(say`Nothing was stopped.`)
      return 1
    }
    const running = await deps.startControlPlane({
      specFile: null,
      dataFolder: globals.dataFolder,
      host: '127.0.0.1',
      port: 0,
      databaseUrl: options.databaseUrl ?? io.env['DATABASE_URL'] ?? null,
      migrationUrl: io.env['STELLWERK_MIGRATION_URL'] ?? null,
      logLevel: 'error',
      progress: (text) => screen.progress(text),
    })
    running.ended.catch(() => {})
    await running.tearDown()
    screen.result(say`instances and router are stopped; the data stays in ${globals.dataFolder}`)
    return 0
  },
})

async function mustBeFree(dataFolder: string): Promise<void> {
  if (!(await stat(dataFolder).catch(() => null)))
    throw usageError(
      say`there is no data folder ${dataFolder}`,
      say`nothing was ever started from it`,
      verbatim('--data FOLDER'),
    )
  const there = await runningHere(dataFolder)
  if (there === null) return
  throw new StellwerkError('failed', {
    what: say`the control plane runs (process ${there.pid}, ${there.url})`,
    why: say`it would start again what is stopped`,
    fix: say`end it first, with Ctrl-C where "stellwerk up" runs, or: kill ${there.pid}`,
  })
}

async function isMeant({ globals, io, text }: Shell): Promise<boolean> {
  if (globals.yes) return true
  if (!io.canAsk)
    throw usageError(
      say`cannot ask for confirmation`,
      say`there is no terminal to ask on`,
      verbatim('stellwerk down --yes'),
    )
  const reply = await io.ask(text.tell(say`Stop what ${globals.dataFolder} serves? Users then get nothing. [y/N] `))
  return ['y', 'yes', 'j', 'ja'].includes(reply?.trim().toLowerCase() ?? '')
}
