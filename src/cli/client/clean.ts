import { stripVTControlCharacters } from 'node:util'

/** Everything below a blank but line break and tab, and what 8-bit terminals take as the start of an order. */
const isControl = (code: number) => (code < 0x20 && code !== 0x0a && code !== 0x09) || (code >= 0x7f && code <= 0x9f)

/** Text from elsewhere (logs, reasons, names) may not give orders to the terminal it is shown on. */
export function cleanText(text: string): string {
  const plain = stripVTControlCharacters(text)
  return [...plain].filter((character) => !isControl(character.codePointAt(0)!)).join('')
}

/** Parses JSON, with every text in it cleaned for a screen. */
export function parseForScreen(json: string): unknown {
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? cleanText(value) : value))
}
