/** What every migration promises (`src/ports/migration.ts`). */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Migration, MigrationSetting } from '../ports/migration.ts'
import type { Order } from '../ports/result.ts'

/** How the change goes: well, with an error, or without an end. */
export type Course = 'good' | 'bad' | 'endless'

export type MigrationSuite = {
  readonly name: string
  /** A migration that goes this way, with a way back unless it is said that there is none; `done`: what was changed so far. */
  readonly open: (
    course: Course,
    down?: 'none',
  ) => Promise<{
    readonly migration: Migration
    readonly setting: MigrationSetting
    readonly done: () => Promise<readonly ('expand' | 'down')[]>
    readonly end: () => Promise<void>
  }>
}

const order = (key: string, ms = 10_000): Order => ({ key, fence: 1, signal: AbortSignal.timeout(ms) })

export function migrationContract({ name, open }: MigrationSuite): void {
  const withCourse = (course: Course, use: (opened: Awaited<ReturnType<typeof open>>) => Promise<void>) => async () => {
    const opened = await open(course)
    await use(opened).finally(opened.end)
  }

  describe(`the migration contract: ${name}`, () => {
    it(
      'expands, and goes back down',
      withCourse('good', async ({ migration, setting, done }) => {
        assert.ok((await migration.expand(setting, order('r/1/0'))).ok)
        assert.ok((await migration.down(setting, order('r/2/0'))).ok)
        assert.deepEqual(await done(), ['expand', 'down'])
      }),
    )

    it(
      'one that fails is permanent, says why, and shows no secret',
      withCourse('bad', async ({ migration, setting }) => {
        const answer = await migration.expand(setting, order('r/1/0'))
        assert.ok(!answer.ok)
        assert.equal(answer.kind, 'permanent')
        for (const secret of setting.secrets) assert.ok(!answer.message.includes(secret))
      }),
    )

    it(
      'one that is cut short may have happened: unknown',
      withCourse('endless', async ({ migration, setting }) => {
        const answer = await migration.expand(setting, order('r/1/0', 300))
        assert.ok(!answer.ok)
        assert.equal(answer.kind, 'unknown')
      }),
    )

    it('without a way back, going down is refused for ever', async () => {
      const { migration, setting, done, end } = await open('good', 'none')
      const answer = await migration.down(setting, order('r/2/0'))
      assert.ok(!answer.ok && answer.kind === 'permanent')
      assert.deepEqual(await done(), [])
      await end()
    })
  })
}
