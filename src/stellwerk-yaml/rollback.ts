import { z } from 'zod'
import { Deadline, Duration } from './duration.ts'
import { CommandLine, Name } from './name.ts'

const Mitigate = z.strictObject({
  run: CommandLine.meta({ description: 'Switches a feature off, pauses a worker; must be safe to run twice.' }),
  component: Name.meta({ description: 'Whose artifact folder and variables it runs with.' }),
})

const Targets = z.strictObject({
  rto: Duration.prefault('5m').meta({
    description:
      'Time until users are back on the previous release. Missed: the end of the rollback says so, and by how much.',
    source: 'R-F10',
  }),
})

/** What a rollback does besides giving traffic back. */
export const Rollback = z.strictObject({
  mitigate: z
    .array(Mitigate)
    .max(50)
    .prefault([])
    .meta({ description: 'Commands that lessen the damage before traffic goes back.', source: 'R-F02' }),
  watch: Deadline.prefault('30m').meta({
    description: 'How long live is watched afterwards. Not `0s`: nobody would see whether the rollback helped.',
    source: 'R-F06',
  }),
  targets: Targets.prefault({}).meta({ description: 'What rollbacks are measured against.', source: 'R-F10' }),
})
