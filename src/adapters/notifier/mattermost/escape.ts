/** Text in Mattermost's Markdown that is shown as it was given. */

/** Word joiner: not seen, takes no place, and is no letter of a name. */
export const JOINER = '\u2060'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** An address is shown as a link to itself, which must stay what it is: it is followed and copied. */
const ADDRESS = /(https?:\/\/[\w./:?=&%+,;#-]*[\w/])/

/** Only what follows an address at once, `https://a.example|b`, shows its backslash. */
export function escaped(text: string): string {
  return text
    .split(ADDRESS)
    .map((part, index) => (index % 2 === 0 ? escapedWords(part) : part))
    .join('')
    .replaceAll(/^(?=[\s=+\-#\d:])/gm, JOINER)
}

/**
 * Entities also keep Mattermost from reading Slack's `<!channel>` and `<https://…|text>`. `@all`, `~town-square`, `#tag` and
 * `:fire:` are found in what is left after the Markdown, where a backslash no longer helps.
 */
function escapedWords(text: string): string {
  return text
    .replaceAll(/[&<>]/g, (one) => ENTITIES[one]!)
    .replaceAll(/[\\`*_{}[\]~|]/g, String.raw`\$&`)
    .replaceAll(/(@|#|~)(?=[\p{L}\p{N}_\\-])/gu, `$1${JOINER}`)
    .replaceAll(/:(?=[\w+\\-]+:)/g, `:${JOINER}`)
}
