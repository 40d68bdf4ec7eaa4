import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Core } from '../../src/rehearsal/model/core.ts'
import { explore } from '../../src/rehearsal/model/explore.ts'
import { scenes } from '../../src/rehearsal/model/scenes.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'
import type { Mutant } from './mutants.ts'

const CORE = join(import.meta.dirname, '../../src/core')

/** A copy of the core with this mistake in it, imported. Throws when the source no longer holds the piece exactly once. */
export async function mutated({ name, file, find, replace }: Mutant): Promise<Core> {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-mutant-'))
  try {
    cpSync(CORE, folder, { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
    const path = join(folder, file)
    const source = readFileSync(path, 'utf8')
    if (source.split(find).length !== 2)
      throw new Error(`mutant "${name}": src/core/${file} must hold exactly once: ${find}`)
    writeFileSync(
      path,
      source.replace(find, () => replace),
    )
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const load = (part: string) => import(pathToFileURL(join(folder, part)).href)
    const [decider, due] = await Promise.all([load('rollout/decide.ts'), load('rollout/due.ts')])
    return { decide: decider.decide, nextDue: due.nextDue }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What catches it, with the fewest surprises first; null when it survives. */
export function caughtBy(core: Core, surprisesMax: number, statesMax: number): string | null {
  for (let surprises = 0; surprises <= surprisesMax; surprises += 1) {
    for (const scene of scenes) {
      const report = explore(spaceOf(core, scene), { surprises, statesMax }, () => 0)
      if (report.failure) return report.failure.broken
      const bad = surprises === 0 ? unexpected(scene.request.quarantined, report.ends) : null
      if (bad !== null) return `${scene.name} without a surprise ${bad}`
    }
  }
  return null
}

/** When nothing goes wrong a release is finalized, unless nobody approves it or it may not start. */
function unexpected(quarantined: boolean, ends: Readonly<Record<string, number>>): string | null {
  const allowed = quarantined ? ['aborted'] : ['finalized', 'aborted']
  const wrong = Object.keys(ends).find((status) => !allowed.includes(status))
  if (wrong) return `ends ${wrong}`
  return !quarantined && !ends['finalized'] ? 'is not finalized' : null
}
