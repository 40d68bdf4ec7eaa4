/**
 * `npm run check`, "documentation": every option, variable, key and route that a page names exists, and every one that exists
 * is documented. What exists is read from the generated reference, which another check holds against the source.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CommandLine, commandLine, flagsOf } from './docs/command-line.ts'
import { keyProblems, type Schema } from './docs/keys.ts'
import { codeIn, type Code, proseIn } from './docs/markdown.ts'
import { ROOT, start } from './tool.ts'

/** What happened is told in the words of its time. */
const HISTORY = ['CHANGELOG.md', 'docs/decisions.md', 'docs/requirements.md']
/** Of the tests and tools alone: a contributor's page is documentation enough. */
const OF_TOOLS = ['STELLWERK_LONG_SEED', 'STELLWERK_LONG_MINUTES', 'STELLWERK_NO_APT', 'STELLWERK_CRASH_ALL']

/** What every verb takes. */
const EVERYWHERE = ['--quiet', '-q', '--lang', '--help', '-h', '--version', '-V']
/** Options that pages name without their program: of `pg_dump`, of Prometheus, of `install.sh`. */
const OF_OTHERS = ['--no-owner', '--enable-feature', '--prefix', '--uninstall']

export type Page = { readonly name: string; readonly text: string }
export type Reference = {
  readonly cli: string
  readonly openapi: { readonly paths: object }
  readonly spec: Schema
  readonly scenario: Schema
  /** Sources of the product, without tests. */
  readonly source: string
  /** Sources of tools and scripts, whose options are read out of `parseArgs`. */
  readonly tools: string
}

/** One line per problem: `docs/guides/tokens.md:12: token create has no option --expires`. */
export function docsProblems(pages: readonly Page[], reference: Reference): readonly string[] {
  const now = pages.filter(({ name }) => !HISTORY.includes(name))
  const options = optionsOf(reference)
  const known = new Set(variablesIn(reference.source + reference.tools))
  const told = now.flatMap((page) => {
    const isScenario = /rehears|scenario/.test(page.name)
    const told = proseProblems(page, options)
    const ofCode = codeIn(page.text).flatMap((code) =>
      [
        ...optionProblems(code, options),
        ...variableProblems(code, known),
        ...routeProblems(code, reference),
        ...keyProblems(code, isScenario ? [reference.spec, reference.scenario] : [reference.spec]),
      ].map((problem) => `${page.name}:${code.line}: ${problem}`),
    )
    return [...told, ...ofCode]
  })
  return [...new Set([...told, ...undocumented(now, reference)])]
}

type Options = CommandLine & { readonly any: ReadonlySet<string> }

function optionsOf({ cli, tools }: Reference): Options {
  const { verbs, shared } = commandLine(cli)
  const ofTools = [...tools.matchAll(/'?([a-z][a-z-]*)'?: \{ type: '(?:string|boolean)'/g)].map(
    ([, name]) => `--${name}`,
  )
  return {
    verbs,
    shared,
    any: new Set([...EVERYWHERE, ...shared, ...[...verbs.values()].flat(), ...ofTools, ...OF_OTHERS]),
  }
}

function optionProblems({ text }: Code, { verbs, any }: Options): readonly string[] {
  return flagsOf(text, [...verbs.keys()]).flatMap(({ verb, flag }) => {
    if (verb === null) return any.has(flag) ? [] : [`no verb and no tool has an option ${flag}`]
    const own = verbs.get(verb)
    if (own === undefined) return [`there is no verb "${verb}"`]
    return own.includes(flag) || EVERYWHERE.includes(flag) ? [] : [`"${verb}" has no option ${flag}`]
  })
}

/** Options outside of code, as in the table of exit codes. */
function proseProblems({ name, text }: Page, { any }: Options): readonly string[] {
  return proseIn(text)
    .split('\n')
    .flatMap((line, index) =>
      (line.match(/(?<=[\s("])--[a-z][a-z-]+/g) ?? [])
        .filter((flag) => !any.has(flag))
        .map((flag) => `${name}:${index + 1}: no verb and no tool has an option ${flag}`),
    )
}

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/\bSTELLWERK_[A-Z_]*[A-Z]/g)].map(([name]) => name)
}

function variableProblems({ text }: Code, known: ReadonlySet<string>): readonly string[] {
  return variablesIn(text)
    .filter((name) => !known.has(name))
    .map((name) => `nothing reads or sets ${name}`)
}

const PATH = /(?<=^|[\s`"'/]|localhost:\d+|\d:\d+|[A-Z])\/(?:api\/v1|ofrep)(?:\/[\w{}$:.-]+)*/g

function routeProblems({ text }: Code, { openapi }: Reference): readonly string[] {
  const known = Object.keys(openapi.paths).map((path) => path.split('/'))
  const isKnown = (parts: readonly string[]) =>
    known.some(
      (path) =>
        path.length >= parts.length && parts.every((part, at) => path[at] === part || path[at]?.startsWith('{')),
    )
  return [...text.matchAll(PATH)]
    .map(([path]) => path.replace(/[.:]$/, ''))
    .filter((path) => !isKnown(path.split('/')))
    .map((path) => `there is no route ${path}`)
}

/** Options, keys and routes are in the reference as soon as they exist; variables are named by hand. */
function undocumented(pages: readonly Page[], { source }: Reference): readonly string[] {
  const text = pages.map((page) => page.text).join('\n')
  return [...new Set(variablesIn(source))]
    .filter((name) => !OF_TOOLS.includes(name) && !text.includes(name))
    .map((name) => `no page names the variable ${name}`)
}

export function referenceOf(root: string = ROOT): Reference {
  const read = (name: string) => readFileSync(join(root, name), 'utf8')
  const all = (patterns: readonly string[]) =>
    globSync(patterns, { cwd: root })
      .filter((name) => !name.endsWith('.test.ts'))
      .map(read)
      .join('\n')
  return {
    cli: read('docs/reference/cli.md'),
    openapi: JSON.parse(read('docs/reference/openapi.json')),
    spec: JSON.parse(read('docs/reference/stellwerk.schema.json')),
    scenario: JSON.parse(read('docs/reference/scenario.schema.json')),
    source: all([
      'src/{main,version}.ts',
      'src/{adapters,cli,composition,control-plane,engine,http,router,store}/**/*.ts',
      'bin/*.mjs',
    ]),
    tools: all([
      'tools/**/*.ts',
      'bench/**/*.ts',
      'src/rehearsal/**/main.ts',
      'src/testing/*.ts',
      'test/long/*.ts',
      'examples/*/*.ts',
    ]),
  }
}

export function pagesOf(root: string = ROOT): readonly Page[] {
  const names = globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md'], { cwd: root }).sort()
  return names.map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }))
}

export function main(): number {
  const problems = docsProblems(pagesOf(), referenceOf())
  for (const problem of problems) console.log(problem)
  return problems.length > 0 ? 1 : 0
}

if (import.meta.main) await start(async () => main(), process.argv.slice(2))
