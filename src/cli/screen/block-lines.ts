/** Lines of a block that has to fit the terminal: each knows how much it matters. */
export type BlockLine = {
  readonly text: string
  /** 0 stays longest; of equal ones the upper goes last. */
  readonly rank: number
}

export function ranked(rank: number, lines: readonly string[]): readonly BlockLine[] {
  return lines.map((text) => ({ text, rank }))
}

/** How many lines a block may have on a terminal of `rows`: what is said above it must have a place, too. */
export function blockRows(rows: number): number {
  return Math.max(1, rows - Math.max(2, Math.floor(rows / 4)))
}

/** The lines that matter most, in their order; the last one says how many are missing. */
export function fitHeight(
  lines: readonly BlockLine[],
  rows: number,
  more: (count: number) => string,
): readonly string[] {
  if (lines.length <= rows) return lines.map(({ text }) => text)
  const places = [...lines.keys()].toSorted((left, right) => lines[left]!.rank - lines[right]!.rank || left - right)
  const kept = new Set(places.slice(0, Math.max(1, rows - 1)))
  const shown = lines.filter((_, place) => kept.has(place)).map(({ text }) => text)
  return rows > 1 ? [...shown, more(lines.length - kept.size)] : shown
}
