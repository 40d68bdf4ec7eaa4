/**
 * What makes a folder of code an adapter. `adapters/<port>/<kind>/` holds the options as people write them, what stands of
 * them in a plan, and `create`; the registry has one line. Nothing else anywhere knows it (design §8).
 */
import type { z } from 'zod'
import type { ReferenceKind } from '../core/artifact.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { Strength } from '../core/policy/changes.ts'
import type { AdapterContext } from '../ports/adapter.ts'
import type { Description } from '../ports/description.ts'
import type { Gate } from '../ports/gate.ts'
import type { Inquired, Inquiry, MetricsDescription, MetricsSource } from '../ports/metrics-source.ts'
import type { Migration } from '../ports/migration.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { Platform, PlatformDescription } from '../ports/platform.ts'
import type { Router, RouterDescription } from '../ports/router.ts'
import type { SecretSource } from '../ports/secrets.ts'
import type { Smoke } from '../ports/smoke.ts'

/** As the registry, the spec and the composition see one: options are what a plan holds, and are read before they are used. */
export type Adapter<Port, Told extends Description = Description> = {
  readonly kind: string
  /** Of stellwerk.yaml: a strict object with a `kind` literal, or a pipe that begins with one. Units stand in values: `10s`. */
  readonly options: z.ZodType
  /** Of a plan: units stand in names, `stopGraceMs`. Reads what every earlier version has written. */
  readonly planned: z.ZodType
  /** From options alone, before anything runs. Throws when a plan of another version holds what cannot be read. */
  describe(planned: AdapterOptions): Told
  create(planned: AdapterOptions, context: AdapterContext): Promise<Port>
}

type Definition<Options, Port, Told extends Description, More> = More & {
  readonly kind: string
  readonly options: z.ZodType
  readonly planned: z.ZodType<Options>
  readonly describe: (options: Options) => Told
  readonly create: (options: Options, context: AdapterContext) => Port | Promise<Port>
}

/** Names the port; what is answered takes the definition of one adapter of it. */
function adapterOf<Port, Told extends Description, More extends object = object>(port: string) {
  return <const Kind extends string, Written extends z.ZodType, Options>(
    given: Definition<Options, Port, Told, More> & { readonly kind: Kind; readonly options: Written },
  ): Made<Port, Told, More, Kind, Written> => {
    const read = (planned: AdapterOptions): Options => {
      const result = given.planned.safeParse(planned)
      if (result.success) return result.data
      const why = result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ')
      throw new Error(
        `the ${port} "${given.kind}" of this plan cannot be read by this Stellwerk: ${why}. Release it again with this version, or start the version that planned it`,
      )
    }
    const { describe, create, ...rest } = given
    return {
      ...rest,
      describe: (planned) => describe(read(planned)),
      create: async (planned, context) => create(read(planned), context),
    }
  }
}

type Made<Port, Told extends Description, More, Kind, Written> = Adapter<Port, Told> &
  Omit<More, 'describe' | 'create'> & { readonly kind: Kind; readonly options: Written }

/** `hostBound`: what it does belongs to the machine that it was done on, and is seen from there alone. */
type Bound = { readonly hostBound: boolean }
/** `takes`: kinds of references that it can run; what none of them is, is refused before anything is planned. */
type Takes = Bound & { readonly takes: readonly ReferenceKind[] }
/** `queries`: it answers queries of the spec's own (`analysis` entries with `query`). */
type Queries = {
  readonly queries?: boolean
  /** Asked before a release, for `doctor`: is it there, and does it understand what it will be asked? */
  readonly inquire?: (planned: AdapterOptions, context: AdapterContext, ask: Inquiry) => Promise<readonly Inquired[]>
}
/**
 * `runs`: checking it runs something of the requester's, so never before the approvals. `stricter`: which way an option is
 * the stricter one, for policies.
 */
type Judges = { readonly runs?: 'command'; readonly stricter?: Readonly<Record<string, Strength>> }

/** `paths`: which options are paths; relative ones start from the folder of stellwerk.yaml. */
type Paths = { readonly paths?: readonly string[] }

export type MetricsAdapter = Adapter<MetricsSource, MetricsDescription> & Queries

export const platform = adapterOf<Platform, PlatformDescription, Takes>('platform')
export const router = adapterOf<Router, RouterDescription, Bound>('router')
export const metricsSource = adapterOf<MetricsSource, MetricsDescription, Queries>('metrics source')
export const gate = adapterOf<Gate, Description, Judges>('gate')
export const smokeRunner = adapterOf<Smoke, Description>('smoke runner')
export const migration = adapterOf<Migration, Description>('migration')
export const secretSource = adapterOf<SecretSource, Description, Paths>('secret source')
export const notifier = adapterOf<Notifier, Description>('notifier')
