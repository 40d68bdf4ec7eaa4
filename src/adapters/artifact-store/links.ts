/**
 * Where the links of a tree lead, as the system would follow them: part by part, through other links, not by the text of
 * their targets. `d/../outside` stays inside by its text, and leads out where `d` is a link to `.`.
 */
import { posix } from 'node:path'

export type TreeEntry = {
  /** From the tree's top, with `/`: `bin/run.sh`. */
  readonly path: string
  readonly kind: 'folder' | 'file' | 'program' | 'link'
  /** Where a link points; empty for everything else. */
  readonly target: string
}

/** What the system itself follows before it gives up (ELOOP). */
const LINKS_MAX = 40

/** What is wrong with the first bad link; null when each stays inside and comes to an end. One may lead to nothing. */
export function linkProblem(entries: readonly TreeEntry[]): string | null {
  const targets = new Map(entries.flatMap(({ path, kind, target }) => (kind === 'link' ? [[path, target]] : [])))
  for (const [path, target] of targets) {
    const end = follow(path, targets)
    if (end === 'outside') return `the link "${path}" leads outside, to "${target}"; put what it names into the tree`
    if (end === 'circle') return `the link "${path}" to "${target}" leads in a circle; remove it`
  }
  return null
}

function follow(link: string, targets: ReadonlyMap<string, string>): 'inside' | 'outside' | 'circle' {
  let at: string[] = []
  const ahead = link.split('/')
  for (let links = 0; ahead.length > 0; ) {
    const part = ahead.shift()!
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (at.pop() === undefined) return 'outside'
      continue
    }
    const target = targets.get(posix.join(...at, part))
    if (target === undefined) {
      at = [...at, part]
      continue
    }
    if (target.startsWith('/')) return 'outside'
    if (++links > LINKS_MAX) return 'circle'
    ahead.unshift(...target.split('/'))
  }
  return 'inside'
}
