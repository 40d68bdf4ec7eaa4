import type { Order, Result } from './result.ts'

export type MigrationReport = { readonly output: string }

/** Changes the schema: `expand` before the candidate takes traffic, `down` in a rollback of a reversible change. */
export interface Migration {
  expand(order: Order): Promise<Result<MigrationReport>>
  down(order: Order): Promise<Result<MigrationReport>>
}
