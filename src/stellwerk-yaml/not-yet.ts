/**
 * Words of the design that this version does not act on. They are refused like any unknown key, but by name: a key that is
 * read and silently ignored would be a promise that nobody keeps (law L10).
 */
export const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  '': ['regions', 'calendar', 'aftercare', 'drills', 'flags', 'backup', 'incidents', 'status'],
  smoke: ['as', 'openapi', 'browser'],
  components: ['pausable'],
  rollback: ['flag', 'pause', 'to', 'rpo'],
  migrations: ['dir', 'database'],
}

export function isNotYet(section: string, key: string): boolean {
  return Object.hasOwn(NOT_YET, section) && NOT_YET[section]!.includes(key)
}

/** Keys that had another name in an earlier version, by section: refused with the name they have now. */
export const RENAMED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rollback: { damp: 'mitigate' },
  rollout: { blindFor: 'noDataFor' },
}

/** Today's name of a key of an earlier version. */
export function renamed(section: string, key: string): string | null {
  const names = RENAMED[section] ?? {}
  return Object.hasOwn(names, key) ? names[key]! : null
}
