import type { Scene } from '../../src/rehearsal/model/scene.ts'
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Core } from '../../src/rehearsal/model/core.ts'
import { explore, type Report } from '../../src/rehearsal/model/explore.ts'
import { pairSpace } from '../../src/rehearsal/model/pair.ts'
import { changes, pair, scenes as steady } from '../../src/rehearsal/model/scenes.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'
import type { Edit, Mutant } from './mutant.ts'

const scenes = [...steady, ...changes]
const CORE = join(import.meta.dirname, '../../src/core')

/** A copy of the core with this mistake in it, imported. Throws when the source no longer holds a piece exactly once. */
export async function mutated(mutant: Mutant): Promise<Core> {
  const [decider, due] = await mutatedParts(mutant, ['rollout/decide.ts', 'rollout/time-shift.ts'])
  return { ...(decider as Pick<Core, 'decide'>), ...(due as Pick<Core, 'nextDue'>) }
}

/** Files of such a copy, imported: `analysis/judge.ts`; what they export is what they export without the mistake. */
export async function mutatedParts(
  { name, edits }: Pick<Mutant, 'name' | 'edits'>,
  parts: readonly string[],
): Promise<readonly unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-mutant-'))
  try {
    cpSync(CORE, folder, { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
    for (const edit of edits) plant(folder, name, edit)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const load = (part: string) => import(pathToFileURL(join(folder, part)).href)
    return await Promise.all(parts.map(load))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function plant(folder: string, name: string, { file, find, replace }: Edit): void {
  const path = join(folder, file)
  const source = readFileSync(path, 'utf8')
  const times = source.split(find).length - 1
  if (times !== 1) throw new Error(`mutant "${name}": src/core/${file} holds ${times} times instead of once: ${find}`)
  writeFileSync(
    path,
    source.replace(find, () => replace),
  )
}

export type Catch = { readonly broken: string; readonly scene: string; readonly surprises: number }
export type Search = {
  readonly surprisesMin: number
  readonly surprisesMax: number
  readonly statesMax: number
  /** Part of the name of the scene to begin with. */
  readonly first: string
}

/** What catches it, with the fewest surprises first; null when it survives. */
export function caughtBy(core: Core, { surprisesMin, surprisesMax, statesMax, first }: Search): Catch | null {
  const alone = scenes.map((scene) => (surprises: number): Catch | null => {
    const report = explore(spaceOf(core, scene), { surprises, statesMax }, () => 0)
    const broken = report.failure?.broken ?? (surprises === 0 ? unexpected(scene, report) : null)
    return broken === null ? null : { broken, scene: scene.name, surprises }
  })
  const two = pairSpace(core, pair)
  const both = (surprises: number): Catch | null => {
    const { failure } = explore(two, { surprises, statesMax }, () => 0)
    return failure && { broken: failure.broken, scene: two.name, surprises }
  }
  const names = [...scenes, two].map(({ name }) => name)
  const looks = [...alone, both].map((look, index) => ({ look, late: names[index]!.includes(first) ? 0 : 1 }))
  looks.sort((left, right) => left.late - right.late)
  for (let surprises = surprisesMin; surprises <= surprisesMax; surprises += 1) {
    for (const { look } of looks) {
      const found = look(surprises)
      if (found) return found
    }
  }
  return null
}

export const SEARCH = { surprisesMin: 0, surprisesMax: 1, statesMax: 60_000 }

/** What V8 says of a name, a property or a function that is not there. */
const CRASH = /is not defined|Cannot read properties|is not a function/

/** With at most one surprise, or with as many as the mutant says. */
export async function isFound(test: TestContext, mutant: Mutant): Promise<void> {
  const { scene: first, surprises } = mutant
  const search = surprises === undefined ? SEARCH : { ...SEARCH, surprisesMin: surprises, surprisesMax: surprises }
  const found = caughtBy(await mutated(mutant), { ...search, first })
  assert.ok(found, 'it survives: no invariant was broken in any scene')
  assert.doesNotMatch(
    found.broken,
    CRASH,
    'it is no mistake of the decider but one of the mutant, which cannot even run',
  )
  test.diagnostic(`${found.broken} (${found.scene}, ${found.surprises} surprises)`)
}

/** When nothing goes wrong a release is finalized, unless nobody approves it or it may not start. */
function unexpected({ request }: Scene, { ends }: Report): string | null {
  const starts = !request.quarantined && request.behind === null
  const allowed = starts ? ['finalized', 'aborted'] : ['aborted']
  const other = Object.keys(ends).find((status) => !allowed.includes(status))
  if (other) return `without a surprise it ends ${other}`
  return starts && !ends['finalized'] ? 'without a surprise it is not finalized' : null
}
