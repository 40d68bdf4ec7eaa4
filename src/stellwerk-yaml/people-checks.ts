/** Roles, groups and people of a spec: whoever is asked must exist, and whoever is named must be asked for something. */
import { joined } from './expected.ts'
import { say, type Told } from '../core/say.ts'
import { lookalikes } from '../core/person.ts'
import { contested } from './accounts.ts'
import { type CheckProblem, type PartialSpec, unknownName } from './check-problem.ts'
import { MAX_PROBLEMS, type PathPart } from './problem.ts'
import type { EnvironmentSpec } from './spec.ts'
import { type Finding, type MapNode, nodeAt } from './tree.ts'

const GROUP = 'group:'

type Peopled = Pick<EnvironmentSpec, 'people' | 'groups'>

/** Everybody who holds `role`, groups expanded, each once: `["person:alex", "person:kim"]`. */
export function holdersOf({ people, groups }: Peopled, role: string): readonly string[] {
  const holders = Object.hasOwn(people, role) ? people[role]! : []
  return [...new Set(holders.flatMap((holder) => membersOf(groups, holder)))].toSorted()
}

function membersOf(groups: Peopled['groups'], holder: string): readonly string[] {
  if (!holder.startsWith(GROUP)) return [holder]
  const name = holder.slice(GROUP.length)
  return Object.hasOwn(groups, name) ? groups[name]! : []
}

type Dimension = 'approvals' | 'people' | 'gates' | 'analysis'
const DIMENSIONS: readonly Dimension[] = ['approvals', 'people', 'gates', 'analysis']

/** Roles that anything asks for. */
export function rolesInUse({ approvals, policy }: Pick<PartialSpec, 'approvals' | 'policy'>): readonly string[] {
  const asked = (approvals ?? []).map(({ role }) => role)
  return [...asked, ...weakeners(policy).map(({ role }) => role)]
}

function weakeners(policy: PartialSpec['policy']): readonly { readonly path: readonly PathPart[]; role: string }[] {
  return DIMENSIONS.flatMap((dimension) => {
    const roles = policy?.weaken[dimension] ?? []
    if (typeof roles === 'string') return []
    return roles.map((role, index) => ({ path: ['policy', 'weaken', dimension, index], role }))
  })
}

export function peopleProblems(spec: PartialSpec): readonly CheckProblem[] {
  const { people, groups } = spec
  if (!people || !groups) return []
  const named = Object.keys(people)
  return [
    ...weakeners(spec.policy).flatMap(({ path, role }) => unknownName(path, 'role', role, named)),
    ...unknownGroups(people, Object.keys(groups)),
    ...lookalikeProblems(spec),
    ...contested(spec.accounts ?? {}).map(({ name, people }) => ({
      path: ['accounts'],
      message: say`${JSON.stringify(name)} cannot be an account of both ${joined(people, (left, right) => say`${left} and ${right}`)}`,
    })),
  ]
}

function unknownGroups(people: EnvironmentSpec['people'], known: readonly string[]): readonly CheckProblem[] {
  return Object.entries(people).flatMap(([role, holders]) =>
    holders.flatMap((holder, index) => {
      if (!holder.startsWith(GROUP)) return []
      return unknownName(['people', role, index], 'group', holder.slice(GROUP.length), known)
    }),
  )
}

/** Two ids that an eye takes for each other may be one person with two pairs of eyes. */
function lookalikeProblems({ people, groups, accounts }: PartialSpec): readonly CheckProblem[] {
  const ids = [...Object.values(people ?? {}), ...Object.values(groups ?? {})].flat()
  const everybody = [...ids, ...Object.keys(accounts ?? {})].filter((id) => !id.startsWith(GROUP))
  return lookalikes(everybody).map(([left, right]) => ({
    path: ['people'],
    message: say`"${left}" and "${right}" can be taken for each other`,
    suggestion: say`if it is one person, spell it one way; if there are two, give one of them another id`,
  }))
}

/** What no environment asks for is refused by name: a role without a use would look like a safeguard (law L10). */
export function unusedPeople(root: MapNode, environments: readonly PartialSpec[]): readonly Finding[] {
  if (environments.some(({ people, approvals, policy }) => !people || !approvals || !policy)) return []
  const used = new Set(environments.flatMap(rolesInUse))
  const holders = environments.flatMap(({ people }) => Object.values(people!).flat())
  const usedGroups = new Set(holders.flatMap((holder) => (holder.startsWith(GROUP) ? [holder.slice(6)] : [])))
  const roles = environments.flatMap(({ people }) => Object.keys(people!)).filter((role) => !used.has(role))
  const groups = environments.flatMap((each) => Object.keys(each.groups ?? {})).filter((name) => !usedGroups.has(name))
  return [
    ...unused(root, roles, {
      section: 'people',
      what: say`the role`,
      why: say`no approval and no \`policy.weaken\` asks for it`,
    }),
    ...unused(root, groups, { section: 'groups', what: say`the group`, why: say`no role of \`people\` names it` }),
  ].slice(0, MAX_PROBLEMS)
}

type Unused = { readonly section: string; readonly what: Told; readonly why: Told }

function unused(root: MapNode, names: readonly string[], { section, what, why }: Unused): readonly Finding[] {
  return [...new Set(names)].map((name) => {
    const node = placeOf(root, section, name)
    const message = say`${what} "${name}" has no effect: ${why}, in no environment`
    return { at: node.keyAt, path: node.path, message, suggestion: say`remove it, or ask for it` }
  })
}

function placeOf(root: MapNode, section: string, name: string) {
  const environments = nodeAt(root, ['environments'])
  const layers = environments?.kind === 'map' ? [...environments.entries.values()] : []
  const found = [root, ...layers].map((layer) => nodeAt(layer, [section, name])).find((node) => node !== undefined)
  return found ?? root
}
