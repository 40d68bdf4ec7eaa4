/** Migrations by any tool with a command line (knex, Prisma, Flyway, psql): exit code 0 means done (R-D02). */
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import { failure } from '../../../ports/result.ts'
import { Migrations } from '../../../stellwerk-yaml/migrations.ts'
import { runPlannedCommand } from '../../command/planned.ts'
import { migration } from '../../kit.ts'

const Command = z.object({ component: z.string(), command: z.string() })

export const commandMigration = migration({
  kind: 'command',
  options: Migrations,
  planned: z.object({ kind: z.literal('command'), expand: Command, down: Command.nullable() }),
  describe: () => NOTHING_OUTSIDE,
  create: ({ expand, down }, { run }) => ({
    expand: (setting, order) => runPlannedCommand(run, expand, setting, order),
    down: async (setting, order) => {
      if (down) return runPlannedCommand(run, down, setting, order)
      return failure(
        'permanent',
        'the migration has no way back: "down" is not set; restore the data by hand if needed',
      )
    },
  }),
})
