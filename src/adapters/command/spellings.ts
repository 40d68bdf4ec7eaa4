/** In which forms a program may repeat a value that it was given: quoted, escaped, encoded, in parts. */
import { foreignText } from '../../core/foreign-text.ts'

/** `encoded`: it says nothing to people, so that also a fragment of it may go. */
export type Spelling = { readonly text: string; readonly encoded: boolean }

/** A line of a secret of several lines that is shorter than this is a brace or a word, and stays. */
const SHORTEST_LINE = 6
/** Columns at which base64 is wrapped: by `base64` and MIME, by PEM. */
const COLUMNS = [76, 64] as const

/** Every spelling of one secret, none twice. */
export function spellings(secret: string): readonly Spelling[] {
  const values = [secret, secret.trim(), ...partsOfUrl(secret)]
  const plain = [...values, ...linesOf(secret)].flatMap(quoted)
  const encoded = values.flatMap((value) => encodings(Buffer.from(value, 'utf8')))
  return [
    ...[...new Set(plain)].map((text) => ({ text, encoded: false })),
    ...[...new Set(encoded)].map((text) => ({ text, encoded: true })),
  ].filter(({ text }) => text.length > 0)
}

function linesOf(secret: string): readonly string[] {
  const lines = secret.split(/\r\n|[\r\n]/)
  return lines.length === 1 ? [] : lines.map((line) => line.trim()).filter((line) => line.length >= SHORTEST_LINE)
}

/** Of `postgres://user:password@host/db` the password, and of a webhook's address everything behind its host. */
function partsOfUrl(secret: string): readonly string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(secret)) return []
  const password = /^[^/]*\/\/[^/?#]*?:([^/?#]*)@/.exec(secret)?.[1] ?? ''
  const url = URL.parse(secret)
  const path = url === null ? '' : `${url.pathname}${url.search}`
  const isToken = path.length >= 2 * SHORTEST_LINE && (url!.search !== '' || /[A-Za-z0-9_-]{8}/.test(url!.pathname))
  return [password, decoded(password), ...(/^https?:/i.test(secret) && isToken ? [path] : [])].filter(
    (part) => part.length >= 4,
  )
}

function quoted(value: string): readonly string[] {
  const json = JSON.stringify(value.toWellFormed()).slice(1, -1)
  return [
    value,
    json,
    JSON.stringify(json).slice(1, -1),
    json.replaceAll('/', String.raw`\/`),
    ...['x', 'X'].map((letter) => inAscii(json, letter === 'X')),
    value.replaceAll('\\', String.raw`\\`).replaceAll("'", String.raw`\'`),
    foreignText(value),
    ...inUrls(value),
    ...inHtml(value),
  ]
}

/** `"ä"` → `"\u00e4"`, as JSON without anything but ASCII. */
function inAscii(json: string, capitals: boolean): string {
  const escape = (character: string) => {
    const hex = character.charCodeAt(0).toString(16).padStart(4, '0')
    return String.raw`\u${capitals ? hex.toUpperCase() : hex}`
  }
  return json.replaceAll(/[\u007f-\uffff]/g, escape)
}

function inUrls(value: string): readonly string[] {
  const usual = encodeURIComponent(value.toWellFormed())
  const strict = usual.replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)
  const forms = [usual, strict, strict.replaceAll('%20', '+'), encodeURI(value.toWellFormed())]
  return [...forms, ...forms.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()))]
}

function inHtml(value: string): readonly string[] {
  const basic = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const quotes = basic.replaceAll('"', '&quot;')
  return [basic, quotes, ...['&#39;', '&#x27;', '&#039;', '&apos;'].map((one) => quotes.replaceAll("'", one))]
}

function encodings(bytes: Buffer): readonly string[] {
  const hex = bytes.toString('hex')
  return [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((shift) => inBase64(bytes, shift))]
}

/**
 * What stands in base64 text for the bytes when `shift` bytes (modulo three) stand before them, without the characters
 * that others' bits are part of as well: `user:hunter22` and `hunter22` share no character but these.
 */
function inBase64(bytes: Buffer, shift: number): readonly string[] {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
  const inner = text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
  const lastLines = COLUMNS.flatMap((columns) => [text, inner].flatMap((one) => wrapped(one, columns)))
  const whole = shift === 0 ? [text, text.replace(/=+$/, ''), ...lastLines] : []
  return [inner, ...whole].flatMap((one) => [one, one.replaceAll('+', '-').replaceAll('/', '_')])
}

/** The last line of a text that is wrapped; the ones before it are long enough to be known by a fragment. */
function wrapped(text: string, columns: number): readonly string[] {
  const rest = text.slice(text.length - (text.length % columns))
  return text.length > columns && rest.length >= SHORTEST_LINE ? [rest] : []
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
