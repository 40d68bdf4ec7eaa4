/** The sections of CHANGELOG.md as the changelog of a Debian package. */
export type ChangelogOptions = { readonly version: string; readonly dateMs: number }

/** As `packaging/debian/control` names them. */
const MAINTAINER = 'Stellwerk maintainers <maintainers@stellwerk.invalid>'

/** The section of `version`, or the one of what is not released yet. Throws when there is neither. */
export function sectionOf(markdown: string, version: string): string {
  const sections = markdown.split(/^## /m).slice(1)
  const found =
    sections.find((section) => section.startsWith(`[${version}]`)) ??
    sections.find((section) => section.startsWith('[Unreleased]'))
  if (found === undefined) throw new Error(`CHANGELOG.md has neither a section [${version}] nor one [Unreleased]`)
  return found.slice(found.indexOf('\n') + 1).trim()
}

/** In the form of deb-changelog(5): each item of the section, by its heading, in lines of 76 characters. */
export function debianChangelog(markdown: string, { version, dateMs }: ChangelogOptions): string {
  const blocks = sectionOf(markdown, version).split(/\n(?=- |### )|\n\n/)
  const lines = blocks.map((block) => block.replace(/\s+/g, ' ').trim()).filter((block) => block !== '')
  const items = lines.flatMap((line) =>
    line.startsWith('### ') ? ['', `  [ ${line.slice(4)} ]`] : folded(line.replace(/^- /, '')),
  )
  const date = new Date(dateMs).toUTCString().replace('GMT', '+0000')
  return `stellwerk (${version}) unstable; urgency=medium\n${items.join('\n')}\n\n -- ${MAINTAINER}  ${date}\n`
}

function folded(item: string): readonly string[] {
  const lines: string[] = []
  let line = '  *'
  for (const word of item.split(' ')) {
    if (line.length + word.length >= 76) {
      lines.push(line)
      line = '   '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
