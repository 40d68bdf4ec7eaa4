/** The parts of a Markdown page that can be checked: fenced blocks, links, headings. */
export type Block = { readonly language: string; readonly text: string; readonly line: number }
export type Link = { readonly target: string; readonly line: number }

export function blocksIn(markdown: string): readonly Block[] {
  const found = markdown.matchAll(/^( *)```([^\n`]*)\n([\s\S]*?)^\1```$/gm)
  return [...found].map(({ index, 1: indent = '', 2: language = '', 3: text = '' }) => ({
    language: language.trim(),
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    line: lineAt(markdown, index),
  }))
}

/** A block with a mark before it that says what a test does with it. */
export type Marked = {
  readonly does: 'run' | 'start' | 'write'
  readonly text: string
  readonly line: number
  readonly file: string
  readonly exit: number
  readonly isLast: boolean
}

/** Blocks below `<!-- run -->`, `<!-- run, exit 5 -->`, `<!-- run at the end -->`, `<!-- start -->`, `<!-- write FILE -->`. */
export function markedIn(markdown: string): readonly Marked[] {
  const lines = markdown.split('\n')
  return blocksIn(markdown).flatMap(({ text, line }) => {
    const mark = /^<!-- (run|start|write)(?:,? (.+))? -->$/.exec(lines[line - 2] ?? '')
    if (mark === null) return []
    const [, does, rest = ''] = mark
    return [
      {
        does: does as Marked['does'],
        text,
        line,
        file: does === 'write' ? rest : '',
        exit: Number(/^exit (\d+)$/.exec(rest)?.[1] ?? 0),
        isLast: rest === 'at the end',
      },
    ]
  })
}

export type Code = {
  readonly text: string
  readonly line: number
  /** Of a fenced block: `sh`, `yaml`; null for code in a line of prose. */
  readonly language: string | null
}

/** Fenced blocks, and code in lines of prose. */
export function codeIn(markdown: string): readonly Code[] {
  const prose = withoutBlocks(markdown)
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(({ index, 1: text = '' }) => ({
    text,
    line: lineAt(prose, index),
    language: null,
  }))
  return [...blocksIn(markdown), ...spans]
}

/** The page with blanks for its fenced blocks. */
export function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^( *)```[\s\S]*?^\1```$/gm, (block) => block.replaceAll(/[^\n]/g, ' '))
}

/** The page with blanks for all code, so that lines stay what they are. */
export function proseIn(markdown: string): string {
  return withoutBlocks(markdown).replaceAll(/`[^`\n]*`/g, (code) => ' '.repeat(code.length))
}

/** Links of the form `[text](target)`, those in code left out. */
export function linksIn(markdown: string): readonly Link[] {
  const prose = proseIn(markdown)
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(({ index, 1: target = '' }) => ({
    target,
    line: lineAt(prose, index),
  }))
}

/** Anchors as GitHub makes them: `### L9 Traffic outlives us` is `l9-traffic-outlives-us`. */
export function anchorsIn(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Words after `stellwerk` and `npm run` at the start of a shell line, `NAME=value` before it passed over. */
export function commandsIn(block: Block): readonly { readonly program: string; readonly verb: string; line: number }[] {
  return block.text.split('\n').flatMap((text, index) => {
    const command = text
      .trim()
      .replace(/^\$ /, '')
      .replace(/^(\w+=\S+ )+/, '')
    return command.split(/ && /).flatMap((part) => {
      const [, program = '', verb = ''] = /^(stellwerk|npm run|npm) +(?:-s )?([a-z][a-z:-]*)/.exec(part.trim()) ?? []
      return program === '' ? [] : [{ program, verb, line: block.line + 1 + index }]
    })
  })
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
