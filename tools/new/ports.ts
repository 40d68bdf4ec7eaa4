/** What a new adapter of each port begins with: it compiles, says of itself that it is not written yet, and fails its contract. */
export type PortTemplate = {
  /** In `registry`. */
  readonly registered: string
  /** Under `src/adapters`. */
  readonly folder: string
  /** The function of `src/adapters/kit.ts`. */
  readonly make: string
  /** What `create` answers, and the types that it names. */
  readonly body: (name: string, kind: string) => string
  readonly imports: readonly string[]
  readonly describe: string
  /** More lines between `planned` and `describe`. */
  readonly facts?: string
  readonly contract: (name: string, kind: string) => { readonly imports: readonly string[]; readonly text: string }
}

const RESULT = "import { failure } from '../../../ports/result.ts'"
const NOTHING = "import { NOTHING_OUTSIDE } from '../../../ports/description.ts'"
const missing = (kind: string) => `failure('permanent', '${kind} is not written yet')`

const own = (file: string, names: string) => `import { ${names} } from '../../../testing/${file}.ts'`

/** A contract whose harness stands in for the other side, which nobody can write but who knows it. */
const harness = (suite: string, file: string, name: string, kind: string) => ({
  imports: [own(file, suite)],
  text: `// Stand in for what it speaks to, or start the real thing: src/testing/${file}.ts says what is asked.
${suite}('${kind}', async () => {
  throw new Error('give ${name} something to speak to')
})
`,
})

export const PORTS: Readonly<Record<string, PortTemplate>> = {
  gate: {
    registered: 'gates',
    folder: 'gate',
    make: 'gate',
    imports: [NOTHING, "import { verbatim } from '../../../core/say.ts'", "import { verdict } from '../verdict.ts'"],
    describe: '() => NOTHING_OUTSIDE',
    body: (_, kind) => `() => ({
    check: async (asked) => {
      const found = { outcome: 'no-evidence', expected: 'that it is written', actual: 'it is not written yet' } as const
      return verdict(asked, { ...found, source: 'its own code', said: verbatim('The gate ${kind} is not written yet.') })
    },
  })`,
    contract: (name, kind) => ({
      imports: ["import { contextOf } from '../fixture.ts'", own('gate-contract', 'gateContract')],
      text: `// \`context\` and \`asked\`: what makes the fact good, wrong, or impossible to find out.
gateContract({
  name: '${kind}',
  create: (context) => ${name}.create({ kind: '${kind}' }, context),
  asked: contextOf(),
  pass: {},
  fail: {},
  unknown: {},
})
`,
    }),
  },
  notifier: {
    registered: 'notifiers',
    folder: 'notifier',
    make: 'notifier',
    imports: [NOTHING, RESULT],
    describe: '() => NOTHING_OUTSIDE',
    body: (_, kind) => `() => ({ deliver: async () => ${missing(kind)} })`,
    contract: (name, kind) => harness('notifierContract', 'notifier-contract', name, kind),
  },
  metrics: {
    registered: 'metrics',
    folder: 'metrics',
    make: 'metricsSource',
    imports: [NOTHING, RESULT],
    describe: "() => ({ ...NOTHING_OUTSIDE, name: 'KIND', countedBy: 'source', everyMs: null, segments: null })",
    body: (_, kind) => `() => ({ name: '${kind}', collect: async () => ${missing(kind)} })`,
    contract: (name, kind) => harness('metricsSourceContract', 'metrics-contract', name, kind),
  },
  secrets: {
    registered: 'secrets',
    folder: 'secrets',
    make: 'secretSource',
    imports: [NOTHING, RESULT],
    describe: '() => NOTHING_OUTSIDE',
    body: (_, kind) => `() => ({ read: async () => ${missing(kind)} })`,
    contract: (name, kind) => ({
      imports: [own('secret-contract', 'secretContract')],
      text: `secretContract({
  name: '${kind}',
  open: async () => ({
    source: await ${name}.create({ kind: '${kind}' }, adapterContext()),
    change: async () => undefined,
    end: async () => undefined,
  }),
})
`,
    }),
  },
  platform: {
    registered: 'platforms',
    folder: 'platform',
    make: 'platform',
    imports: [NOTHING, RESULT],
    facts: "  takes: ['folder or archive'],\n  hostBound: false,\n",
    describe: '() => ({ ...NOTHING_OUTSIDE, capabilities })',
    body: (_, kind) => `() => ({
    capabilities,
    observe: async () => ${missing(kind)},
    ensure: async () => ${missing(kind)},
    stop: async () => ${missing(kind)},
    logs: async () => ${missing(kind)},
  })`,
    contract: (name, kind) => harness('platformContract', 'platform-contract', name, kind),
  },
  router: {
    registered: 'routers',
    folder: 'router',
    make: 'router',
    imports: [NOTHING, RESULT],
    facts: '  hostBound: false,\n',
    describe: '() => ({ ...NOTHING_OUTSIDE, capabilities, listens: [], sticky: null })',
    body: (_, kind) => `() => ({
    capabilities,
    listens: [],
    observe: async () => ${missing(kind)},
    set: async () => ${missing(kind)},
    remove: async () => ${missing(kind)},
  })`,
    contract: (name, kind) => ({
      imports: [own('router-contract', 'routerContract')],
      text: `routerContract({
  name: '${kind}',
  setup: async () => ({
    router: await ${name}.create({ kind: '${kind}' }, adapterContext()),
    end: async () => undefined,
  }),
  upstreams: ['127.0.0.1:9', '127.0.0.1:10'],
})
`,
    }),
  },
}

/** Said before `export const` of platforms and routers. */
export const CAPABILITIES: Readonly<Record<string, string>> = {
  platform: 'const capabilities = { slots: 2, logs: false } as const\n\n',
  router: 'const capabilities = { weights: true, drain: false, maintenance: false, counts: false } as const\n\n',
}
