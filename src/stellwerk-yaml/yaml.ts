/**
 * Text → tree. Every way in which text can fail to be a YAML file that we read becomes a finding with its place. The limits
 * come before the parser, which would otherwise follow deep nesting with its own stack.
 */
import { quote, say, type Told } from '../core/say.ts'
import { type CST, Composer, type Document, Parser, type YAMLError } from 'yaml'
import { buildTree, type TreeResult } from './yaml-tree.ts'
import type { Finding } from './tree.ts'

/** Bytes; the largest spec we have seen has 6,000. */
const MAX_BYTES = 262_144
export const MAX_DEPTH = 64

export type TextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly text: string; readonly findings: readonly Finding[] }

/** Bytes of a file → text, without a byte order mark. */
export function decodeText(source: string | Uint8Array): TextResult {
  const bytes = typeof source === 'string' ? new TextEncoder().encode(source) : source
  if (bytes.length > MAX_BYTES) {
    const message = say`the file has ${bytes.length} bytes; at most ${MAX_BYTES} are read`
    return { ok: false, text: '', findings: [finding(0, message)] }
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    const readable = new TextDecoder('utf-8').decode(bytes)
    const at = Math.max(0, readable.indexOf('\uFFFD'))
    return { ok: false, text: readable, findings: [finding(at, say`is not UTF-8 text`, say`save the file as UTF-8`)] }
  }
}

export function parseYaml(text: string): TreeResult {
  const tokens = [...new Parser().parse(text)]
  const deep = tooDeep(tokens)
  if (deep !== null) return failed([finding(deep, say`is nested deeper than ${MAX_DEPTH} levels`)])
  const documents = [...new Composer(OPTIONS).compose(tokens, true, text.length)]
  const findings = documents.flatMap((document) => documentFindings(document, text))
  if (documents.length > 1) {
    const second = documents[1]!.range?.[0] ?? 0
    findings.push(finding(second, say`a second YAML document starts here; one file holds one`, say`remove the "---"`))
  }
  const contents = documents[0]?.contents
  if (findings.length > 0) return failed(findings)
  if (!contents) return failed([finding(0, say`the file is empty`, say`run \`stellwerk init\` for one to start from`)])
  return buildTree(contents, MAX_DEPTH)
}

const OPTIONS = {
  version: '1.2',
  merge: true,
  stringKeys: true,
  /** Compared here instead, since the parser compares every key with every other. */
  uniqueKeys: false,
  resolveKnownTags: false,
  prettyErrors: false,
  strict: true,
} as const

function failed(findings: readonly Finding[]): TreeResult {
  return { ok: false, findings }
}

function finding(at: number, message: Told, suggestion: Told | null = null): Finding {
  return { at, path: [], message, suggestion }
}

function documentFindings(document: Document, text: string): Finding[] {
  const { explicit, version } = document.directives?.yaml ?? {}
  const findings = [...document.errors, ...document.warnings].map((error) => syntaxFinding(error, text))
  if (explicit && version !== undefined && version !== '1.2')
    findings.push(finding(0, say`YAML ${version} is not read; expected YAML 1.2`))
  return findings
}

function syntaxFinding(error: YAMLError, text: string): Finding {
  const at = Math.min(error.pos[0], text.length)
  if (error.code === 'TAB_AS_INDENT') return finding(at, say`a tab is used for indentation`, say`use spaces`)
  if (error.code === 'TAG_RESOLVE_FAILED')
    return finding(at, say`${quote(firstLine(error.message))}; tags are not read`)
  return finding(at, say`is not YAML: ${quote(firstLine(error.message))}`)
}

function firstLine(message: string): string {
  return message.split('\n')[0]!.slice(0, 200)
}

/** Offset of the first thing that is nested too deeply. Walks with a list of its own: the stack is what it protects. */
function tooDeep(tokens: readonly CST.Token[]): number | null {
  const pending: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.depth > MAX_DEPTH) return next.token.offset
    for (const token of children(next.token)) pending.push({ token, depth: next.depth + 1 })
  }
  return null
}

function children(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value ? [token.value] : []
  if (!('items' in token)) return []
  return token.items.flatMap(({ key, value }) => [key, value].filter((child) => child != null))
}
