import type { Json } from '../core/json.ts'
import type { PlannedSmoke } from '../core/plan.ts'
import { smokeComponent } from './smoke-checks.ts'
import type { SmokeCheck } from './smoke.ts'
import type { EnvironmentSpec } from './spec.ts'

/** Smoke checks with a name each: its own, or the request and what it expects, numbered where two are alike. */
export function plannedSmoke({ smoke, components }: EnvironmentSpec): readonly PlannedSmoke[] {
  const used = new Set(smoke.flatMap(({ name }) => name ?? []))
  return smoke.map((check) => {
    const name = check.name ?? freeName(`${check.http} is ${statuses(check).join(' or ')}`, used)
    used.add(name)
    return planned(check, name, smokeComponent(check, components)!)
  })
}

function freeName(name: string, used: ReadonlySet<string>): string {
  let count = 1
  while (used.has(count === 1 ? name : `${name} (${count})`)) count += 1
  return count === 1 ? name : `${name} (${count})`
}

function statuses({ expect }: SmokeCheck): readonly number[] {
  return typeof expect.status === 'number' ? [expect.status] : expect.status
}

function planned(check: SmokeCheck, name: string, component: string): PlannedSmoke {
  const space = check.http.indexOf(' ')
  return {
    name,
    component,
    method: check.http.slice(0, space),
    path: check.http.slice(space + 1),
    headers: check.headers,
    body: (check.body ?? null) as Json,
    expect: { status: statuses(check), json: check.expect.json as Readonly<Record<string, Json>> },
    dryRun: check.dryRun,
    timeoutMs: check.timeout,
  }
}
