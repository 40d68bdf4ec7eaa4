/** What people tell a rollout under way in a word: each is one intent of the API, and what came of it is said. */
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

export const resume = defineVerb({
  name: 'resume',
  summary: say`Continue after a pause`,
  takes: ROLLOUT_TAKES,
  description: say`The wait under way goes on where it stood.`,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  run: ({ args, ...shell }) => intendAndSay(shell, { verb: 'resume', rollout: args.rollout, body: {} }),
})

export const promote = defineVerb({
  name: 'promote',
  summary: say`End the hold under way and go to the next step`,
  takes: ROLLOUT_TAKES,
  description: say`What was observed must still allow it: without evidence nothing advances.`,
  args: { rollout: ROLLOUT_ARG },
  talks: true,
  run: ({ args, ...shell }) => intendAndSay(shell, { verb: 'promote', rollout: args.rollout, body: {} }),
})

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
