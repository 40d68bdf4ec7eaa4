/**
 * The selectors that a query reads, found by its tokens: what has to have fresh samples for the answer to be about now.
 * Prometheus itself looks back 5 minutes for a gauge and as far as the brackets say for a range; its answer does not tell.
 * Rejected: `lookback_delta`, which not every version knows and which does nothing for ranges.
 */
const TOKEN = new RegExp(
  [
    String.raw`#[^\n]*`,
    String.raw`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + '`[^`]*`',
    String.raw`\{(?:[^{}"'` + '`' + String.raw`]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|` + '`[^`]*`)*\\}',
    String.raw`\[[^\]]*\]`,
    String.raw`\d[\w.]*`,
    String.raw`[A-Za-z_:][\w:]*`,
    String.raw`[^\s]`,
  ].join('|'),
  'g',
)
const WITH_LABELS = ['by', 'without', 'on', 'ignoring', 'group_left', 'group_right']
const WORDS = ['and', 'or', 'unless', 'bool', 'offset', 'atan2', 'inf', 'nan', 'start', 'end']
const AGGREGATORS =
  'sum avg min max count stddev stdvar group topk bottomk quantile count_values limitk limit_ratio'.split(' ')

/** `sum(rate(a{b="c"}[5m])) / max by (x) (d)` → `a{b="c"}`, `d`; each once. */
export function selectorsIn(query: string): readonly string[] {
  const tokens = [...query.matchAll(TOKEN)].map(([token]) => token).filter((token) => !token.startsWith('#'))
  const found = new Set<string>()
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!
    if (WITH_LABELS.includes(token.toLowerCase())) at = afterLabels(tokens, at)
    else if (token.startsWith('{')) found.add(token)
    else if (isName(token, tokens[at + 1])) {
      const matchers = tokens[at + 1]?.startsWith('{') ? tokens[(at += 1)]! : ''
      found.add(token + matchers)
    }
  }
  return [...found]
}

/** A function is followed by what it is given, an aggregator by that or by its labels. */
function isName(token: string, next: string | undefined): boolean {
  if (!/^[A-Za-z_:]/.test(token) || next === '(') return false
  const word = token.toLowerCase()
  const isAggregator = AGGREGATORS.includes(word) && ['by', 'without'].includes(next?.toLowerCase() ?? '')
  return !isAggregator && !WORDS.includes(word)
}

function afterLabels(tokens: readonly string[], at: number): number {
  return tokens[at + 1] === '(' ? tokens.indexOf(')', at) : at
}
