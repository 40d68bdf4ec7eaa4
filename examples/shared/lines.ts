/** A store that both slots may write at the same time: one JSON line per entry, appended whole. */
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Lines<T> = {
  add(entry: T): Promise<void>
  all(): Promise<readonly T[]>
  /** Why it cannot be written, or null. */
  problem(): Promise<string | null>
}

export function linesIn<T>(file: string): Lines<T> {
  return {
    add: (entry) => appendFile(file, `${JSON.stringify(entry)}\n`),
    all: async () => {
      const text = await readFile(file, 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as T)
    },
    problem: async () => {
      try {
        await mkdir(dirname(file), { recursive: true })
        await appendFile(file, '')
        return null
      } catch (error) {
        return `the data folder cannot be written: ${error instanceof Error && 'code' in error ? error.code : 'unknown'}`
      }
    },
  }
}

/** Variables without which a service must not start; ends the process and names what is missing, never its value. */
export function required(...names: readonly string[]): readonly string[] {
  const missing = names.filter((name) => !process.env[name])
  if (missing.length === 0) return names.map((name) => process.env[name] ?? '')
  console.error(`cannot start: ${missing.join(', ')} must be set`)
  process.exit(1)
}
