/** A reason that came as a sentence, so that something can follow it: `refused.` → `refused`; an ellipsis stays. */
export function asClause(text: string): string {
  return text.trimEnd().replace(/(?<!\.)\.$/, '')
}
