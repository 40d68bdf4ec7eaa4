/** What a started program gets from the host's own environment; everything else is given by name (design §12). */
const ALLOWED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'] as const

export type Environment = Readonly<Record<string, string>>

/** The allow-listed part of `host`: `{ PATH, HOME, LANG, … }`. */
export function allowedEnvironment(host: Readonly<Record<string, string | undefined>>): Environment {
  return Object.fromEntries(ALLOWED.flatMap((name) => (host[name] === undefined ? [] : [[name, host[name]]])))
}
