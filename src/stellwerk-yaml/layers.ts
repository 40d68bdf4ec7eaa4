/** Reads one section of one merged layer. Unknown keys that begin with `x-` are the user's own and are left out. */
import type { z } from 'zod'
import { type Context, explain, flatten, type Issue } from './explain.ts'
import { MAX_PROBLEMS, type PathPart } from './problem.ts'
import { type Finding, nodeAt, plain } from './tree.ts'

export type SectionResult = {
  /** Undefined when something in it is wrong. */
  readonly value: unknown
  /** What could be read when everything wrong is taken out; undefined when nothing could. */
  readonly rest: unknown
  /** Paths of what was taken out. */
  readonly wrong: readonly (readonly PathPart[])[]
  readonly findings: readonly Finding[]
}

/** Deeper than any map nests, so that a pass for every level is enough. */
const MAX_PASSES = 70

/** `partial`: a layer that others complete, so what is missing in its maps is no problem. */
export function readSection(name: string, schema: z.ZodType, context: Context, partial = false): SectionResult {
  const data = plain(nodeAt(context.root, [name]))
  const result = parseWithout(schema, data, name)
  if (result.ok) return { value: result.value, rest: result.value, wrong: [], findings: [] }
  const issues = result.issues.filter((issue) => !(partial && isMissingInMap(issue, context)))
  const wrong = result.issues.flatMap(wrongPaths)
  for (const path of wrong) takeOut(path.slice(1), data)
  const rest = parseWithout(schema, data, name)
  return {
    value: undefined,
    rest: rest.ok ? rest.value : undefined,
    wrong,
    findings: issues.slice(0, 2 * MAX_PROBLEMS).flatMap((issue) => explain(issue, context)),
  }
}

function wrongPaths(issue: Issue): readonly (readonly PathPart[])[] {
  const path = issue.path as readonly PathPart[]
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path]
}

/** Entries of lists stay, since their places are counted. */
function takeOut(path: readonly PathPart[], data: unknown): void {
  const map = path
    .slice(0, -1)
    .reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown> | undefined)?.[part], data)
  const key = path.at(-1)
  if (typeof key === 'string' && typeof map === 'object' && map !== null) delete (map as Record<string, unknown>)[key]
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly issues: readonly Issue[] }

function parseWithout(schema: z.ZodType, data: unknown, name: string): Parsed {
  let issues: readonly Issue[] = []
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const result = schema.safeParse(data, { error: () => '', reportInput: true })
    if (result.success) return { ok: true, value: result.data }
    issues = result.error.issues.flatMap((issue) => flatten(issue, [name]))
    const removed = issues.filter((issue) => removeExtensions(issue, data))
    if (removed.length === 0) break
  }
  return { ok: false, issues }
}

/** Takes the `x-` keys of an issue out of `data`, which is a copy made for this; true when there were any. */
function removeExtensions(issue: Issue, data: unknown): boolean {
  if (issue.code !== 'unrecognized_keys') return false
  const extensions = issue.keys.filter((key) => key.startsWith('x-'))
  const map = issue.path.slice(1).reduce<unknown>((value, part) => (value as Record<PropertyKey, unknown>)[part], data)
  for (const key of extensions) delete (map as Record<string, unknown>)[key]
  return extensions.length > 0
}

/** Lists replace lists, so that an entry of one must be complete in its own layer. */
function isMissingInMap(issue: Issue, { root }: Context): boolean {
  const path = issue.path as readonly PathPart[]
  const inList = path.some((part) => typeof part === 'number')
  return !inList && nodeAt(root, path) === undefined
}
