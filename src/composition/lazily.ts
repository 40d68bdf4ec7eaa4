/**
 * Ports whose adapter is made when it is first asked for something, so that making one may take its time, and one that cannot
 * be made fails there. What is known of it beforehand is its description.
 */
import type { MetricsDescription, MetricsSource, SegmentsQuery } from '../ports/metrics-source.ts'
import type { Migration } from '../ports/migration.ts'
import type { Platform, PlatformDescription } from '../ports/platform.ts'
import { ok } from '../ports/result.ts'
import type { Router, RouterDescription } from '../ports/router.ts'

type Open<Port> = () => Promise<Port>

export function platform({ capabilities }: PlatformDescription, open: Open<Platform>): Platform {
  return {
    capabilities,
    accepts: async (artifact, signal) => (await open()).accepts?.(artifact, signal) ?? ok(null),
    observe: async (slot, signal) => (await open()).observe(slot, signal),
    ensure: async (slot, desired, order) => (await open()).ensure(slot, desired, order),
    stop: async (slot, release, order) => (await open()).stop(slot, release, order),
    logs: async (slot, query, signal) => (await open()).logs(slot, query, signal),
  }
}

export function router({ capabilities, listens }: RouterDescription, open: Open<Router>): Router {
  return {
    capabilities,
    listens,
    observe: async (signal) => (await open()).observe(signal),
    set: async (desired, order) => (await open()).set(desired, order),
    remove: async (order) => (await open()).remove(order),
    ...(capabilities.counts && {
      counts: async (signal: AbortSignal, segments?: SegmentsQuery) => (await open()).counts!(signal, segments),
    }),
  }
}

export function metrics({ name }: MetricsDescription, open: Open<MetricsSource>): MetricsSource {
  return { name, collect: async (...asked) => (await open()).collect(...asked) }
}

export function migration(open: Open<Migration>): Migration {
  return {
    expand: async (setting, order) => (await open()).expand(setting, order),
    down: async (setting, order) => (await open()).down(setting, order),
  }
}
