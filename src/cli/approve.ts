import { intendAndSay, ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { defineVerb } from './verb.ts'

export const approve = defineVerb({
  name: 'approve',
  summary: 'Give an approval',
  takes: ROLLOUT_TAKES,
  description:
    'Bound to this plan, artifact and environment; any change voids it. Whoever asked for the release, or wrote it, may not approve it.',
  args: { rollout: ROLLOUT_ARG },
  options: { approval: { flags: '--approval <id>', description: 'Which one; default is the one you may give' } },
  talks: true,
  run: ({ args, options, ...shell }) =>
    intendAndSay(shell, { verb: 'approve', rollout: args.rollout, body: { approval: options.approval ?? null } }),
})
