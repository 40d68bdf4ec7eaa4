/** Verbs and options as `docs/reference/cli.md` lists them, and those that a piece of code uses. */
import { withoutBlocks } from './markdown.ts'

export type CommandLine = {
  /** Its own options and the shared ones that it takes: `deploy` → `['--artifact', '-a', …]`. */
  readonly verbs: ReadonlyMap<string, readonly string[]>
  /** Of the table of options that many verbs share. */
  readonly shared: readonly string[]
}

const FLAG = /(?<![\w-])--?[a-z][a-z-]*/g

export function commandLine(reference: string): CommandLine {
  const [head = '', ...sections] = reference.split(/^### /m)
  const shared = [...head.matchAll(/^\| `(-[a-z]), (--[a-z-]+)/gm)].map(([, short = '', long = '']) => [long, short])
  const short = new Map(shared as [string, string][])
  const verbs = sections.map((section) => {
    const flags = flagsIn(section)
    return [section.split('\n')[0]!.trim(), [...flags, ...flags.flatMap((flag) => short.get(flag) ?? [])]] as const
  })
  const shown = [...head.matchAll(/^\| `(?:(-[a-z]), )?(--[a-z-]+)/gm)].flatMap(([, ...names]) => names)
  return { verbs: new Map(verbs), shared: shown.filter((name) => name !== undefined) }
}

/** The options in the code of a page, with both of their names. */
function flagsIn(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/`([^`\n]+)`/g)].flatMap(([, code = '']) => code.match(FLAG) ?? [])
}

export type Used = {
  /** Null: an option by itself. */
  readonly verb: string | null
  readonly flag: string
}

/** Options of `stellwerk VERB … --flag` in this code, or those of code that begins with one. */
export function flagsOf(code: string, verbs: readonly string[]): readonly Used[] {
  if (/^--[a-z]/.test(code)) return (code.match(FLAG) ?? []).slice(0, 1).map((flag) => ({ verb: null, flag }))
  const lines = code.replaceAll(/\\\n\s*/g, ' ').split('\n')
  return lines.flatMap((line) =>
    line
      .replace(/(^|\s)#\s.*$/, '')
      .replaceAll(/'[^']*'|"[^"]*"/g, '_')
      .split(/&&|\|\|?|;|\$\(/)
      .flatMap((part) => ofCommand(part.trim(), verbs)),
  )
}

function ofCommand(part: string, verbs: readonly string[]): readonly Used[] {
  const [, named] = /^(?:\$ )?(?:\w+=\S* +)*(?:\S*\/)?stellwerk +(.+)$/.exec(part) ?? []
  const rest = named ?? (verbs.some((verb) => part.startsWith(`${verb} -`)) ? part : '')
  if (rest === '') return []
  const words = rest.split(/\s+/)
  const [two, one = ''] = [words.slice(0, 2).join(' '), words[0]]
  const verb = verbs.includes(two) ? two : one
  // `stellwerk --version`, and groups such as `stellwerk token`, take what every verb takes.
  if (verb.startsWith('-') || (!verbs.includes(verb) && verbs.some((each) => each.startsWith(`${verb} `)))) return []
  return words.filter((word) => /^--?[a-z]/.test(word)).map((word) => ({ verb, flag: word.replace(/[=\]).,].*$/, '') }))
}
