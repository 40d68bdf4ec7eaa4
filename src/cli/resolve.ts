import { say } from '../core/say.ts'
import { intendAndSay, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const resolve = defineVerb({
  name: 'resolve',
  summary: say`Say that a person has put things right after needs-human`,
  takes: ROLLOUT_TAKES,
  description: say`Ends the rollout; look at "stellwerk status" first.`,
  args: { rollout: ROLLOUT_ARG },
  options: {
    note: { flags: '--note <text>', description: say`What was done; it stays in the log for ever`, required: true },
  },
  talks: true,
  run: ({ args, options, ...shell }) =>
    intendAndSay(shell, { verb: 'resolve', rollout: args.rollout, body: { note: options.note } }),
})
