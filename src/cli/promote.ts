import { intendAndSay, ROLLOUT_ARG } from './intend.ts'
import { defineVerb } from './verb.ts'

export const promote = defineVerb({
  name: 'promote',
  summary: 'End the hold under way and go to the next step',
  description: 'What was observed must still allow it: without evidence nothing advances.',
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  run: ({ args, ...shell }) => intendAndSay(shell, { verb: 'promote', rollout: args.rollout, body: {} }),
})
