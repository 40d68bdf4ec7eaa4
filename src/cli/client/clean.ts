import { foreignData } from '../../core/foreign-text.ts'

/** Of several lines by their nature: a signed note of a checkpoint. */
const TEXTS: ReadonlySet<string> = new Set(['checkpoint'])

/**
 * Parses JSON for a screen: every text in it is one printable line, whoever wrote it. A line break in a reason or a name
 * would otherwise forge a line of ours.
 */
export function parseForScreen(json: string): unknown {
  return foreignData(JSON.parse(json) as unknown, TEXTS, (text) => text)
}
