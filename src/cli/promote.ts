import { say } from '../core/say.ts'
import { intendAndSay, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const promote = defineVerb({
  name: 'promote',
  summary: say`End the hold under way and go to the next step`,
  takes: ROLLOUT_TAKES,
  description: say`What was observed must still allow it: without evidence nothing advances.`,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  run: ({ args, ...shell }) => intendAndSay(shell, { verb: 'promote', rollout: args.rollout, body: {} }),
})
