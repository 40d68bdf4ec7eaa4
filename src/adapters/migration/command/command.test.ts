import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Run } from '../../../ports/adapter.ts'
import { failure, ok } from '../../../ports/result.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { splitCommand } from '../../../stellwerk-yaml/argv.ts'
import { allowedEnvironment } from '../../command/run.ts'
import { runCommand } from '../../command/run.ts'
import { commandMigration } from './command.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { type Course, migrationContract } from '../../../testing/migration-contract.ts'

const ORDER = { key: 'rollout-1/7/0', fence: 1, signal: new AbortController().signal }
const SETTING = {
  artifact: { ref: '/builds/api', digest: `sha256:${'a'.repeat(64)}` },
  environment: { DATABASE_URL: 'postgres://u:hunter22@h/d', COMPONENT: 'api' },
  secrets: ['hunter22'],
}

/** Real commands in a folder of the test's own. */
async function given(context: TestContext, script: string, more: { limitMs?: number; down?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-migration-'))
  context.after(() => rm(folder, { recursive: true }))
  const command = (text: string) => ({ component: 'api', command: `node -e '${text}'` })
  const down = more.down === undefined ? null : command(more.down)
  const run: Run = async (request) => {
    const argv = splitCommand(request.command)
    const environment = { ...allowedEnvironment(process.env), ...request.environment }
    const limit = more.limitMs === undefined ? {} : { timeLimitMs: more.limitMs }
    return argv.ok ? runCommand({ ...request, ...limit, argv: argv.value, folder, environment }) : argv
  }
  const options = { kind: 'command', expand: command(script), down }
  return { folder, migration: await commandMigration.create(options, adapterContext({ run })) }
}

test("runs the expand command in the component's folder with its environment and the order's key", async (t) => {
  const { migration, folder } = await given(
    t,
    'require("fs").appendFileSync("done", [process.env.COMPONENT, process.env.STELLWERK_KEY, process.env.DATABASE_URL].join() + "\\n"); console.log(process.env.DATABASE_URL)',
  )
  const result = await migration.expand(SETTING, ORDER)
  assert.deepEqual(result, ok({ output: 'postgres://u:[redacted]@h/d\n' }))
  assert.equal(await readFile(join(folder, 'done'), 'utf8'), 'api,rollout-1/7/0,postgres://u:hunter22@h/d\n')
})

test('an exit code other than 0 is permanent and shows the tail of the output, without secrets', async (t) => {
  const { migration } = await given(t, 'console.error("relation exists " + process.env.DATABASE_URL); process.exit(4)')
  const result = await migration.expand(SETTING, ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'permanent')
  assert.match(result.message, /ended with exit code 4 after \d+ ms; it printed last:\nrelation exists/)
  assert.doesNotMatch(result.message, /hunter22/)
})

test('a migration that reaches its time limit may have happened: unknown', async (t) => {
  const { migration } = await given(t, 'setInterval(() => {}, 1000)', { limitMs: 200 })
  const result = await migration.expand(SETTING, ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'unknown')
  assert.match(result.message, /reached its time limit.*part of it may have happened; it printed nothing/)
})

test('takes the change back by the down command, and refuses where there is none', async (t) => {
  const withDown = await given(t, '', { down: 'console.log("down")' })
  assert.deepEqual(await withDown.migration.down(SETTING, ORDER), ok({ output: 'down\n' }))
  const without = await given(t, '')
  const result = await without.migration.down(SETTING, ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'permanent')
})

test('passes on what keeps the command from being prepared', async () => {
  const missing = failure('transient', 'secret DATABASE_URL cannot be read')
  const options = { kind: 'command', expand: { component: 'api', command: 'true' }, down: null }
  const migration = await commandMigration.create(options, adapterContext({ run: async () => missing }))
  assert.deepEqual(await migration.expand(SETTING, ORDER), missing)
})

test('a command that needs a shell is refused when the spec is read', () => {
  const options = { kind: 'command', component: 'api', expand: 'npm ci && npm run migrate' }
  const read = commandMigration.options.safeParse(options)
  assert.ok(!read.success)
  assert.match(read.error.issues[0]!.message, /"&&" needs a shell/)
})

adapterContract({
  adapter: commandMigration,
  written: { component: 'api', expand: 'node up.js', down: 'node down.js' },
  asPlanned: ({ kind, component, expand, down }) => ({
    kind,
    expand: { component: component!, command: expand! },
    down: { component: component!, command: down! },
  }),
  context: adapterContext(),
})

const note = (what: string) => `require("fs").appendFileSync("done", "${what}\\n")`
const COURSES: Readonly<Record<Course, string>> = {
  good: note('expand'),
  bad: 'console.error(process.env.DATABASE_URL); process.exit(1)',
  endless: 'setInterval(() => {}, 1000)',
}

migrationContract({
  name: 'command',
  open: async (course, down) => {
    const ending: (() => unknown)[] = []
    const context = { after: (end: () => unknown) => ending.push(end) } as unknown as TestContext
    const { folder, migration } = await given(context, COURSES[course], down === 'none' ? {} : { down: note('down') })
    return {
      migration,
      setting: SETTING,
      done: async () =>
        (await readFile(join(folder, 'done'), 'utf8').catch(() => '')).split('\n').filter(Boolean) as [],
      end: async () => {
        for (const end of ending) await end()
      },
    }
  },
})
