import { say } from '../core/say.ts'
import { intendAndSay, REASON_OPTION, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const pause = defineVerb({
  name: 'pause',
  summary: say`Stop advancing`,
  takes: ROLLOUT_TAKES,
  description: say`Triggers stay armed: a breach still rolls back. A pause has a deadline, after which the candidate is rolled back.`,
  args: { rollout: ROLLOUT_ARG },
  options: { reason: REASON_OPTION },
  talks: true,
  run: ({ args, options, ...shell }) =>
    intendAndSay(shell, { verb: 'pause', rollout: args.rollout, body: { reason: options.reason } }),
})
