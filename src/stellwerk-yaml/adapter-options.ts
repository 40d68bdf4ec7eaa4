/**
 * What an adapter tells the spec: its `kind` and the zod schema of its options. From these tuples come validation, types,
 * JSON Schema and the reference page, so that an adapter's options are described in one place only.
 */
import type { z } from 'zod'
import type { ReferenceKind } from '../core/artifact.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { RouterDescription } from '../ports/router.ts'

/**
 * `options` is a strict object with a `kind` literal, or a pipe that begins with one. In the file a value carries its unit
 * (`stopGrace: 10s`), in the plan its name does (`stopGraceMs: 10000`). What is read out must be plain JSON with a `kind`.
 */
export type AdapterSchema = { readonly kind: string; readonly options: z.ZodType }

/** `takes`: kinds of references that it can run; what none of them is, is refused before anything is planned. */
export type PlatformSchema = AdapterSchema & { readonly takes: readonly ReferenceKind[] }

/** Addresses of this machine that it opens for users; two cannot open the same. What keeps sessions on their side. */
export type RouterSchema = AdapterSchema & {
  describe(options: AdapterOptions): Pick<RouterDescription, 'listens' | 'sticky'>
}

/** `queries`: it answers queries of the spec's own (`analysis` entries with `query`). */
export type MetricsSchema = AdapterSchema & { readonly queries?: boolean }

/** `paths`: which options are paths; relative ones start from the folder of stellwerk.yaml. */
export type SecretSchema = AdapterSchema & { readonly paths?: readonly string[] }

/** One tuple per port, never empty. An adapter object of the registry (`{ kind, options, create }`) fits as it is. */
export type AdapterSchemas = {
  readonly platforms: readonly [PlatformSchema, ...PlatformSchema[]]
  readonly routers: readonly [RouterSchema, ...RouterSchema[]]
  readonly gates: readonly [AdapterSchema, ...AdapterSchema[]]
  readonly secrets: readonly [SecretSchema, ...SecretSchema[]]
  readonly notifiers: readonly [AdapterSchema, ...AdapterSchema[]]
  readonly metrics: readonly [MetricsSchema, ...MetricsSchema[]]
}
