import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { english } from '../core/say.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { fill, gitFacts, pipelineFacts } from './build-facts.ts'

const SHA = 'ab'.repeat(20)
const NOTHING = { version: undefined, commit: undefined, buildUrl: undefined }
const GITHUB = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SHA: SHA,
  GITHUB_REF: 'refs/tags/v1.4.0',
  GITHUB_REF_TYPE: 'tag',
  GITHUB_REF_NAME: 'v1.4.0',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'shop/api',
  GITHUB_RUN_ID: '16543210',
  GITHUB_RUN_NUMBER: '7',
}
const RUN = 'https://github.com/shop/api/actions/runs'

const PIPELINES: readonly (readonly [string, Readonly<Record<string, string>>, readonly (string | undefined)[]])[] = [
  ['GitHub, of a tag', GITHUB, ['v1.4.0', SHA, `${RUN}/16543210`]],
  [
    'GitHub, of a branch',
    { ...GITHUB, GITHUB_REF: 'refs/heads/main', GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: 'main' },
    [undefined, SHA, `${RUN}/16543210`],
  ],
  ['Forgejo, whose runs are numbered', { ...GITHUB, FORGEJO_ACTIONS: 'true' }, ['v1.4.0', SHA, `${RUN}/7`]],
  ['Gitea', { ...GITHUB, GITHUB_ACTIONS: '', GITEA_ACTIONS: 'true' }, ['v1.4.0', SHA, `${RUN}/7`]],
  [
    'GitLab',
    { GITLAB_CI: 'true', CI_COMMIT_SHA: SHA, CI_COMMIT_TAG: 'v2', CI_PIPELINE_URL: 'https://gl/shop/-/pipelines/9' },
    ['v2', SHA, 'https://gl/shop/-/pipelines/9'],
  ],
  ['no pipeline', { GITHUB_SHA: SHA, CI_COMMIT_SHA: SHA, CI: 'true' }, [undefined, undefined, undefined]],
]

for (const [what, env, expected] of PIPELINES) {
  test(`[R-A04] takes version, commit and build from ${what}`, () => {
    const { version, commit, buildUrl } = pipelineFacts(env)
    assert.deepEqual([version?.value, commit?.value, buildUrl?.value], expected)
  })
}

const GIT = { commit: SHA, tag: null, isChanged: false }

test('says of each value where it was taken from, and nothing of what was given', () => {
  const { filled, told } = fill({ ...NOTHING, version: 'v9' }, pipelineFacts(GITHUB), GIT)
  assert.deepEqual(filled, { version: 'v9', commit: SHA, buildUrl: `${RUN}/16543210` })
  assert.deepEqual(told.map(english), [
    `commit ${SHA}, from GITHUB_SHA`,
    `build ${RUN}/16543210, from GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID`,
  ])
})

test('without a pipeline git names commit and tag; without a tag the commit names the version', () => {
  const given = { ...NOTHING, buildUrl: 'https://ci/1' }
  assert.equal(fill(given, {}, { ...GIT, tag: 'v3' }).filled.version, 'v3')
  assert.equal(fill(given, {}, GIT).filled.version, SHA.slice(0, 12))
  const other = { ...given, commit: 'cd'.repeat(20) }
  assert.equal(fill(other, {}, { ...GIT, tag: 'v3' }).filled.version, 'cdcdcdcdcdcd', 'the tag is of another commit')
})

test('[R-A04] refuses a commit that is not what was built, and names what nobody knows', () => {
  const pipeline = pipelineFacts(GITHUB)
  assert.throws(
    () => fill(NOTHING, pipeline, { ...GIT, commit: 'cd'.repeat(20) }),
    /GITHUB_SHA says abab.*checked out is cdcd/,
  )
  assert.throws(() => fill(NOTHING, pipeline, { ...GIT, isChanged: true }), /no commit holds what was built/)
  assert.throws(() => fill(NOTHING, {}, null), /artifact pin needs --commit: neither git nor a pipeline/)
  assert.throws(() => fill(NOTHING, {}, GIT), /artifact pin needs --build-url/)
  assert.equal(fill({ ...NOTHING, commit: SHA }, pipeline, { ...GIT, isChanged: true }).filled.commit, SHA)
})

test('asks a real git: commit, tag, and whether files it knows were changed', async (t) => {
  const folder = await temporaryFolder('git')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CEILING_DIRECTORIES: join(folder, '..') }
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], { cwd: folder, env })
  try {
    git('--version')
  } catch {
    return t.skip('git is not installed')
  }
  assert.equal(await gitFacts(folder, env), null)
  git('init', '-q')
  assert.equal(await gitFacts(folder, env), null, 'nothing is committed')
  await writeFile(join(folder, 'a'), '1')
  git('add', '.')
  git('commit', '-qm', 'first')
  await writeFile(join(folder, 'built'), 'not known to git')
  const commit = git('rev-parse', 'HEAD').toString().trim()
  assert.deepEqual(await gitFacts(folder, env), { commit, tag: null, isChanged: false })
  git('tag', 'v1')
  await writeFile(join(folder, 'a'), '2')
  assert.deepEqual(await gitFacts(folder, env), { commit, tag: 'v1', isChanged: true })
})
