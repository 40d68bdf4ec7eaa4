import { say } from '../core/say.ts'
import { PATIENCE_OPTION } from './deploy.ts'
import { returnUsers } from './users-returned.ts'
import { REASON_OPTION, ROLLOUT_ARG } from './intend.ts'
import { defineVerb } from './verb.ts'

export const abort = defineVerb({
  name: 'abort',
  summary: say`Give up a rollout, and follow it until nothing of it is left`,
  takes: ['environment', 'service', 'file', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Before any traffic nothing changes for users; afterwards it is a rollback. Exit code 0: users are off it.`,
  args: { rollout: ROLLOUT_ARG },
  options: { reason: REASON_OPTION, reconnectLimit: PATIENCE_OPTION },
  talks: true,
  run: ({ args, options: { reason, reconnectLimit }, ...shell }) =>
    returnUsers(shell, { verb: 'abort', rollout: args.rollout, body: { reason } }, reconnectLimit),
})
