/** Migrations by any tool with a command line (knex, Prisma, Flyway, psql): exit code 0 means done. */
import { z } from 'zod'
import type { PlannedCommand } from '../../core/plan.ts'
import type { Migration, MigrationReport } from '../../ports/migration.ts'
import { failure, ok } from '../../ports/result.ts'
import type { Order, Result } from '../../ports/result.ts'
import type { Account } from './account.ts'
import { splitCommand } from './argv.ts'
import { allowedEnvironment } from './environment.ts'
import type { Environment } from './environment.ts'
import { type CommandEnd, runCommand } from './run.ts'

const Command = z.strictObject({
  component: z
    .string()
    .min(1)
    .describe('Component in whose artifact folder, and with whose variables, the command runs'),
  command: z
    .string()
    .superRefine((text, context) => {
      const split = splitCommand(text)
      if (!split.ok) context.addIssue({ code: 'custom', message: split.message })
    })
    .describe('Command line, run without a shell; running it twice must do no harm'),
})

const options = z
  .strictObject({
    kind: z.literal('command'),
    expand: Command.describe('Brings the schema forward; the old version must still work with the result'),
    down: Command.nullable()
      .default(null)
      .describe('Takes the change back in a rollback; null when there is no way back'),
    timeLimitMs: z.int().positive().default(600_000).describe('Longest time one command may take, milliseconds'),
  })
  .describe('Schema changes by a command of a component')

/** Where a component's command runs: a writable folder with its artifact, its environment, the secret values in that. */
export type CommandPlace = {
  readonly folder: string
  readonly account?: Account
  readonly environment: Environment
  readonly secrets: readonly string[]
  /** Called once the command has ended, however it did: removes the folder. */
  done(): Promise<void>
}

export type CommandDeps = {
  workplace(component: string, order: Order): Promise<Result<CommandPlace>>
  /** The environment of this process, from which PATH, HOME, LANG, TZ are taken. */
  readonly hostEnvironment: Readonly<Record<string, string | undefined>>
}

function create(given: z.output<typeof options>, deps: CommandDeps): Migration {
  const perform = (command: PlannedCommand, order: Order) => runPlannedCommand(command, given.timeLimitMs, deps, order)
  return {
    expand: (order) => perform(given.expand, order),
    down: async (order) => {
      if (given.down) return perform(given.down, order)
      return failure(
        'permanent',
        'the migration has no way back: "down" is not set; restore the data by hand if needed',
      )
    },
  }
}

export const commandMigration = { kind: 'command', options, create } as const

/**
 * Runs a planned command in its component's artifact folder. Exit 0 is `ok`; another exit is `permanent` with the tail of
 * the output; ended by the time limit or the order's abort is `unknown`, since part of it may have happened.
 */
export async function runPlannedCommand(
  planned: PlannedCommand,
  timeLimitMs: number,
  deps: CommandDeps,
  order: Order,
): Promise<Result<MigrationReport>> {
  const argv = splitCommand(planned.command)
  if (!argv.ok) return argv
  const place = await deps.workplace(planned.component, order)
  if (!place.ok) return place
  const { folder, account = null, environment, secrets, done } = place.value
  const end = await runCommand({
    argv: argv.value,
    folder,
    account,
    environment: { ...allowedEnvironment(deps.hostEnvironment), ...environment, STELLWERK_KEY: order.key },
    timeLimitMs,
    secrets,
    signal: order.signal,
  }).finally(done)
  return end.ok ? judge(planned.command, end.value) : end
}

function judge(command: string, end: CommandEnd): Result<MigrationReport> {
  if (end.how === 'exited' && end.code === 0) return ok({ output: end.output })
  const said = end.output.trim() === '' ? 'it printed nothing' : `it printed last:\n${end.output.trimEnd()}`
  const took = `after ${end.durationMs} ms`
  if (end.how === 'exited') {
    const how = end.code === null ? `was ended by ${end.signal}` : `ended with exit code ${end.code}`
    return failure('permanent', `\`${command}\` ${how} ${took}; ${said}`)
  }
  const why = end.how === 'timed-out' ? 'reached its time limit' : "reached the order's deadline"
  return failure('unknown', `\`${command}\` ${why} ${took} and was killed; part of it may have happened; ${said}`)
}
