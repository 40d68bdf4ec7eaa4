/** Scenarios that come with Stellwerk, by name: `error-rate`, `peers/AR-4612`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, '..', 'scenarios')

/** What `rehearse` runs when no scenario is named: that a good release arrives, and that a bad one goes back. */
export const DEFAULT_PAIR = ['good', 'bad'] as const

export function shippedNames(): readonly string[] {
  return globSync('**/*.yaml', { cwd: FOLDER })
    .map((file) => file.replace(/\.yaml$/, ''))
    .sort()
}

export function shippedFile(name: string): { readonly text: string; readonly file: string } {
  return { file: `${name}.yaml`, text: readFileSync(join(FOLDER, `${name}.yaml`), 'utf8') }
}
