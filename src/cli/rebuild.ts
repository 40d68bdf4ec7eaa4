import { say } from '../core/say.ts'
import { EXIT } from '../errors.ts'
import { defineVerb } from './verb.ts'

export const rebuild = defineVerb({
  name: 'rebuild',
  summary: say`Rebuild every table beside the log from the log`,
  takes: ['json', 'data'],
  description: say`For tables that were damaged or dropped, or are in doubt. No control plane may run on the database meanwhile. What serves users goes on, and the next "up" resumes the rollouts. In one transaction: if interrupted, nothing has changed. Names of tokens and answers to repeated requests are kept where they are still there.`,
  options: {
    databaseUrl: {
      flags: '--database-url <url>',
      description: say`The PostgreSQL given to "up"; default DATABASE_URL`,
    },
  },
  async run({ options, io, screen, deps, globals, text: { rebuild: texts } }) {
    const rebuilt = await deps.rebuildTables({
      dataFolder: globals.dataFolder,
      databaseUrl: options.databaseUrl ?? io.env['DATABASE_URL'] ?? null,
      migrationUrl: io.env['STELLWERK_MIGRATION_URL'] ?? null,
      logLevel: 'error',
      progress: (said) => screen.progress(said),
    })
    if (globals.json) screen.result(JSON.stringify(rebuilt))
    else screen.result(texts.done(rebuilt))
    if (rebuilt.lostTokens.length > 0) screen.say(texts.lostTokens(rebuilt.lostTokens))
    for (const { stream, why } of rebuilt.unreadable) screen.say(texts.unreadable(stream, why))
    return rebuilt.unreadable.length === 0 ? EXIT.done.code : EXIT.failed.code
  },
})
