/**
 * Who may import what: `docs/architecture.md` as a table, kept by the rule `stellwerk/rooms`.
 *
 * Entries of `may` are folders or files under `src/`. A room always knows itself. Tests beside the code may use what their
 * room may, `src/testing`, `node:test`, `node:assert`, reading files, and packages for development.
 */
export type Room = {
  readonly may: readonly string[]
  /** Node's own modules: a list, or every one. */
  readonly node: readonly string[] | 'any'
  /** Packages from `dependencies` of package.json. */
  readonly npm: boolean
}

const COMPUTING_ONLY = ['node:assert', 'node:assert/strict', 'node:crypto', 'node:events', 'node:path', 'node:util']
const WAYS_IN = ['engine/', 'core/', 'ports/', 'stellwerk-yaml/', 'text/', 'errors.ts', 'timers.ts', 'version.ts']

export const ROOMS: Readonly<Record<string, Room>> = {
  core: { may: [], node: [], npm: false },
  // What people read, in both languages: whoever shows something to people may import it.
  text: { may: ['core/'], node: [], npm: false },
  ports: { may: ['core/'], node: [], npm: false },
  // The judgement without a rollout, as a library too: counts in, verdict and picture out.
  judge: { may: ['core/'], node: [], npm: false },
  engine: { may: ['core/', 'ports/', 'errors.ts', 'timers.ts'], node: COMPUTING_ONLY, npm: false },
  store: { may: ['core/', 'ports/', 'errors.ts', 'timers.ts'], node: 'any', npm: true },
  'stellwerk-yaml': {
    may: ['core/', 'ports/', 'adapters/registry.ts', 'errors.ts'],
    node: 'any',
    npm: true,
  },
  testing: {
    may: [
      'core/',
      'ports/',
      'engine/control-plane.ts',
      'store/embedded/',
      'http/',
      'cli/io.ts',
      'errors.ts',
      'timers.ts',
    ],
    node: 'any',
    npm: true,
  },
  // A scenario is a file that people write: it is read, explained and documented by what reads stellwerk.yaml.
  rehearsal: {
    may: ['engine/', 'core/', 'ports/', 'testing/', 'stellwerk-yaml/', 'text/', 'errors.ts', 'timers.ts'],
    node: 'any',
    npm: true,
  },
  router: { may: [], node: 'any', npm: true },
  http: { may: WAYS_IN, node: 'any', npm: true },
  web: { may: ['http/', ...WAYS_IN], node: 'any', npm: true },
  cli: {
    may: ['http/', 'web/', 'rehearsal/', 'judge/', 'composition/', 'adapters/artifact-store/', ...WAYS_IN],
    node: 'any',
    npm: true,
  },
  composition: { may: ['http/', 'web/', 'store/', 'adapters/', 'router/', ...WAYS_IN], node: 'any', npm: true },
  'main.ts': { may: ['cli/', 'http/', 'web/', 'composition/', 'adapters/', ...WAYS_IN], node: 'any', npm: true },
  'index.ts': { may: ['core/', 'ports/', 'engine/', 'stellwerk-yaml/'], node: [], npm: false },
  // `stellwerk/analysis`, which others import.
  'analysis.ts': { may: ['core/', 'judge/'], node: [], npm: false },
  'errors.ts': { may: ['core/'], node: [], npm: false },
  'version.ts': { may: [], node: 'any', npm: false },
  'timers.ts': { may: [], node: [], npm: false },
  // The list of all adapters: what they are, and what stellwerk.yaml may say to them.
  'adapters/registry.ts': {
    may: ['adapters/', 'core/', 'ports/', 'stellwerk-yaml/adapter-options.ts', 'errors.ts'],
    node: 'any',
    npm: true,
  },
}

/** Techniques, not adapters: running commands, keeping artifacts. Any adapter may use them. */
const SHARED_BY_ADAPTERS = ['adapters/shared/', 'adapters/command/', 'adapters/artifact-store/', 'adapters/*.ts']
/** How durations, names and so on are written in stellwerk.yaml: an adapter's options are part of that file. */
const VALUES = [
  'stellwerk-yaml/argv.ts',
  'stellwerk-yaml/fixture.ts',
  'stellwerk-yaml/fixture-adapter-keys.ts',
  'stellwerk-yaml/migrations.ts',
  'stellwerk-yaml/secret-options.ts',
  'stellwerk-yaml/duration.ts',
  'stellwerk-yaml/name.ts',
  'stellwerk-yaml/expected.ts',
  'stellwerk-yaml/scalars.ts',
]

/** Adapters of one kind know each other, what all adapters share, and the embedded router's admin protocol. */
export function adapterRoom(kind: string): Room {
  const shared = [...SHARED_BY_ADAPTERS, ...VALUES]
  return {
    may: [`adapters/${kind}/`, ...shared, 'core/', 'ports/', 'text/', 'router/', 'errors.ts', 'timers.ts'],
    node: 'any',
    npm: true,
  }
}

const TEST_NODE = ['node:test', 'node:assert', 'node:assert/strict', 'node:fs', 'node:path', 'node:url', 'node:crypto']

/** The room of a file under `src/`: `core/analysis/rules.ts` is in `core`; undefined for a folder nobody declared. */
export function roomOf(path: string): { readonly name: string; readonly room: Room | undefined } {
  const [top = '', second = ''] = path.split('/')
  // A file that is a room has its test in it.
  const own = path.replace(/\.test\.ts$/, '.ts')
  if (ROOMS[own]) return { name: own, room: ROOMS[own] }
  if (top !== 'adapters') return { name: top, room: ROOMS[top] }
  const kind = second.endsWith('.ts') ? 'shared' : second
  return { name: `adapters/${kind}`, room: adapterRoom(kind) }
}

export type Import = {
  /** Importing file, relative to `src/`. */
  readonly from: string
  /** As written: `../ports/clock.ts`, `node:fs`, `zod`. */
  readonly specifier: string
  /** Relative imports resolved against `src/`: `ports/clock.ts`; `../package.json` when it leaves `src/`. */
  readonly resolved: string | null
  /** Names in `dependencies` of package.json. */
  readonly dependencies: readonly string[]
}

/** Why this import is not allowed, or null when it is. */
export function refuse(wanted: Import): string | null {
  const { name, room } = roomOf(wanted.from)
  if (!room) return `src/${name} is a room that tools/lint/rooms.ts does not know: declare what it may import`
  const isTest = wanted.from.endsWith('.test.ts')
  const foretold = refuseForecast(wanted, isTest)
  if (foretold !== null) return foretold
  if (wanted.resolved !== null) return refuseFile(wanted.resolved, { name, room, isTest })
  if (wanted.specifier.startsWith('node:')) return refuseNode(wanted.specifier, { name, room, isTest })
  return refusePackage(wanted, { name, room, isTest })
}

const DECIDING = ['core/rollout/', 'core/analysis/', 'core/incident/', 'core/policy/']

/** What a step could see is asked by `plan` and pages; nothing is decided by it. */
function refuseForecast({ from, resolved }: Import, isTest: boolean): string | null {
  if (isTest || !resolved?.startsWith('core/forecast/') || !DECIDING.some((room) => from.startsWith(room))) return null
  return `src/${from} decides, and may not import src/${resolved}: nothing is decided by what is foretold`
}

type Place = { readonly name: string; readonly room: Room; readonly isTest: boolean }

function refuseFile(target: string, { name, room, isTest }: Place): string | null {
  const own = name.endsWith('.ts') ? name : `${name}/`
  const may = [...new Set([own, ...room.may, ...(isTest ? ['testing/'] : [])])]
  if (may.some((allowed) => covers(allowed, target))) return null
  const list = may.map((allowed) => `src/${allowed}`).join(', ')
  return `src/${name} may not import ${target.startsWith('..') ? target : `src/${target}`}; it may import ${list}`
}

function covers(allowed: string, target: string): boolean {
  if (allowed === 'adapters/*.ts') return /^adapters\/[^/]+\.ts$/.test(target) && !Object.hasOwn(ROOMS, target)
  return allowed.endsWith('/') ? target.startsWith(allowed) : target === allowed
}

function refuseNode(specifier: string, { name, room, isTest }: Place): string | null {
  if (room.node === 'any' || room.node.includes(specifier)) return null
  if (isTest && TEST_NODE.includes(specifier)) return null
  const list = isTest ? [...room.node, ...TEST_NODE] : room.node
  return `src/${name} may not import ${specifier}; of Node it may import ${list.join(', ') || 'nothing'}`
}

function refusePackage({ specifier, dependencies }: Import, { name, room, isTest }: Place): string | null {
  if (isTest) return null
  const parts = specifier.split('/')
  const pack = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
  if (!room.npm) return `src/${name} may not import the package ${pack}: this room has no dependencies`
  if (dependencies.includes(pack)) return null
  return `src/${name} imports ${pack}, which is not in "dependencies" of package.json: users would not have it`
}
