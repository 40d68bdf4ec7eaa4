/** One output is one language: outside quotations and code there may be no common English word. */
import assert from 'node:assert/strict'

const ENGLISH =
  /\b(?:the|is|are|of|and|not|with|until|since|nothing|there|has|have|from|which|while|would|this|that|its|cannot|does|than|after|before|only|every|each|who|by|for|it|to|at|be|can|shows?|waits?|traffic|requests|healthy|because)\b/i

/** What stays as it is in every language: quotations, code, options, addresses, keys of the spec, names of checks. */
const NOT_OURS =
  /„[^“]*“|`[^`]*`|"[^"\n]*"|--?[a-z][\w-]*|\S*[/<>=@]\S*|error-rate to \w+|(?<=Abhilfe: )stellwerk .*|Exit-Code|\w+(?:\[\d+\])*(?:\.\w+)+|(?<=eines von )[\w, *-]+|margin und for|(?<=[A-Z]+ \/\S+ )is \d{3}/g

function englishIn(text: string): string | null {
  return ENGLISH.exec(text.replaceAll(NOT_OURS, ' '))?.[0] ?? null
}

export function mustBeGerman(lines: readonly string[]): void {
  const english = lines.flatMap((line) => {
    const word = englishIn(line)
    return word === null && !line.includes('[object') ? [] : [`${word}: ${line}`]
  })
  assert.deepEqual([...new Set(english)], [])
}
