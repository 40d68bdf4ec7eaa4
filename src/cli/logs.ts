import type { LogLine } from '../ports/platform.ts'
import { rolloutPath, theRollout } from './client/rollouts.ts'
import { ROLLOUT_ARG, ROLLOUT_TAKES } from './intend.ts'
import { stamp } from './screen/moments.ts'
import { defineVerb } from './verb.ts'

export const logs = defineVerb({
  name: 'logs',
  summary: 'The newest log lines of a rollout’s instances',
  takes: ROLLOUT_TAKES,
  args: { rollout: ROLLOUT_ARG },
  options: {
    lines: { flags: '-n, --lines <count>', description: 'At most this many, up to 5000', default: '100' },
    component: { flags: '--component <name>', description: 'Of this component only' },
  },
  talks: true,
  async run({ args, options, ...shell }) {
    const id = await theRollout(shell, args.rollout)
    const { lines, component } = options
    const query = new URLSearchParams({ lines, ...(component && { component }) })
    const doing = `read the logs of ${id}`
    const found = await shell.client.get<readonly LogLine[]>(rolloutPath(id, `/logs?${query}`), { doing })
    const { screen, globals, io } = shell
    for (const line of found) {
      const { at, instance, text } = line
      screen.result(globals.json ? JSON.stringify(line) : `${stamp(at, io.now())}  ${instance}  ${text}`)
    }
    return 0
  },
})
