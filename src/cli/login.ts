import { say, verbatim } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import { ciLogin } from './client/ci-login.ts'
import { serverOf } from './client/connection.ts'
import { defineVerb } from './verb.ts'

/** For jobs in which the forge gives one token for all their commands. */
export const login = defineVerb({
  name: 'login',
  summary: say`Log a CI job in: print a token for the commands that follow`,
  takes: ['environment', 'service', 'file', 'server', 'data'],
  description: say`In a job of GitHub or GitLab, which vouches for it: no stored secret. Other verbs log in by themselves; this one is for jobs that get one token for all their commands.`,
  examples: ['export STELLWERK_TOKEN=$(stellwerk login --service shop)'],
  async run({ io, globals, screen }) {
    const { server, dataFolder, service, environment, file } = globals
    const ask = ciLogin({ env: io.env, now: io.now, service, environment, file, cwd: io.cwd })
    if (ask === null) {
      throw new StellwerkError('usage', {
        what: say`this is no CI job that could be logged in`,
        why: say`neither GitHub nor GitLab says so; people use a token`,
        fix: verbatim('stellwerk token create'),
      })
    }
    const { secret, expiresAt } = await ask(await serverOf({ server, dataFolder }))
    screen.progress(say`let in for ${Math.max(0, Math.round((expiresAt - io.now()) / 60_000))} min`)
    screen.result(secret)
    return 0
  },
})
