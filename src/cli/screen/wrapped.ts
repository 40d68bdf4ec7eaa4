import type { Writer } from '../io.ts'
import { stripVTControlCharacters } from 'node:util'

/** Between words, but not between a number and its unit or its sign: `7.1 %` stays together. */
const BREAKS = / (?!%)/

/**
 * Broken between words, further lines begin with `indent`: what is waited for, and what happens then, must be readable on
 * a narrow terminal too.
 */
export function wrapped(line: string, columns: number, indent = '  '): readonly string[] {
  return joined(line.split(BREAKS), ' ', columns, indent)
}

/** `pieces`, which are not broken themselves, put together in lines of at most `columns` visible characters. */
export function joined(pieces: readonly string[], between: string, columns: number, indent: string): readonly string[] {
  const lines: string[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last === undefined) lines.push(piece)
    else if (widthOf(last + between + piece) > columns) lines.push(`${indent}${piece}`)
    else lines[lines.length - 1] = `${last}${between}${piece}`
  }
  return lines
}

/** Only a terminal has an edge: what goes into a file or a pipe stays whole. */
export function columnsOf({ isTTY, columns }: Writer): number {
  return isTTY ? columns - 1 : Infinity
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length
}
