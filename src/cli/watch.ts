import { say } from '../core/say.ts'
import { getRollout, theRollout } from './client/rollouts.ts'
import { PATIENCE_OPTION } from './deploy.ts'
import { parseDuration } from './duration.ts'
import { follow } from './follow.ts'
import { ROLLOUT_ARG } from './intend.ts'
import { CI_OPTIONS, tellCi } from './summary.ts'
import { defineVerb } from './verb.ts'

export const watch = defineVerb({
  name: 'watch',
  summary: say`Follow a rollout from its beginning to its end`,
  takes: ['environment', 'service', 'file', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Ends with the exit code of the rollout, as deploy does. Ctrl-C only stops watching.`,
  args: { rollout: ROLLOUT_ARG },
  options: { reconnectLimit: PATIENCE_OPTION, ...CI_OPTIONS },
  examples: ['stellwerk watch', 'stellwerk watch r-42 --json'],
  talks: true,
  async run({ args, options, ...shell }) {
    const id = await theRollout(shell, args.rollout)
    const patienceMs = parseDuration(options.reconnectLimit, '--reconnect-limit')
    const code = await follow(shell, await getRollout(shell.client, id), patienceMs)
    await tellCi(shell, id, options)
    return code
  },
})
