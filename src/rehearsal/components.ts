/** A release of a scenario with other components than the spec has: the spec's own sections, before they are compiled. */
import { say } from '../core/say.ts'
import type { AdapterOptions } from '../core/plan.ts'
import type { CheckProblem } from '../stellwerk-yaml/check-problem.ts'
import { smokeComponent } from '../stellwerk-yaml/smoke-checks.ts'
import type { EnvironmentSpec } from '../stellwerk-yaml/spec.ts'
import type { Components } from './scenario/components.ts'
import type { Scenario } from './scenario/schema.ts'
import { LIVE_VERSION } from './world/world.ts'

/** What a version of the scenario consists of, where that is not what the spec says. */
export function componentsOf({ live, releases }: Scenario, version: string): Components {
  const release = releases.find((each) => each.version === version)
  if (release) return release.components
  return version === LIVE_VERSION && live !== 'nothing' ? live.components : {}
}

/** The spec's components, with what a release adds and without what it lacks. */
export function namesWith(names: readonly string[], changes: Components): readonly string[] {
  return [...new Set([...names, ...Object.keys(changes)])].filter((name) => changes[name] !== 'none')
}

export type Changed =
  | { readonly ok: true; readonly spec: EnvironmentSpec }
  | { readonly ok: false; readonly problems: readonly CheckProblem[] }

type Component = EnvironmentSpec['components'][string]

/** What names a component that is not there (smoke tests, mitigating, migrations) goes with it. */
export function withComponents(spec: EnvironmentSpec, changes: Components): Changed {
  if (Object.keys(changes).length === 0) return { ok: true, spec }
  const problems = Object.entries(changes).flatMap(([name, change]) => problemsOf(name, change, spec.components))
  if (problems.length > 0) return { ok: false, problems }
  const kept = Object.entries(spec.components).filter(([name]) => changes[name] === undefined)
  const changed = Object.entries(changes).flatMap(([name, change]) =>
    change === 'none' ? [] : [[name, changedComponent(name, change, spec.components)] as const],
  )
  const order = new Map([...kept, ...changed])
  const components = Object.fromEntries([...order].map(([name, each]) => [name, amongThese(each, order)]))
  return { ok: true, spec: without(spec, components) }
}

type Change = Exclude<Components[string], 'none'>

function originalOf(name: string, { like }: Change, components: EnvironmentSpec['components']): string | undefined {
  if (like !== undefined) return like
  if (Object.hasOwn(components, name)) return name
  return Object.keys(components).find((each) => components[each]!.router !== undefined)
}

function problemsOf(
  name: string,
  change: Components[string],
  components: EnvironmentSpec['components'],
): readonly CheckProblem[] {
  const known = Object.keys(components).join(', ')
  const path = ['components', name]
  if (change === 'none')
    return Object.hasOwn(components, name)
      ? []
      : [
          {
            path,
            message: say`the spec has no component "${name}" that a release could lack`,
            suggestion: say`known: ${known}`,
          },
        ]
  const original = originalOf(name, change, components)
  if (original === undefined || !Object.hasOwn(components, original)) {
    const message = say`the spec has no component "${original ?? ''}" that "${name}" could be a copy of`
    return [{ path: [...path, 'like'], message, suggestion: say`known: ${known}` }]
  }
  const { router } = components[original]!
  if (change.router === undefined || change.router === 'none' || (router && 'listen' in router)) return []
  const message = router
    ? say`the router of "${original}" (${router.kind}) has no address to change`
    : say`the router of "${original}" is none`
  return [{ path: [...path, 'router'], message, suggestion: say`name with \`like\` a component whose router listens` }]
}

function changedComponent(name: string, change: Change, components: EnvironmentSpec['components']): Component {
  const original = originalOf(name, change, components)!
  const { router, ...rest } = components[original]!
  const { traffic: _, ...unrouted } = rest
  const instances = change.instances ?? rest.instances
  if (change.router === 'none') return { ...unrouted, instances }
  if (!router) return { ...rest, instances }
  // Two components cannot share a cookie.
  const apart = 'sticky' in router ? { sticky: { kind: 'none' } } : {}
  const own: AdapterOptions = name === original ? router : { ...router, ...apart }
  return { ...rest, instances, router: change.router === undefined ? own : { ...own, listen: change.router } }
}

function amongThese(component: Component, order: ReadonlyMap<string, unknown>): Component {
  return { ...component, after: component.after.filter((name) => order.has(name)) }
}

function without(spec: EnvironmentSpec, components: EnvironmentSpec['components']): EnvironmentSpec {
  const isHere = (name: string) => Object.hasOwn(components, name)
  const isAsked = (name: string | null) => name !== null && components[name]?.router !== undefined
  const { migrations } = spec
  return {
    ...spec,
    components,
    migrations: migrations && isHere(migrations.component) ? migrations : undefined,
    smoke: spec.smoke
      .map((check) => ({ check, component: smokeComponent(check, spec.components) }))
      .flatMap(({ check, component }) => (isAsked(component) ? [{ ...check, component: component! }] : [])),
    rollback: { ...spec.rollback, mitigate: spec.rollback.mitigate.filter(({ component }) => isHere(component)) },
  }
}
