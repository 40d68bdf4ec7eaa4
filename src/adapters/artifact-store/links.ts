/**
 * Where the links of a tree lead, as the system would follow them: part by part, through other links, not by the text of
 * their targets. `d/../outside` stays inside by its text, and leads out where `d` is a link to `.`.
 */
export type TreeEntry = {
  /** From the tree's top, with `/`: `bin/run.sh`. */
  readonly path: string
  readonly kind: 'folder' | 'file' | 'program' | 'link'
  /** Where a link points; empty for everything else. */
  readonly target: string
}

/** What the system itself follows before it gives up (ELOOP). */
const LINKS_MAX = 40
/** Of all links of a tree together: 200,000 of them need some 20 each, and a tree made to keep somebody busy needs billions. */
const STEPS_MAX = 10_000_000

/** Links by the parts of their paths: a step costs the same, however deep it is. */
type Place = { readonly places: Map<string, Place>; target: string | null }

/** What is wrong with the first bad link; null when each stays inside and comes to an end. One may lead to nothing. */
export function linkProblem(entries: readonly TreeEntry[]): string | null {
  const links = entries.filter(({ kind }) => kind === 'link')
  const top = placesOf(links)
  const walk = { stepsLeft: STEPS_MAX }
  for (const { path, target } of links) {
    const end = follow(path, top, walk)
    if (end === 'outside') return `the link "${path}" leads outside, to "${target}"; put what it names into the tree`
    if (end === 'circle') return `the link "${path}" to "${target}" leads in a circle; remove it`
    if (end === 'too far')
      return `its links lead through more than ${STEPS_MAX} folders and links; shorten or remove them`
  }
  return null
}

function placesOf(links: readonly TreeEntry[]): Place {
  const top: Place = { places: new Map(), target: null }
  for (const { path, target } of links) {
    let at = top
    for (const part of path.split('/')) {
      const next = at.places.get(part) ?? { places: new Map(), target: null }
      at.places.set(part, next)
      at = next
    }
    at.target = target
  }
  return top
}

function follow(link: string, top: Place, walk: { stepsLeft: number }): 'inside' | 'outside' | 'circle' | 'too far' {
  /** Null: no link lies there or below. */
  const at: (Place | null)[] = [top]
  const ahead = link.split('/').toReversed()
  for (let links = 0; ahead.length > 0; ) {
    if (--walk.stepsLeft < 0) return 'too far'
    const part = ahead.pop()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      at.pop()
      if (at.length === 0) return 'outside'
      continue
    }
    const next = at.at(-1)?.places.get(part) ?? null
    if (next === null || next.target === null) {
      at.push(next)
      continue
    }
    if (next.target.startsWith('/')) return 'outside'
    if (++links > LINKS_MAX) return 'circle'
    for (const each of next.target.split('/').toReversed()) ahead.push(each)
  }
  return 'inside'
}
