/** A part of a block that has to fit the terminal: it is shown whole or not at all, and knows how much it matters. */
export type BlockPart = {
  readonly lines: readonly string[]
  /** 0 stays longest; of equal ones the upper goes last. */
  readonly rank: number
}

/** One part a line. */
export function ranked(rank: number, lines: readonly string[]): readonly BlockPart[] {
  return lines.map((line) => ({ lines: [line], rank }))
}

/** How many lines a block may have on a terminal of `rows`: what is said above it must have a place, too. */
export function blockRows(rows: number): number {
  return Math.max(1, rows - Math.max(2, Math.floor(rows / 4)))
}

/** The parts that matter most, in their order; the last line says how many are missing. */
export function fitHeight(
  parts: readonly BlockPart[],
  rows: number,
  more: (count: number) => string,
): readonly string[] {
  const all = parts.flatMap(({ lines }) => lines)
  if (all.length <= rows) return all
  const room = Math.max(1, rows - 1)
  const kept = mostImportant(parts, room)
  const shown = parts.filter((_, place) => kept.has(place)).flatMap(({ lines }) => lines)
  // Of a part that is higher than the terminal the beginning is better than nothing.
  return rows > 1 ? [...shown.slice(0, room), more(parts.length - kept.size)] : shown.slice(0, room)
}

/** Places of the parts that fit into `rows` lines together; a smaller one may still fit where a larger one did not. */
function mostImportant(parts: readonly BlockPart[], rows: number): ReadonlySet<number> {
  const places = [...parts.keys()].toSorted((left, right) => parts[left]!.rank - parts[right]!.rank || left - right)
  const kept = new Set<number>()
  let room = rows
  for (const place of places) {
    const { length } = parts[place]!.lines
    if (length > room && kept.size > 0) continue
    kept.add(place)
    room -= length
  }
  return kept
}
