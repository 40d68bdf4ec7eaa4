/**
 * The checkpoints in a text that somebody kept: notes one after the other, as anchors write them; lines of an export or of
 * the chain, each with its note as JSON; whatever a mail or an editor did to line ends. Everything else is passed over.
 */
export function checkpointsIn(text: string): readonly string[] {
  const lines = text.replaceAll('\r\n', '\n').split('\n')
  const quoted = lines.flatMap((line) => noteInJson(line))
  const plain = [...quoted, lines.filter((line) => !line.startsWith('{')).join('\n')].join('\n')
  const notes = plain.matchAll(/^[^\n—{][^\n]*\n\d+\n[A-Za-z0-9+/]{43}=\n(?:[^\n—][^\n]*\n)*\n(?:— [^\n]+(?:\n|$))+/gm)
  return [...notes].map(([note]) => (note.endsWith('\n') ? note : `${note}\n`))
}

function noteInJson(line: string): readonly string[] {
  if (!line.startsWith('{')) return []
  try {
    const { checkpoint } = JSON.parse(line) as { readonly checkpoint?: unknown }
    return typeof checkpoint === 'string' ? [checkpoint] : []
  } catch {
    return []
  }
}
