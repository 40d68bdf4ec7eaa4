import type { Sentence } from '../core/say.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { PostgresStore } from '../store/postgres/index.ts'
import type { Acceptance } from './trust.ts'

export type StartOptions = {
  /** Absolute; created when it is not there. */
  readonly dataFolder: string
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Further names by which it may be asked for what needs no token. */
  readonly allowedHosts?: readonly string[]
  /** Null: the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null
  /** As the owner of the tables in it, where that is another role than the one of `databaseUrl`. */
  readonly migrationUrl?: string | null
  readonly logLevel: string
  /** Files, absolute, to which every signed checkpoint is appended beside the one in the data folder. */
  readonly anchors?: readonly string[]
  /** The log is to be taken as it is, though it is not the one that was signed: who says so, and why. */
  readonly acceptLog?: Acceptance | null
  /** Largest content of a component that is taken over, bytes. */
  readonly artifactBytesMax?: number
  /** One of several control planes on this database, each of which says so. */
  readonly replica?: boolean
  /** Name or id of a host that is gone for good: its environments become this one's. */
  readonly takeOver?: string | null
  readonly progress: (said: Sentence) => void
  /** Where `env` secrets, PATH and the like are read; default: this process's environment. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Between the engine and the outside, for tests that watch or disturb it. */
  readonly decorate?: (adapters: Adapters) => Adapters
  /** Between the engine and the log, for tests that watch or disturb it. */
  readonly decorateStore?: (store: PostgresStore) => PostgresStore
}
