import { say } from '../core/say.ts'
import type { RolloutView } from '../core/views.ts'
import { mustBeKnown } from './client/rollouts.ts'
import { parseCount } from './count.ts'
import { stamp } from './screen/moments.ts'
import { table } from './screen/table.ts'
import { columnsOf } from './screen/wrapped.ts'
import { defineVerb } from './verb.ts'

export const list = defineVerb({
  name: 'list',
  summary: say`List rollouts, newest first`,
  takes: ['environment', 'service', 'file', 'json', 'server', 'data'],
  options: { lines: { flags: '-n, --lines <count>', description: say`At most this many, up to 500`, default: '20' } },
  talks: true,
  async run({ options, ...shell }) {
    const { client, globals, screen, text, io } = shell
    const { service, environment } = globals
    const query = new URLSearchParams({
      limit: String(parseCount(options.lines, '--lines', 500)),
      ...(service && { service }),
      ...(environment && { environment }),
    })
    const rollouts = await client.get<readonly RolloutView[]>(`/rollouts?${query}`, { doing: say`list rollouts` })
    if (rollouts.length === 0) await mustBeKnown(shell)
    if (globals.json) for (const rollout of rollouts) screen.result(JSON.stringify(rollout))
    else if (rollouts.length === 0) screen.result(text.labels.noRollouts)
    else {
      const { rollout, service, environment, version, phase, requested, by } = text.labels
      const rows = rollouts.map((view) => [
        view.id,
        view.service,
        view.environment,
        view.version,
        text.phases[view.phase],
        stamp(view.requestedAt, io.now()),
        view.requestedBy,
      ])
      screen.result(
        table([[rollout, service, environment, version, phase, requested, by], ...rows], columnsOf(io.stdout)),
      )
    }
    return 0
  },
})
