import { z } from 'zod'
import { CommandLine, Name } from './name.ts'

/** Schema changes by a command of one component: `{ kind: command, component: api, expand: "node migrate.js up" }`. */
export const Migrations = z
  .strictObject({
    kind: z.literal('command').meta({ description: 'Commands of your own tool (knex, Prisma, Flyway, psql).' }),
    component: Name.meta({ description: 'Whose artifact folder and variables the commands run with.' }),
    expand: CommandLine.meta({ description: 'Run before the candidate takes traffic.', source: 'R-D02' }),
    down: CommandLine.optional().meta({
      description: 'Run by a rollback. Absent: the change stays, so it must suit the previous release.',
      source: 'R-F05',
    }),
  })
  .meta({ description: 'Schema changes of this release.', source: 'R-D02' })
