/**
 * What verbs need beyond the HTTP API. `src/main.ts` fills it in, each part loaded when it is first called, so that a verb
 * pays only for what it uses.
 */
import { say, type Sentence } from '../core/say.ts'
import type { Warning } from '../core/forecast/detectable-effect.ts'
import type { Change } from '../composition/compile.ts'
import type { DoctorOptions } from '../composition/doctor.ts'
import type { DoctorCheck } from '../composition/doctor-check.ts'
import type { PrometheusCounts } from '../composition/judge-counts.ts'
import type { Rebuilt, RebuildOptions } from '../composition/rebuild.ts'
import type { ArtifactComponent } from '../core/artifact.ts'
import { type ProblemDetail, StellwerkError } from '../errors.ts'
import type { Sides } from '../judge/pair.ts'
import type { Io } from './io.ts'
import type { Answer, AuditReport, PlannedRollout, PlanRequest, SpecSource } from '../engine/control-plane.ts'

export type ReadSpec = {
  readonly source: SpecSource
  readonly service: string
  readonly environments: readonly string[]
  readonly components: readonly string[]
  /** Of these references by component: what no environment declares or could run, each with its place in the spec. */
  readonly unfit?: (refs: Readonly<Record<string, string>>) => readonly ProblemDetail[]
  /**
   * What is allowed and worth a look, by environment: steps that see too little, rules that stop healthy releases. Made when somebody
   * asks, since it plays many releases.
   */
  readonly warnings: () => readonly (Warning & { readonly environment: string })[]
}

export type StartOptions = {
  /** Absolute path of stellwerk.yaml, or null when there is none: specs come with each request. */
  readonly specFile: string | null
  /** Absolute; created when it is not there. Holds the embedded database, tokens, keys. */
  readonly dataFolder: string
  readonly host: string
  /** 0: a free one. */
  readonly port: number
  /** Null: the embedded PostgreSQL in the data folder. */
  readonly databaseUrl: string | null
  /** As the owner of the tables in it, where that is another role. */
  readonly migrationUrl?: string | null
  readonly logLevel: string
  /** Further names by which it may be asked for what needs no token. */
  readonly allowedHosts?: readonly string[]
  /** Files, absolute, that get a copy of every signed checkpoint. */
  readonly anchors?: readonly string[]
  /** Takes the log as it is, though it is not the one that was signed: who says so, and why. */
  readonly acceptLog?: { readonly by: string; readonly reason: string } | null
  /** Largest content of a component that is taken over, bytes. */
  readonly artifactBytesMax?: number
  /** One of several control planes on this database. */
  readonly replica?: boolean
  /** A host that is gone for good, whose environments become this one's. */
  readonly takeOver?: string | null
  /** Progress for people: `starting PostgreSQL …`. */
  readonly progress: (said: Sentence) => void
}

export type RunningControlPlane = {
  /** `http://127.0.0.1:7070` */
  readonly url: string
  /** Rejects when it can no longer run; never resolves before `stop`. */
  readonly ended: Promise<void>
  /** Ends it without ending anything that serves users (law L9). */
  stop(): Promise<void>
  /** Ends what serves users too: instances, router, and then itself. */
  tearDown(): Promise<void>
}

export type InitOptions = {
  readonly folder: string
  readonly service: string | null
  /** Overwrite what is there. */
  readonly force: boolean
}

/** From elsewhere than the log: the verifier key, notes of checkpoints. `trustOwnKey`: the log's own key will do. */
export type SeenImage = {
  readonly ref: string
  readonly digest: string
  /** What it is made for: `linux/amd64` … */
  readonly platforms: readonly string[]
}

export type Brought = {
  readonly key: string | null
  readonly checkpoints: readonly string[]
  readonly trustOwnKey: boolean
}

export type Deps = {
  /** Reads and checks stellwerk.yaml; a refusal lists every problem with file:line:column. */
  readSpec(file: string): Promise<Answer<ReadSpec>>
  /** `change`: what a rehearsal's release has otherwise than the spec. */
  compile(request: PlanRequest, change?: Change): Promise<Answer<PlannedRollout>>
  /** Takes the content of a folder or archive over into the data folder; answers its digest, `sha256:…` over the tree. */
  takeOver(path: string, dataFolder: string): Promise<string>
  /** Looks for an image at its registry, as its owner's logins say; throws where it is not there as named. */
  seeImage(ref: string, platforms: readonly string[], environment: Io['env']): Promise<SeenImage>
  /** The digest of what would be started for a pinned reference now, kept or at its place; null when there is neither. */
  digestNow(component: ArtifactComponent, dataFolder: string): Promise<string | null>
  initSpec(options: InitOptions): Promise<Answer<{ readonly written: readonly string[] }>>
  startControlPlane(options: StartOptions): Promise<RunningControlPlane>
  /** Makes what stands beside the log again from it, while no control plane runs on that database. */
  rebuildTables(options: RebuildOptions): Promise<Rebuilt>
  /** Checks of this machine and of the spec, beyond those that every client makes. */
  doctorChecks(options: DoctorOptions): Promise<readonly DoctorCheck[]>
  /** Checks an export (its lines, or the path of its file) without a control plane, against what its reader brings along. */
  verifyExport(lines: AsyncIterable<string> | string, brought: Brought): Promise<AuditReport>
  /** Counts of two sides of a time that is over; throws what stood in the way. `environment` holds what lets one in. */
  prometheusCounts(counts: PrometheusCounts, environment: Io['env']): Promise<Sides>
}

const NAMES: readonly (keyof Deps)[] = [
  'readSpec',
  'compile',
  'takeOver',
  'seeImage',
  'digestNow',
  'initSpec',
  'startControlPlane',
  'rebuildTables',
  'doctorChecks',
  'verifyExport',
  'prometheusCounts',
]

/** Parts that a build of Stellwerk was put together without refuse by name, instead of failing somewhere. */
export function completeDeps(parts: Partial<Deps>): Deps {
  const missing = NAMES.filter((name) => parts[name] === undefined).map((name) => [name, () => refuse(name)])
  return { ...Object.fromEntries(missing), ...parts } as Deps
}

async function refuse(name: string): Promise<never> {
  const why = say`it was put together without "${name}"`
  throw new StellwerkError('failed', {
    what: say`this build of Stellwerk cannot do that`,
    why,
    fix: say`use a complete build`,
  })
}
