import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { failure, ok } from '../../ports/result.ts'
import { type CommandDeps, commandMigration } from './migration.ts'

const ORDER = { key: 'rollout-1/7/0', fence: 1, signal: new AbortController().signal }

async function given(context: TestContext, script: string, more: { timeLimitMs?: number; down?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'stellwerk-migration-'))
  context.after(() => rm(folder, { recursive: true }))
  const command = (text: string) => ({ component: 'api', command: `node -e '${text}'` })
  const options = commandMigration.options.parse({
    kind: 'command',
    expand: command(script),
    ...(more.down === undefined ? {} : { down: command(more.down) }),
    ...(more.timeLimitMs === undefined ? {} : { timeLimitMs: more.timeLimitMs }),
  })
  let ended = 0
  const deps: CommandDeps = {
    hostEnvironment: process.env,
    workplace: async (component) =>
      ok({
        folder,
        environment: { DATABASE_URL: 'postgres://u:hunter22@h/d', COMPONENT: component },
        secrets: ['hunter22'],
        done: async () => void (ended += 1),
      }),
  }
  return { folder, deps, ended: () => ended, migration: commandMigration.create(options, deps) }
}

test("runs the expand command in the component's folder with its environment and the order's key", async (t) => {
  const { migration, folder, ended } = await given(
    t,
    'require("fs").appendFileSync("done", [process.env.COMPONENT, process.env.STELLWERK_KEY, process.env.DATABASE_URL].join() + "\\n"); console.log(process.env.DATABASE_URL)',
  )
  const result = await migration.expand(ORDER)
  assert.deepEqual(result, ok({ output: 'postgres://u:[redacted]@h/d\n' }))
  assert.equal(ended(), 1, 'the workplace is given back')
  assert.equal(await readFile(join(folder, 'done'), 'utf8'), 'api,rollout-1/7/0,postgres://u:hunter22@h/d\n')
})

test('an exit code other than 0 is permanent and shows the tail of the output, without secrets', async (t) => {
  const { migration } = await given(t, 'console.error("relation exists " + process.env.DATABASE_URL); process.exit(4)')
  const result = await migration.expand(ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'permanent')
  assert.match(result.message, /ended with exit code 4 after \d+ ms; it printed last:\nrelation exists/)
  assert.doesNotMatch(result.message, /hunter22/)
})

test('a migration that reaches its time limit may have happened: unknown', async (t) => {
  const { migration } = await given(t, 'setInterval(() => {}, 1000)', { timeLimitMs: 200 })
  const result = await migration.expand(ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'unknown')
  assert.match(result.message, /reached its time limit.*part of it may have happened; it printed nothing/)
})

test('takes the change back by the down command, and refuses where there is none', async (t) => {
  const withDown = await given(t, '', { down: 'console.log("down")' })
  assert.deepEqual(await withDown.migration.down(ORDER), ok({ output: 'down\n' }))
  const without = await given(t, '')
  const result = await without.migration.down(ORDER)
  assert.ok(!result.ok)
  assert.equal(result.kind, 'permanent')
})

test('passes on what keeps the command from being prepared', async (t) => {
  const { deps } = await given(t, '')
  const missing = failure('transient', 'secret DATABASE_URL cannot be read')
  const options = {
    kind: 'command',
    expand: { component: 'api', command: 'true' },
    down: null,
    timeLimitMs: 1000,
  } as const
  const migration = commandMigration.create(options, { ...deps, workplace: async () => missing })
  assert.deepEqual(await migration.expand(ORDER), missing)
})

test('a command that needs a shell is refused when the spec is read', () => {
  const options = { kind: 'command', expand: { component: 'api', command: 'npm ci && npm run migrate' } }
  const read = commandMigration.options.safeParse(options)
  assert.ok(!read.success)
  assert.match(read.error.issues[0]!.message, /"&&" needs a shell/)
})
