import type { ArtifactComponent } from '../core/artifact.ts'
import type { Order, Result } from './result.ts'

export type MigrationReport = { readonly output: string }

/** The component with which it runs, as it is at this moment. */
export type MigrationSetting = {
  readonly artifact: ArtifactComponent
  /** Complete; holds values of secrets. */
  readonly environment: Readonly<Record<string, string>>
  /** Which of those values are secrets. */
  readonly secrets: readonly string[]
}

/** Changes the schema: `expand` before the candidate takes traffic, `down` in a rollback of a reversible change. */
export interface Migration {
  expand(setting: MigrationSetting, order: Order): Promise<Result<MigrationReport>>
  down(setting: MigrationSetting, order: Order): Promise<Result<MigrationReport>>
}
