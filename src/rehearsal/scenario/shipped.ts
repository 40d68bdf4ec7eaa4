/** Scenarios that come with Stellwerk, by name: `error-rate`, `peers/AR-4612`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readScenario } from './read.ts'

const FOLDER = join(import.meta.dirname, '..', 'scenarios')

/** What `rehearse` runs when no scenario is named: that a good release arrives, and that a bad one goes back. */
export const DEFAULT_PAIR = ['good', 'bad'] as const

export function shippedNames(): readonly string[] {
  return globSync('**/*.yaml', { cwd: FOLDER })
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort()
}

/** What a shipped scenario is about, from its own text: "a good release arrives". */
export function shippedTitle(name: string): string {
  const read = readScenario(shippedFile(name))
  if (!read.ok) throw new Error(`the shipped scenario ${name} cannot be read: ${read.problems[0]?.message}`)
  return read.scenario.scenario
}

export function shippedFile(name: string): { readonly text: string; readonly file: string } {
  return { file: `${name}.yaml`, text: readFileSync(join(FOLDER, `${name}.yaml`), 'utf8') }
}
