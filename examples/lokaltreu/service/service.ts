import type { Config } from './config.ts'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'
import type { Store } from './store.ts'
import type { Variant } from './variant.ts'

/** What the handlers work with, put together once in `main.ts`. */
export type Service = {
  readonly config: Config
  readonly variant: Variant
  readonly store: Store
  readonly readiness: Readiness
  readonly metrics: Metrics
}

/** The release as it was started, or, when nobody said, as it was built. */
export function versionOf({ config, variant }: Pick<Service, 'config' | 'variant'>): string {
  return config.version ?? variant.version
}
