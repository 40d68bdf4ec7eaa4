/**
 * What comes from outside, made fit to be kept: the last net before the log. A service prints what it likes, and an answer
 * that no database can store must not hide everything that was seen beside it (law L3). Adapters clean what they read at their
 * own border; what gets this far all the same is mended here, visibly, or refused by name.
 */
import { foreignLine, foreignText } from './foreign-text.ts'

/** U+0000 is shown by its own sign, half a surrogate pair as what every decoder makes of it. */
const NUL_SHOWN = '\u2400'

export function storableText(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', NUL_SHOWN) : whole
}

const LINE_MAX = 160

/** The first line of a foreign text that says anything, safe to print within a sentence; empty when none does. */
export function firstLine(text: string): string {
  const line = foreignText(text)
    .split('\n')
    .find((each) => each.trim() !== '')
  return line === undefined ? '' : foreignLine(line.trim(), LINE_MAX)
}

/** The longest text that an answer keeps of a service, characters; longer ones are cut and say so. */
export const TEXT_MAX = 131_072
/** An answer with more values than this is none that a port may give. */
const VALUES_MAX = 200_000
/** Deeper than any answer of ours. */
const DEPTH_MAX = 64

/** `why`: what cannot be kept, and where: `slots.api.green.restarts is NaN`. */
export type Storable<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

/**
 * The same value, or a copy in which every text can be stored. What has no place in JSON at all (NaN, infinities, functions)
 * is refused: nobody could say what it was meant to be.
 */
export function storable<T>(value: T): Storable<T> {
  const walk: Walk = { values: 0, path: [], why: null }
  const kept = keep(value, walk) as T
  return walk.why === null ? { ok: true, value: kept } : { ok: false, why: walk.why }
}

/** `path`: of what is looked at now. `why`: the first thing that cannot be kept; nothing is looked at after it. */
type Walk = { values: number; readonly path: string[]; why: string | null }

function keep(value: unknown, walk: Walk): unknown {
  walk.values += 1
  if (walk.values > VALUES_MAX) walk.why ??= `it holds more than ${VALUES_MAX} values`
  if (walk.why !== null) return undefined
  switch (typeof value) {
    case 'string':
      return keepText(value)
    case 'number':
      return Number.isFinite(value) ? value : refuse(walk, String(value))
    case 'object':
      return value === null ? null : keepMembers(value as Members, walk)
    case 'boolean':
    case 'undefined':
      return value
    default:
      return refuse(walk, `a ${typeof value}`)
  }
}

function keepText(text: string): string {
  const whole = storableText(text)
  if (whole.length <= TEXT_MAX) return whole
  const end = `… (${whole.length} characters)`
  return `${whole.slice(0, TEXT_MAX - end.length).toWellFormed()}${end}`
}

type Members = { readonly [key: string]: unknown }

/** Nearly everything is as it should be: nothing is copied before something has to change. */
function keepMembers(value: Members, walk: Walk): unknown {
  if (walk.path.length > DEPTH_MAX) return refuse(walk, 'nested too deeply')
  const keys = Object.keys(value)
  let copy: [string, unknown][] | null = null
  for (const [index, key] of keys.entries()) {
    walk.path.push(key)
    const kept = keep(value[key], walk)
    walk.path.pop()
    const name = keepText(key)
    if (copy === null && name === key && Object.is(kept, value[key])) continue
    copy ??= keys.slice(0, index).map((same) => [same, value[same]])
    copy.push([name, kept])
  }
  if (copy === null) return value
  return Array.isArray(value) ? copy.map(([, member]) => member) : Object.fromEntries(copy)
}

function refuse(walk: Walk, what: string): undefined {
  walk.why ??= `${walk.path.length === 0 ? 'it' : storableText(walk.path.join('.'))} is ${what}`
  return undefined
}
