import { say } from '../core/say.ts'
import { intendAndSay, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const resume = defineVerb({
  name: 'resume',
  summary: say`Continue after a pause`,
  takes: ROLLOUT_TAKES,
  description: say`The wait under way goes on where it stood.`,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  run: ({ args, ...shell }) => intendAndSay(shell, { verb: 'resume', rollout: args.rollout, body: {} }),
})
