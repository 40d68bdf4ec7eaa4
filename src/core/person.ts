import { english, say, type Sentence } from './say.ts'

/**
 * Who somebody is: one spelling per person, made once where a name comes in (tokens, `people` of the spec, commit authors),
 * so that `sam`, `Sam`, `person:SAM` and a full-width `Ｓam` are one pair of eyes and not four (law L7).
 *
 * Letters of other alphabets that look like ours are refused, not guessed: nobody can tell Cyrillic `ѕam` from `sam` on a
 * screen. Names of ASCII letters that are easily taken for each other (`sam-o`, `sam0`) are two people; whoever declares
 * both is told (`looksLike`).
 */
export type PersonRead =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly why: string; readonly said: Sentence }

const KINDS = ['person', 'ci', 'system'] as const
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const MAIL = /^[^\s@<>]+@[^\s@<>]+$/

/** `Sam`, ` person:SAM ` → `person:sam`; `ci:GitHub` → `ci:github`. An e-mail address is nobody's id (law L11). */
export function readPerson(text: string): PersonRead {
  const folded = text.normalize('NFKC').trim().toLowerCase()
  const [, kind = 'person', name = folded] = /^([a-z]+):(.*)$/s.exec(folded) ?? []
  if (!(KINDS as readonly string[]).includes(kind))
    return refused(say`"${kind}:" is none of ${KINDS.map((known) => `${known}:`).join(', ')}`)
  if (name.includes('@'))
    return refused(say`is an e-mail address; people are pseudonyms such as person:alex, never names or addresses`)
  const strange = /[^\x20-\x7e]/u.exec(name)?.[0]
  if (strange !== undefined) {
    const code = strange.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
    return refused(say`has the character U+${code}, which can be taken for another one or not be seen`)
  }
  if (NAME.test(name)) return { ok: true, id: `${kind}:${name}` }
  return refused(say`must be a pseudonym of letters, digits, ".", "_" and "-" such as person:alex`)
}

function refused(said: Sentence): PersonRead {
  return { ok: false, why: english(said), said }
}

/** The id, or the text as it is where it is nobody's: for what was recorded before there was one spelling. */
export function personOf(text: string): string {
  const read = readPerson(text)
  return read.ok ? read.id : text
}

export function isSamePerson(left: string, right: string): boolean {
  return personOf(left) === personOf(right)
}

/** `Ada Byron <Ada+git@Example.org>` → `ada@example.org`; null where it is no address. What follows a "+" is no other person. */
export function mailOf(text: string): string | null {
  const plain = text.normalize('NFKC').trim().toLowerCase()
  const inner = /<([^<>]*)>$/.exec(plain)?.[1]?.trim() ?? plain.replace(/^mailto:/, '')
  if (!MAIL.test(inner)) return null
  const [local, host] = [inner.slice(0, inner.lastIndexOf('@')), inner.slice(inner.lastIndexOf('@') + 1)]
  return `${local.split('+')[0] || local}@${host.replace(/\.$/, '')}`
}

/**
 * What an account (a commit's e-mail address, a name at the forge) is called in plan and log: an address only as its digest,
 * for both stand for ever (law L11). Null for what is neither an address nor an id. `sha256` answers hex digits.
 */
export function accountKey(text: string, sha256: (text: string) => string): string | null {
  const mail = mailOf(text)
  if (mail !== null) return `mail:${sha256(mail).slice(0, 24)}`
  const read = readPerson(text)
  return read.ok ? read.id : null
}

/** Equal for two ids that an eye may take for each other: `person:paul` and `person:pau1`, `sam.smith` and `sam-smith`. */
export function looksLike(id: string): string {
  const [kind = '', ...rest] = id.split(':')
  const eye = rest
    .join(':')
    .replaceAll(/[._-]/g, '')
    .replaceAll('0', 'o')
    .replaceAll(/[1i|]/g, 'l')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('5', 's')
  return `${kind}:${eye}`
}

/** Every pair that can be taken for each other, each once, in the order given. */
export function lookalikes(ids: readonly string[]): readonly (readonly [string, string])[] {
  const unique = [...new Set(ids)]
  const first = new Map<string, string>()
  return unique.flatMap((id): (readonly [string, string])[] => {
    const known = first.get(looksLike(id))
    if (known !== undefined) return [[known, id]]
    first.set(looksLike(id), id)
    return []
  })
}
