/**
 * What a proposed policy changes of the one that is held, and in which direction. Whatever cannot be told to be stricter
 * counts as weaker: a gate's command, a query, an option that nobody described.
 */
import type { CiGrant } from '../ci.ts'
import { canonicalJson, sameJson } from '../json.ts'
import { english, listed, type Part, say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import type { AdapterOptions, Dimension, PolicyChange, Weaken } from '../plan.ts'
import { DIMENSIONS, type Policy, TICK_MS, USUAL } from './policy.ts'

/** In which direction an option of a gate is stricter: `{ variables: { required: 'more' } }`; `free`: only a name. */
export type Strength = 'more' | 'less' | 'free'
export type Strengths = Readonly<Record<string, Readonly<Record<string, Strength>>>>

type Direction = PolicyChange['direction']

export function policyChanges(held: Policy, next: Policy, strengths: Strengths): readonly PolicyChange[] {
  return [
    ...approvalChanges(held, next),
    ...peopleChanges(held, next),
    ...accountChanges(held, next),
    ...ciChanges(held, next),
    ...gateChanges(held, next, strengths),
    ...ruleChanges(held, next),
    ...amountChanges(held, next),
    ...DIMENSIONS.flatMap((dimension) => weakenChanges(held, next, dimension)),
  ]
}

function change(dimension: Dimension, direction: Direction, said: Sentence): PolicyChange {
  return { dimension, direction, text: english(said), said }
}

function approvalChanges(held: Policy, next: Policy): readonly PolicyChange[] {
  const key = ({ role, at }: Policy['approvals'][number]) => `${role} (${at})`
  const [before, after] = [held.approvals.map(key), next.approvals.map(key)]
  return [
    ...before
      .filter((each) => !after.includes(each))
      .map((each) => change('approvals', 'weaker', say`the approval as ${each} is no longer asked for`)),
    ...after
      .filter((each) => !before.includes(each))
      .map((each) => change('approvals', 'stronger', say`an approval as ${each} is asked for`)),
  ]
}

/** Of a role that is new, or no longer asked, the approvals say enough. */
function peopleChanges(held: Policy, next: Policy): readonly PolicyChange[] {
  return Object.entries(held.people).flatMap(([role, before]) => {
    const after = next.people[role]
    if (after === undefined) return []
    return [
      ...after
        .filter((person) => !before.includes(person))
        .map((person) => change('people', 'weaker', say`${person} may consent as ${role} too`)),
      ...before
        .filter((person) => !after.includes(person))
        .map((person) => change('people', 'stronger', say`${person} may no longer consent as ${role}`)),
    ]
  })
}

function accountChanges(held: Policy, next: Policy): readonly PolicyChange[] {
  const lost = Object.entries(held.accounts).filter(([account, person]) => next.accounts[account] !== person)
  const fresh = Object.entries(next.accounts).filter(([account]) => held.accounts[account] === undefined)
  return [
    ...lost.map(([account, person]) => {
      const now = next.accounts[account]
      return change(
        'people',
        'weaker',
        say`the account ${account} is no longer ${person}'s${now ? say` but ${now}'s` : ''}`,
      )
    }),
    ...fresh.map(([account, person]) => change('people', 'stronger', say`the account ${account} is ${person}'s`)),
  ]
}

/** A grant that changes is one that is gone and another one that is new: whoever may ask in another way is somebody else. */
function ciChanges({ ci: before = [] }: Policy, { ci: after = [] }: Policy): readonly PolicyChange[] {
  const isIn = (grants: readonly CiGrant[]) => (grant: CiGrant) => grants.some((other) => sameJson(other, grant))
  const gone = before.filter((grant) => !isIn(after)(grant))
  const fresh = after.filter((grant) => !isIn(before)(grant))
  return [
    ...fresh.map((grant) => change('people', 'weaker', say`jobs of ${grantText(grant)} may release too`)),
    ...gone.map((grant) => change('people', 'stronger', say`jobs of ${grantText(grant)} may no longer release`)),
  ]
}

/** `repository 123 of owner 45 at https://… (refs/heads/main; push)`. */
export function grantText({ issuer, repository, owner, refs, events, workflow, environment }: CiGrant): Sentence {
  const limits = [refs.join(', '), events.join(', '), workflow, environment].filter((part) => part !== null)
  return say`repository ${repository} of owner ${owner} at ${issuer} (${limits.join('; ')})`
}

type Gate = Policy['gates'][number]

/** Gates of a kind are told apart by their options: equal ones are the same, the rest is compared in order. */
function gateChanges(held: Policy, next: Policy, strengths: Strengths): readonly PolicyChange[] {
  const kinds = [...new Set([...held.gates, ...next.gates].map(({ kind }) => kind))]
  return kinds.flatMap((kind) => {
    const [before, after] = apart(ofKind(held.gates, kind), ofKind(next.gates, kind))
    const pairs = before.slice(0, after.length).map((gate, index) => [gate, after[index]!] as const)
    return [
      ...pairs.flatMap((pair) => softened(...pair, strengths[kind] ?? {})),
      ...before
        .slice(after.length)
        .map((gate) => change('gates', 'weaker', say`the gate ${gateText(gate)} is removed`)),
      ...after
        .slice(before.length)
        .map((gate) => change('gates', 'stronger', say`the gate ${gateText(gate)} is added`)),
    ]
  })
}

function ofKind(gates: readonly Gate[], kind: string): readonly Gate[] {
  return gates.filter((gate) => gate.kind === kind)
}

/** Both lists without what they have in common, each as often as it stands there. */
function apart(before: readonly Gate[], after: readonly Gate[]): readonly [readonly Gate[], readonly Gate[]] {
  const rest = [...after]
  const gone = before.filter((gate) => {
    const same = rest.findIndex((other) => sameJson(other.options, gate.options))
    if (same === -1) return true
    rest.splice(same, 1)
    return false
  })
  return [gone, rest]
}

function softened(before: Gate, after: Gate, strength: Readonly<Record<string, Strength>>): readonly PolicyChange[] {
  const found = differences(before.options, after.options, (name) => strength[name])
  return found.length === 0
    ? []
    : [
        change(
          'gates',
          directionOf(found),
          say`the gate ${before.kind} changes: ${listed(found.map(differenceText), ', ')}`,
        ),
      ]
}

function gateText({ kind, options }: Gate): Part {
  const given = Object.entries(options).filter(([, value]) => !(Array.isArray(value) && value.length === 0))
  if (given.length === 0) return kind
  return say`${kind} (${listed(
    given.map(([name, value]) => say`${name}: ${short(value)}`),
    ', ',
  )})`
}

/** Lower is stricter for what a candidate must stay below, and for how long it may fail before it is taken back. */
const RULE_STRENGTHS: Readonly<Record<string, Strength>> = {
  max: 'less',
  above: 'less',
  forMs: 'less',
  margin: 'less',
  slack: 'less',
  tolerance: 'less',
  silenceMs: 'less',
  maxAgeMs: 'less',
  min: 'more',
}

function ruleChanges(held: Policy, next: Policy): readonly PolicyChange[] {
  const [before, after] = [held.analysis.rules, next.analysis.rules]
  const changed = before.flatMap((rule) => {
    const now = after.find(({ id }) => id === rule.id)
    if (!now) return [change('analysis', 'weaker', say`the rule "${rule.id}" is removed`)]
    const limit: Strength | undefined = rule.kind === 'sequential' ? 'less' : undefined
    const found = differences(rule, now, (name) => (name === 'limit' ? limit : RULE_STRENGTHS[name]))
    if (found.length === 0) return []
    const text = say`the rule "${rule.id}" changes: ${listed(found.map(differenceText), ', ')}`
    return [change('analysis', directionOf(found), text)]
  })
  const added = after.filter(({ id }) => !before.some((rule) => rule.id === id))
  return [...changed, ...added.map(({ id }) => change('analysis', 'stronger', say`the rule "${id}" is added`))]
}

function amountChanges({ analysis: held }: Policy, { analysis: next }: Policy): readonly PolicyChange[] {
  const amounts: readonly Amount[] = [
    [say`the least evidence of a step (minRequests)`, held.minRequests, next.minRequests, String],
    [say`the shortest hold`, held.holdMs, next.holdMs, formatDuration],
    [say`the bake`, held.bakeMs, next.bakeMs, formatDuration],
    [say`the control share of the bake`, held.control ?? null, next.control ?? null, (share) => `${share} %`],
    [say`the number of routes judged by themselves (segments)`, segmentsOf(held), segmentsOf(next), String],
  ]
  const unseen = [held.noDataForMs ?? null, next.noDataForMs ?? null] as const
  return [
    ...amounts.flatMap(lessIsWeaker),
    ...longerNoData(...unseen),
    ...rarerLooks(held.tickMs ?? TICK_MS, next.tickMs ?? TICK_MS),
    ...longerIsWeaker([
      say`the time in which it is not compared (warmUp)`,
      held.warmUpMs ?? USUAL.warmUpMs,
      next.warmUpMs ?? USUAL.warmUpMs,
    ]),
    ...longerIsWeaker([
      say`the time for which a difference is held (patience)`,
      held.patienceMs ?? USUAL.patienceMs,
      next.patienceMs ?? USUAL.patienceMs,
    ]),
    ...otherNumbers(held.metrics ?? null, next.metrics ?? null),
  ]
}

function segmentsOf({ segments }: Policy['analysis']): number {
  return segments ?? USUAL.segments
}

function rarerLooks(before: number, after: number): readonly PolicyChange[] {
  if (before === after) return []
  const text = say`the time between two looks at its numbers (tick): ${formatDuration(before)} becomes ${formatDuration(after)}`
  return [change('analysis', after > before ? 'weaker' : 'stronger', text)]
}

function longerIsWeaker([what, before, after]: readonly [Sentence, number, number]): readonly PolicyChange[] {
  if (before === after) return []
  const text = say`${what}: ${formatDuration(before)} becomes ${formatDuration(after)}`
  return [change('analysis', after > before ? 'weaker' : 'stronger', text)]
}

/** Who says how a candidate does: from elsewhere, rules as strict as before may pass anything. */
function otherNumbers(before: AdapterOptions | null, after: AdapterOptions | null): readonly PolicyChange[] {
  if (sameJson(before, after)) return []
  const show = (options: AdapterOptions | null) => (options === null ? say`the router` : short(options))
  return [
    change('analysis', 'weaker', say`where its numbers come from (metrics): ${show(before)} becomes ${show(after)}`),
  ]
}

type Amount = readonly [what: Sentence, before: number | null, after: number | null, text: (value: number) => string]

/** The longer a candidate may be judged by nothing, the weaker; what is not said is the default, and nobody here knows it. */
function longerNoData(before: number | null, after: number | null): readonly PolicyChange[] {
  if (before === after) return []
  const show = (value: number | null) => (value === null ? say`the default` : formatDuration(value))
  const direction = before !== null && after !== null && after < before ? 'stronger' : 'weaker'
  return [
    change('analysis', direction, say`the time without numbers (noDataFor): ${show(before)} becomes ${show(after)}`),
  ]
}

function lessIsWeaker([what, before, after, text]: Amount): readonly PolicyChange[] {
  if (before === after) return []
  const show = (value: number | null) => (value === null ? say`none` : text(value))
  const direction = (after ?? 0) < (before ?? 0) ? 'weaker' : 'stronger'
  return [change('analysis', direction, say`${what}: ${show(before)} becomes ${show(after)}`)]
}

function weakenChanges(held: Policy, next: Policy, dimension: Dimension): readonly PolicyChange[] {
  const [before, after] = [held.weaken[dimension], next.weaken[dimension]]
  if (sameJson(before, after)) return []
  const text = say`${dimension} may be weakened by ${weakenersText(after)} instead of ${weakenersText(before)}`
  return [change(dimension, isStricter(before, after, held) ? 'stronger' : 'weaker', text)]
}

function isStricter(before: Weaken[Dimension], after: Weaken[Dimension], held: Policy): boolean {
  if (after === 'requester') return false
  if (before === 'requester') return true
  if (before === undefined) return held.approvals.length > 0
  return after !== undefined && before.every((role) => after.includes(role))
}

function weakenersText(who: Weaken[Dimension]): Part {
  if (who === undefined) return say`those who approve`
  return who === 'requester' ? say`whoever may deploy` : joinedBy(who)
}

type Difference = {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  readonly direction: Direction
}

/** Leaf by leaf; a list of plain values is one leaf. `strengthOf` is asked by the leaf's own name. */
function differences(
  before: unknown,
  after: unknown,
  strengthOf: (name: string) => Strength | undefined,
): readonly Difference[] {
  const [left, right] = [leaves(before), leaves(after)]
  const paths = [...new Set([...left.keys(), ...right.keys()])]
  return paths.flatMap((path) => {
    const values = [left.get(path), right.get(path)] as const
    const strength = strengthOf(path.split('.').at(-1)!)
    if (sameJson(...values) || strength === 'free') return []
    return [{ path, before: values[0], after: values[1], direction: stricter(...values, strength) }]
  })
}

function leaves(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return value === null || value === undefined ? new Map() : new Map([[path, value]])
  const inner = Object.entries(value).flatMap(([name, member]) => [...leaves(member, path ? `${path}.${name}` : name)])
  return new Map(inner)
}

/** A limit that was not there and is now is stricter; one that is gone is not. */
function stricter(before: unknown, after: unknown, strength: Strength | undefined): Direction {
  if (strength === undefined) return 'weaker'
  if (after === undefined) return 'weaker'
  if (before === undefined) return 'stronger'
  if (Array.isArray(before) && Array.isArray(after)) {
    const [small, large] = strength === 'more' ? [before, after] : [after, before]
    return small.every((each) => large.some((other) => sameJson(each, other))) ? 'stronger' : 'weaker'
  }
  if (typeof before !== 'number' || typeof after !== 'number') return 'weaker'
  return (strength === 'more') === after > before ? 'stronger' : 'weaker'
}

function directionOf(found: readonly Difference[]): Direction {
  return found.some(({ direction }) => direction === 'weaker') ? 'weaker' : 'stronger'
}

/** `a and b`: the names of roles. */
function joinedBy(roles: readonly string[]): Part {
  return roles.length === 0
    ? say`nobody`
    : roles.slice(1).reduce<Part>((all, role) => say`${all} and ${role}`, roles[0]!)
}

function differenceText({ path, before, after }: Difference): Sentence {
  return say`${path} ${short(before)} → ${short(after)}`
}

function short(value: unknown): Part {
  if (value === undefined) return say`none`
  const text = typeof value === 'string' ? value : canonicalJson(value)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}
