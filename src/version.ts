import { readFileSync } from 'node:fs'

/** Version of this Stellwerk, from its package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Every request of the command line and every answer of the API says whose it is: `Stellwerk-Version: 0.1.0`. */
export const VERSION_HEADER = 'Stellwerk-Version'

/**
 * Whether what one orders means the same to the other: both of one major version, and before 1.0 of one minor version as well
 * (semver, 4). What is no version understands its equal alone.
 */
export function understands(one: string, other: string): boolean {
  const [mine, theirs] = [partsOf(one), partsOf(other)]
  if (mine === null || theirs === null) return one === other
  return mine[0] === theirs[0] && (mine[0] > 0 || mine[1] === theirs[1])
}

/** Negative when `one` is older; 0 also where one of them is no version. */
export function compareVersions(one: string, other: string): number {
  const [mine, theirs] = [partsOf(one), partsOf(other)]
  if (mine === null || theirs === null) return 0
  return mine[0] - theirs[0] || mine[1] - theirs[1] || mine[2] - theirs[2]
}

function partsOf(version: string): readonly [number, number, number] | null {
  const [, major, minor, patch] = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?$/.exec(version) ?? []
  return major && minor && patch ? [Number(major), Number(minor), Number(patch)] : null
}
