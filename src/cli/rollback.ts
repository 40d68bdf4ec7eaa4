import { say } from '../core/say.ts'
import { PATIENCE_OPTION } from './deploy.ts'
import { returnUsers } from './users-returned.ts'
import { REASON_OPTION, ROLLOUT_ARG } from './intend.ts'
import { defineVerb } from './verb.ts'

export const rollback = defineVerb({
  name: 'rollback',
  summary: say`Return users to the previous version, and follow it to its end`,
  takes: ['environment', 'service', 'file', 'wait', 'timeout', 'json', 'server', 'data'],
  description: say`Also of a finalized rollout, while its rollback window is open. Waits for nobody. Exit code 0: users are back.`,
  args: { rollout: ROLLOUT_ARG },
  options: {
    reason: REASON_OPTION,
    cause: {
      flags: '--cause <cause>',
      description: say`person, incident or security-finding`,
      default: 'person',
      choices: ['person', 'incident', 'security-finding'],
    },
    reconnectLimit: PATIENCE_OPTION,
  },
  examples: ['stellwerk rollback --reason "checkout answers 500"'],
  talks: true,
  run: ({ args, options: { reason, cause, reconnectLimit }, ...shell }) =>
    returnUsers(shell, { verb: 'roll-back', rollout: args.rollout, body: { reason, cause } }, reconnectLimit),
})
