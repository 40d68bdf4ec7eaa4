/**
 * What is bound to a host is looked at and acted on from there alone (design §8b). Instances of the process platform and
 * the embedded router's socket belong to the data folder that they were started from; a control plane with another one
 * would see an empty slot, and fill it. So it says "not from here": a failure of looking, which is never an empty slot.
 */
import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { registry } from '../adapters/registry.ts'
import type { AdapterOptions, Plan, PlannedComponent } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Platform } from '../ports/platform.ts'
import { type Failure, failure, type Result } from '../ports/result.ts'
import type { Router } from '../ports/router.ts'
import type { RunSql } from '../ports/sql.ts'
import { claimHost, findHost, type Host } from '../store/postgres/hosts.ts'

const NAME = 'host'

/** The data folder's own id, made once; the machine's name is for people and may change. */
export function ownHost(dataFolder: string): Host {
  const path = join(dataFolder, NAME)
  const beside = `${path}.${process.pid}.new`
  const kept = read(path)
  if (kept !== null) return { id: kept, name: hostname() }
  try {
    writeFileSync(beside, `${randomUUID()}\n`, { mode: 0o644 })
    // Of several that start at once, one makes it and the others read it.
    linkSync(beside, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(beside, { force: true })
  }
  return { id: read(path)!, name: hostname() }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim() || null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

export function isHostBound({ platform, router }: Pick<PlannedComponent, 'platform' | 'router'>): boolean {
  return isBound(registry.platforms, platform) || (router !== null && isBound(registry.routers, router))
}

type Bindable = { readonly kind: string; readonly hostBound: boolean }

function isBound(adapters: readonly Bindable[], { kind }: AdapterOptions): boolean {
  return adapters.some((adapter) => adapter.kind === kind && adapter.hostBound)
}

/** `elsewhere` answers the other host that has the plan's environment, or null; `claim` makes it ours where nobody has it. */
export type Hosts = {
  readonly elsewhere: (plan: Plan) => Promise<Host | null>
  readonly claim: (plan: Plan) => Promise<Host | null>
}

/** What was ours a moment ago is: a take-over is for a host that is gone. */
const OURS_FOR_MS = 5_000

export function createHosts(run: RunSql, own: Host): Hosts {
  const oursUntil = new Map<string, number>()
  const other = async (plan: Plan, ask: () => Promise<Host | null>) => {
    if (!plan.components.some(isHostBound)) return null
    const key = `${plan.service}/${plan.environment}`
    if ((oursUntil.get(key) ?? 0) > performance.now()) return null
    const host = await ask()
    if (host?.id === own.id) oursUntil.set(key, performance.now() + OURS_FOR_MS)
    return host === null || host.id === own.id ? null : host
  }
  return {
    elsewhere: (plan) => other(plan, () => findHost(run, plan)),
    claim: (plan) => other(plan, () => claimHost(run, plan, own)),
  }
}

export function notFromHere({ service, environment }: Plan, { name }: Host): Failure {
  return failure(
    'transient',
    `not from here: ${service}/${environment} runs on host ${name}, and is seen from there alone`,
  )
}

/** Every look and every order of a host-bound component asks first whether it is from here. */
export function fromHere(adapters: Adapters, hosts: Hosts): Adapters {
  return {
    ...adapters,
    platform: (plan, component) => {
      const platform = adapters.platform(plan, component)
      return isBound(registry.platforms, component.platform) ? boundPlatform(platform, { plan, hosts }) : platform
    },
    router: (plan, component) => {
      const router = adapters.router(plan, component)
      return component.router && isBound(registry.routers, component.router)
        ? boundRouter(router, { plan, hosts })
        : router
    },
    metrics: (plan, component) => {
      const source = adapters.metrics(plan, component)
      if (!isHostBound(component)) return source
      return {
        ...source,
        collect: (signal, queries) => looking({ plan, hosts }, () => source.collect(signal, queries)),
      }
    },
  }
}

type Bound = { readonly plan: Plan; readonly hosts: Hosts }

async function looking<T>({ plan, hosts }: Bound, look: () => Promise<Result<T>>): Promise<Result<T>> {
  const host = await hosts.elsewhere(plan)
  return host === null ? look() : notFromHere(plan, host)
}

async function acting<T>({ plan, hosts }: Bound, act: () => Promise<Result<T>>): Promise<Result<T>> {
  const host = await hosts.claim(plan)
  return host === null ? act() : notFromHere(plan, host)
}

function boundPlatform(platform: Platform, bound: Bound): Platform {
  return {
    ...platform,
    observe: async (slot, signal) => {
      const seen = await looking(bound, () => platform.observe(slot, signal))
      // Started by a version that did not write down where: it is here.
      if (seen.ok && seen.value.present) await bound.hosts.claim(bound.plan)
      return seen
    },
    logs: (slot, query, signal) => looking(bound, () => platform.logs(slot, query, signal)),
    ensure: (slot, desired, order) => acting(bound, () => platform.ensure(slot, desired, order)),
    stop: (slot, release, order) => acting(bound, () => platform.stop(slot, release, order)),
  }
}

function boundRouter(router: Router, bound: Bound): Router {
  return {
    ...router,
    observe: (signal) => looking(bound, () => router.observe(signal)),
    set: (desired, order) => acting(bound, () => router.set(desired, order)),
    remove: (order) => acting(bound, () => router.remove(order)),
  }
}
