/**
 * `npm run build`: everything that is released, into `dist/`: npm package, Debian packages, image, installer, manual, completions and
 * SHA256SUMS. Two builds of one commit are equal byte for byte: the only time in them is SOURCE_DATE_EPOCH, by default that of the
 * commit. Words choose: `npm run build -- npm deb`; without words, all that this machine has the programs for.
 */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readVersion } from '../src/version.ts'
import { DEBIAN_CPUS, debianPackage } from './package/deb.ts'
import { manPage } from './package/man.ts'
import { mustRun } from './package/must-run.ts'
import { type Cpu, stage } from './package/stage.ts'
import { run } from './process.ts'
import { ROOT, start } from './tool.ts'

type Build = {
  /** Where it goes. */
  readonly out: string
  /** A folder of our own for what is only on the way. */
  readonly scratch: string
  readonly version: string
  readonly dateMs: number
}

/** What can be asked for, in the order in which it is made, with the program that it takes. */
const PARTS = {
  npm: { program: null, make: npmPackage },
  share: { program: null, make: shared },
  installer: { program: null, make: installer },
  deb: { program: 'dpkg-deb', make: debianPackages },
} as const
type PartName = keyof typeof PARTS
const NAMES = Object.keys(PARTS) as readonly PartName[]

const SHELLS = ['bash', 'zsh', 'fish']
const CPUS: readonly Cpu[] = ['x64', 'arm64']

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { out: { type: 'string', default: join(ROOT, 'dist') } },
    allowPositionals: true,
  })
  const unknown = positionals.find((word) => !NAMES.some((name) => name === word))
  if (unknown !== undefined) {
    console.error(`there is nothing called "${unknown}" to build: expected some of ${NAMES.join(', ')}`)
    return 2
  }
  const wanted = positionals.length === 0 ? NAMES : NAMES.filter((name) => positionals.includes(name))
  return buildAll(values.out, wanted, positionals.length > 0)
}

/** `demanded`: what lacks its program is an error then, not something left out. */
async function buildAll(out: string, wanted: readonly PartName[], demanded: boolean): Promise<number> {
  await rm(out, { recursive: true, force: true })
  await mkdir(out, { recursive: true })
  const scratch = await mkdtemp(join(tmpdir(), 'stellwerk-build-'))
  try {
    const build = { out, scratch, version: readVersion(), dateMs: await dateMs() }
    for (const name of wanted) if (!(await part(name, build)) && demanded) return 1
    await checksums(out)
    return 0
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** False, and a sentence, where the program is missing that it takes. */
async function part(name: PartName, build: Build): Promise<boolean> {
  const { program, make } = PARTS[name]
  const isThere = program === null || (await run(program, ['--version'], { timeoutMs: 30_000 })).code === 0
  if (isThere) await make(build)
  else console.error(`${name} is left out: ${program} is not installed`)
  return isThere
}

/** Of the commit, unless SOURCE_DATE_EPOCH says another (reproducible-builds.org), in seconds. */
async function dateMs(): Promise<number> {
  const given = process.env['SOURCE_DATE_EPOCH']
  if (given !== undefined && !/^\d{1,11}$/.test(given))
    throw new Error(`SOURCE_DATE_EPOCH is "${given}": expected seconds since 1970`)
  return Number(given ?? (await mustRun('git', ['log', '-1', '--format=%ct'])).trim()) * 1000
}

async function npmPackage({ out }: Build): Promise<void> {
  await mustRun('npm', ['pack', '--silent', '--pack-destination', out])
}

/** What other parts need of the npm package: the one that was asked for, or one of their own. */
async function tarball({ out, scratch, version }: Build): Promise<string> {
  const name = `stellwerk-${version}.tgz`
  for (const folder of [out, scratch]) if ((await readdir(folder)).includes(name)) return join(folder, name)
  await mustRun('npm', ['pack', '--silent', '--pack-destination', scratch])
  return join(scratch, name)
}

async function shared({ out, version, dateMs }: Build): Promise<void> {
  await mkdir(join(out, 'share'), { recursive: true })
  await writeFile(join(out, 'share/stellwerk.1'), await manPage({ version, dateMs }))
  for (const shell of SHELLS) {
    // In English, whoever builds: it is read on other people's machines.
    const said = await mustRun(process.execPath, ['bin/stellwerk.mjs', 'completion', shell, '--lang', 'en'])
    await writeFile(join(out, `share/stellwerk.${shell}`), said)
  }
}

async function installer({ out, version }: Build): Promise<void> {
  const text = await readFile(join(ROOT, 'packaging/install.sh'), 'utf8')
  const named = text.replaceAll('@VERSION@', version)
  await writeFile(join(out, 'install.sh'), named, { mode: 0o755 })
}

async function debianPackages(build: Build): Promise<void> {
  const { scratch, version } = build
  const from = await tarball(build)
  await shared({ ...build, out: scratch })
  for (const cpu of CPUS) {
    const staged = await stage(from, cpu, join(scratch, cpu))
    const input = { ...build, stage: staged, cpu, share: join(scratch, 'share'), tree: join(scratch, `deb-${cpu}`) }
    await debianPackage(input, join(build.out, `stellwerk_${version}_${DEBIAN_CPUS[cpu]}.deb`))
  }
}

/** As `sha256sum --check` reads it, and the installer. */
async function checksums(out: string): Promise<void> {
  const names = (await readdir(out, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .sort()
  const lines = await Promise.all(
    names.map(
      async (name) =>
        `${createHash('sha256')
          .update(await readFile(join(out, name)))
          .digest('hex')}  ${name}\n`,
    ),
  )
  await writeFile(join(out, 'SHA256SUMS'), lines.join(''))
}

if (import.meta.main) await start(main, process.argv.slice(2))
