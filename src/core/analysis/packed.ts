/**
 * Histograms as short texts, for a state that holds some sixty of them and must stay small.
 *
 * `"0:244:5..1k"` is: 2^0 of the original buckets per cell, first cell 244, then the counts in base 36 with empty cells
 * left out: 5, 0, 56. A text that grows over its limit gets cells twice as wide, as OpenTelemetry's exponential histograms
 * do: nothing is dropped, only resolution, and two texts of different widths still add up exactly. `""` holds nothing.
 *
 * `"0:244:5..1k+0:240:2"` is a sum that nobody has read yet: its parts are added up when it is (`settled`), or when it grows too
 * long. However the parts come together, the width is the least at which the whole fits, so that the text is the same.
 */
import { bucketEdgeMs, type Cells as HistogramCells, cellsOf, rankOf, type Scale } from '../histogram.ts'
import type { Histogram } from '../observed.ts'

export type Packed = string

type Cells = { readonly shift: number; readonly first: number; readonly counts: readonly number[] }

/** `limit` is the greatest length of the text, in characters. Counts are rounded to whole requests. */
export function pack(histogram: Histogram, limit: number): Packed {
  return packCells(cellsOf(histogram), limit)
}

export function packCells({ buckets, counts }: HistogramCells, limit: number): Packed {
  const whole = counts.map(Math.round)
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY
  for (let cell = 0; cell < buckets.length; cell++) {
    if (!(whole[cell]! > 0)) continue
    first = Math.min(first, buckets[cell]!)
    last = Math.max(last, buckets[cell]!)
  }
  if (last < first) return ''
  const dense = zeros(last - first + 1)
  for (let cell = 0; cell < buckets.length; cell++) {
    if (whole[cell]! > 0) dense[buckets[cell]! - first] = whole[cell]!
  }
  return encode({ shift: 0, first, counts: dense }, limit)
}

export function sumPacked(texts: readonly Packed[], limit: number): Packed {
  const held = partsOf(texts)
  const [only = '', second] = held
  return second === undefined && only.length <= limit ? only : encode(sumTexts(held), limit)
}

/** What `sumPacked` answers of the two, told later: most sums are added to many times before they are read once. */
export function withPart(sum: Packed, part: Packed, limit: number): Packed {
  if (part === '' || sum === '') return sum + part
  const both = `${sum}${PLUS}${part}`
  return both.length <= limit + PENDING_CHARS ? both : sumPacked([both], limit)
}

/** A sum as it is read: one text, at most `limit` long. */
export function settled(sum: Packed, limit: number): Packed {
  return sum.length <= limit && !sum.includes(PLUS) ? sum : sumPacked([sum], limit)
}

const PLUS = '+'
const PENDING_CHARS = 128

function partsOf(sums: readonly Packed[]): readonly Packed[] {
  const parts = sums.some((sum) => sum.includes(PLUS)) ? sums.flatMap((sum) => sum.split(PLUS)) : sums
  return parts.filter((text) => text !== '')
}

/** Texts of one width, which nearly all are, are added up as they are read. */
function sumTexts(texts: readonly Packed[]): Cells {
  const heads = texts.map(headOf)
  const shift = heads[0]?.shift ?? 0
  if (heads.some((head) => head.shift !== shift)) return sumCells(texts.map(decode))
  let [first, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let index = 0; index < texts.length; index++) {
    const head = heads[index]!
    first = Math.min(first, head.first)
    end = Math.max(end, head.first + texts[index]!.length - head.begins + 1)
  }
  const counts = zeros(end - first)
  let last = 0
  for (let index = 0; index < texts.length; index++) {
    const head = heads[index]!
    last = Math.max(last, addInto(counts, head.first - first, texts[index]!, head.begins))
  }
  counts.length = last
  return { shift, first, counts }
}

/** `[last original bucket, count]` of every cell that is not empty, fast to slow. */
export function packedCells(text: Packed): readonly (readonly [bucket: number, count: number])[] {
  if (text === '') return []
  const { shift, first, counts } = decode(text)
  return [...counts]
    .map((count, index) => [(first + index) * 2 ** shift, count] as const)
    .filter(([, count]) => count > 0)
}

/** The quantile of each of several texts, at their common resolution, so that none looks slower for being coarser. */
export function packedQuantiles(packed: readonly Packed[], scale: Scale | null, q: number): readonly (number | null)[] {
  const cells = packed.map((text) => (text === '' ? null : decode(text)))
  const shift = Math.max(0, ...cells.map((some) => some?.shift ?? 0))
  return cells.map((some) => (some === null || scale === null ? null : quantile(widen(some, shift), scale, q)))
}

function quantile({ shift, first, counts }: Cells, scale: Scale, q: number): number {
  const rank = rankOf(
    q,
    counts.reduce((sum, count) => sum + count, 0),
  )
  let seen = 0
  const cell = counts.findIndex((count) => (seen += count) >= rank)
  return bucketEdgeMs({ base: scale.base ** (2 ** shift), unitMs: scale.unitMs }, first + cell)
}

function decode(text: Packed): Cells {
  const { shift, first, begins } = headOf(text)
  const counts = zeros(text.length - begins + 1)
  counts.length = addInto(counts, 0, text, begins)
  return { shift, first, counts }
}

type Head = { readonly shift: number; readonly first: number; readonly begins: number }

/** What stands before the counts, and where those begin. */
function headOf(text: Packed): Head {
  const start = text.indexOf(':') + 1
  const end = text.indexOf(':', start)
  return { shift: Number(text.slice(0, start - 1)), first: Number(text.slice(start, end)), begins: end + 1 }
}

/** Adds the counts of a text to `sum`, its first cell to `from`; answers the cell after its last. */
function addInto(sum: number[], from: number, text: Packed, begins: number): number {
  let cell = from
  let count = 0
  for (let at = begins; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      sum[cell]! += count
      cell += 1
      count = 0
    } else count = count * 36 + code - (code < LETTER_A ? DIGIT_0 : LETTER_A - 10)
  }
  sum[cell]! += count
  return cell + 1
}

const DOT = 46
const DIGIT_0 = 48
const LETTER_A = 97

function encode(cells: Cells, limit: number): Packed {
  const { shift, first, counts } = cells
  const head = `${shift}:${first}:`
  if (counts.length > 1 && lengthOf(counts) > limit - head.length) return encode(widen(cells, shift + 1), limit)
  return head + counts.map(digits).join('.')
}

function digits(count: number): string {
  return DIGITS[count] ?? count.toString(36)
}

/** Of the text of these counts: known before it is written, since a sum may have to be widened more than once. */
function lengthOf(counts: readonly number[]): number {
  let length = counts.length - 1
  for (let cell = 0; cell < counts.length; cell++) {
    for (let left = counts[cell]!; left > 0; left = Math.floor(left / 36)) length += 1
  }
  return length
}

const DIGITS = Array.from({ length: 36 ** 2 }, (_, count) => (count === 0 ? '' : count.toString(36)))

function sumCells(cells: readonly Cells[]): Cells {
  const shift = Math.max(...cells.map((part) => part.shift))
  const parts = cells.map((part) => widen(part, shift))
  const first = Math.min(...parts.map((part) => part.first))
  const counts = zeros(Math.max(...parts.map((part) => part.first + part.counts.length)) - first)
  for (const part of parts) {
    const start = part.first - first
    for (let index = 0; index < part.counts.length; index++) counts[start + index]! += part.counts[index]!
  }
  return { shift, first, counts }
}

/** Cells twice as wide: buckets 2c-1 and 2c become cell c, so every slow edge that stays is one that was there before. */
function widen(cells: Cells, shift: number): Cells {
  if (cells.shift >= shift) return cells
  const first = Math.ceil(cells.first / 2) + 0
  const last = Math.ceil((cells.first + cells.counts.length - 1) / 2)
  const counts = zeros(last - first + 1)
  for (let index = 0; index < cells.counts.length; index++) {
    counts[Math.ceil((cells.first + index) / 2) - first]! += cells.counts[index]!
  }
  return widen({ shift: cells.shift + 1, first, counts }, shift)
}

/** Not a typed array: what is as short-lived as this costs ten times as much there. */
function zeros(length: number): number[] {
  const all: number[] = []
  for (let cell = 0; cell < length; cell++) all.push(0)
  return all
}
