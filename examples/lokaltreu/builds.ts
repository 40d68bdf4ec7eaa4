/**
 * The builds of Lokaltreu that tests and the demo release: good ones, and one for each way in which a release can be bad.
 * A build is the service with another `variant` module compiled in, bundled into one `server.js` that needs nothing
 * beside it (`migrate.js` and `mitigate.js` lie there for the release to run); the same sources give the same bytes, and so the same digest.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle, type Plugin } from 'esbuild'
import type * as Faults from './service/faults.ts'
import type { Feature } from './service/variant.ts'

export type Build = {
  readonly name: string
  readonly version: string
  readonly good: boolean
  /** What is new, or in which way it is bad. */
  readonly how: string
  readonly features: readonly Feature[]
  readonly fault?: FaultCall
}

/** A function of `service/faults.ts` and its argument, e.g. `{ kind: 'slow', with: { ms: 600 } }`. */
export type FaultCall = {
  [K in keyof typeof Faults]: { readonly kind: K; readonly with: Parameters<(typeof Faults)[K]>[0] }
}[keyof typeof Faults]

const good = (name: string, version: string, features: readonly Feature[], how: string): Build => {
  return { name, version, good: true, how, features }
}

/** Bad builds are all attempts at version 3: v2's features and one fault. */
const bad = (name: string, fault: FaultCall, how: string): Build => {
  return { name, version: `v3.0.0-${name.replace('bad-', '')}`, good: false, how, features: ['progress'], fault }
}

export const builds: readonly Build[] = [
  good('v1', 'v1.0.0', [], 'the first release'),
  good('v2', 'v2.0.0', ['progress'], 'cards say how full they are'),
  good('v4', 'v4.0.0', ['progress', 'next-reward'], 'cards say what the next full card brings'),
  bad(
    'bad-5xx',
    { kind: 'failing', with: { share: 0.8 } },
    '80 % of real bookings fail; reads, dry runs, and so smoke, pass',
  ),
  bad('bad-smoke', { kind: 'ignoringPlanLimit', with: undefined }, 'a shop beyond its plan is served: smoke is red'),
  bad('bad-5xx-under-load', { kind: 'failingUnderLoad', with: { perSecond: 4 } }, '5xx above 4 requests/s an instance'),
  bad('bad-slow', { kind: 'slow', with: { ms: 600 } }, 'four of five requests take 600 ms longer'),
  bad('bad-crash-20s', { kind: 'crashing', with: { afterMs: 20_000 } }, 'exits with 1 after 20 s'),
  bad('bad-flapping', { kind: 'flapping', with: { steadyMs: 10_000, everyMs: 1000 } }, 'readiness flaps after 10 s'),
  bad('bad-leak', { kind: 'leaking', with: { mbPerSecond: 20, mbMax: 512 } }, 'keeps 20 MB/s while serving'),
  bad('bad-hang', { kind: 'hanging', with: { after: 20 } }, 'answers 20 requests, then none'),
  bad('bad-never-ready', { kind: 'neverReady', with: undefined }, 'readiness stays 503'),
  bad('bad-exits-at-once', { kind: 'exitingAtOnce', with: undefined }, 'exits with 1 before it listens'),
  bad('bad-ignores-sigterm', { kind: 'ignoringSigterm', with: undefined }, 'must be killed'),
]

export type Built = { readonly build: Build; readonly folder: string }

/**
 * Bundles the named builds (default: all) into `outDir/<name>/`. `faults` replaces the fault of a build, so that a test
 * need not wait 20 s for a crash: `{ 'bad-crash-20s': { kind: 'crashing', with: { afterMs: 500 } } }`.
 *
 * Throws on a name that is not in the catalogue.
 */
export async function build(
  names: readonly string[] | undefined,
  outDir: string,
  faults: Readonly<Record<string, FaultCall>> = {},
): Promise<readonly Built[]> {
  const wanted = (names ?? builds.map(({ name }) => name)).map(find)
  return Promise.all(
    wanted.map((one) => write({ ...one, ...(faults[one.name] && { fault: faults[one.name] }) }, outDir)),
  )
}

function find(name: string): Build {
  const found = builds.find((one) => one.name === name)
  if (found) return found
  throw new Error(`Lokaltreu has no build "${name}". It has: ${builds.map((one) => one.name).join(', ')}.`)
}

const ENTRIES = { server: 'main', migrate: 'migrate', mitigate: 'mitigate' }

async function write(build: Build, outDir: string): Promise<Built> {
  const folder = join(outDir, build.name)
  await mkdir(folder, { recursive: true })
  const entries = Object.entries(ENTRIES).map(([to, from]) => {
    return [to, fileURLToPath(new URL(`service/${from}.ts`, import.meta.url))] as const
  })
  await bundle({
    entryPoints: Object.fromEntries(entries),
    outdir: folder,
    bundle: true,
    platform: 'node',
    // Older than Stellwerk's own Node: an instance runs on whatever `node` its host has.
    target: 'node20',
    format: 'cjs',
    external: ['pg-native'],
    // Minified also because readable bundles carry the paths of the machine that built them.
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [compiledIn(build)],
  })
  // Says how to read server.js wherever the folder lies, also below a package of ES modules.
  const manifest = { name: 'lokaltreu', version: build.version.slice(1), private: true, type: 'commonjs' }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return { build, folder }
}

/** Puts this build's variant in the place of `service/variant.ts`. */
function compiledIn({ version, features, fault }: Build): Plugin {
  const call = fault ? `faults.${fault.kind}(${JSON.stringify(fault.with) ?? ''})` : '{}'
  const fields = `version: ${JSON.stringify(version)}, features: ${JSON.stringify(features)}, fault: ${call}`
  const contents = `import * as faults from './faults.ts'\nexport const variant = { ${fields} }`
  const resolveDir = fileURLToPath(new URL('service', import.meta.url))
  return {
    name: 'variant',
    setup({ onLoad }) {
      onLoad({ filter: /[\\/]service[\\/]variant\.ts$/ }, () => ({ contents, resolveDir, loader: 'ts' }))
    },
  }
}
