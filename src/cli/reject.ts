import { say } from '../core/say.ts'
import { intendAndSay, REASON_OPTION, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const reject = defineVerb({
  name: 'reject',
  summary: say`Refuse a release; it is aborted`,
  takes: ROLLOUT_TAKES,
  description: say`Before any traffic nothing changes for users; afterwards traffic returns to the previous version.`,
  args: { rollout: ROLLOUT_ARG },
  options: { reason: REASON_OPTION },
  talks: true,
  run: ({ args, options, ...shell }) =>
    intendAndSay(shell, { verb: 'reject', rollout: args.rollout, body: { reason: options.reason } }),
})
