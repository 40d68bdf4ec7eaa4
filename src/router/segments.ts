/**
 * Segments of a route's traffic: a method and a pattern of paths, `GET /orders/:id`. `:name` stands for one part of a path, `*`
 * at the end for the rest, `*` as the method for any.
 */
import { z } from 'zod'

/** Counted by themselves at most, declared and learned ones together: a bound for memory, for reports and for evidence. */
export const SEGMENTS_MAX = 20

/** Only what stands in a request line: a client writes `/käse` as `/k%C3%A4se`. */
const PATTERN = /^(?:\*|[A-Z]{1,20}) \/(?:[!$-)+->@-[\]-~]*|(?:[!$-)+->@-[\]-~]*\/)?\*)$/

export const Pattern = z
  .string()
  .max(200)
  .regex(PATTERN, 'expected a method and a pattern of paths such as "GET /orders/:id" or "* /static/*"')

export const SegmentsWanted = z
  .strictObject({
    /** In this order: the first one that fits counts a request. */
    declared: z.array(Pattern).max(SEGMENTS_MAX),
    /** So many of what fits none of them, by how much is asked of them. */
    learn: z.int().min(0).max(SEGMENTS_MAX),
  })
  .refine(({ declared, learn }) => declared.length + learn <= SEGMENTS_MAX, `${SEGMENTS_MAX} segments at most`)
  .refine(({ declared }) => new Set(declared).size === declared.length, 'a segment is declared twice')
export type SegmentsWanted = z.output<typeof SegmentsWanted>

export const LEARN_ALL: SegmentsWanted = { declared: [], learn: SEGMENTS_MAX }

/** Whether a request fits. `parts` are those of its path, `/orders/7` as `['orders', '7']`. */
export type Fits = (method: string, parts: readonly string[]) => boolean

export function fits(pattern: string): Fits {
  const [wanted = '', path = ''] = pattern.split(' ')
  const all = partsOf(path)
  const isOpen = all.at(-1) === '*'
  const named = isOpen ? all.slice(0, -1) : all
  return (method, parts) => {
    if (wanted !== '*' && wanted !== method) return false
    if (isOpen ? parts.length < named.length : parts.length !== named.length) return false
    return named.every((part, index) => part.startsWith(':') || part === parts[index])
  }
}

export function partsOf(path: string): readonly string[] {
  return path.slice(1).split('/')
}

const PARTS_MAX = 6
const PART_MAX = 40

/**
 * What a path looks like without what names one thing of many: a part with a digit in it (but `v2`), or a very long one, is
 * `:id`. Words that are endless as well (names of products) stay apart, and are forgotten as rare ones: those need a pattern.
 */
export function learnedName(method: string, parts: readonly string[]): string {
  const shown = parts.slice(0, PARTS_MAX).map((part) => (isIdentifier(part) ? ':id' : part))
  return `${method} /${shown.join('/')}${parts.length > PARTS_MAX ? '/*' : ''}`
}

function isIdentifier(part: string): boolean {
  return part.length > PART_MAX || /[^\w.~-]/.test(part) || (/\d/.test(part) && !/^v\d{1,2}$/.test(part))
}
