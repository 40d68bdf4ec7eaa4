/**
 * What a pipeline and git know of a build: its version, its commit, where it can be looked at. What is given on the command
 * line wins; everything else says where it was taken from. Two sources that name different commits are an error, since one
 * of them is wrong about what was built.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { say, type Sentence, verbatim } from '../core/say.ts'
import { usageError } from './verb.ts'

export type Found = {
  readonly value: string
  /** `GITHUB_SHA`, or what git was asked. */
  readonly from: string
}
export type BuildFacts = { readonly [K in 'version' | 'commit' | 'buildUrl']?: Found | undefined }

type Env = Readonly<Record<string, string | undefined>>

/** Of the forge whose runner this is; nothing elsewhere. */
export function pipelineFacts(env: Env): BuildFacts {
  if (env['GITLAB_CI'] === 'true') {
    return {
      version: of(env, 'CI_COMMIT_TAG'),
      commit: of(env, 'CI_COMMIT_SHA'),
      buildUrl: of(env, 'CI_PIPELINE_URL'),
    }
  }
  if (env['GITHUB_ACTIONS'] !== 'true' && !isForgejo(env)) return {}
  const isTag = env['GITHUB_REF_TYPE'] === 'tag' || env['GITHUB_REF']?.startsWith('refs/tags/') === true
  return {
    version: isTag ? of(env, 'GITHUB_REF_NAME') : undefined,
    commit: of(env, 'GITHUB_SHA'),
    buildUrl: runUrl(env),
  }
}

/** Its runner sets GitHub's variables as well; what a run's address ends with is another number. */
function isForgejo(env: Env): boolean {
  return env['FORGEJO_ACTIONS'] === 'true' || env['GITEA_ACTIONS'] === 'true'
}

function runUrl(env: Env): Found | undefined {
  const number = isForgejo(env) ? 'GITHUB_RUN_NUMBER' : 'GITHUB_RUN_ID'
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = env
  if (!server || !repository || !env[number]) return undefined
  const from = `GITHUB_SERVER_URL, GITHUB_REPOSITORY, ${number}`
  return { value: `${server.replace(/\/+$/, '')}/${repository}/actions/runs/${env[number]}`, from }
}

function of(env: Env, name: string): Found | undefined {
  const value = env[name]
  return value ? { value, from: name } : undefined
}

type Git = { readonly commit: string; readonly tag: string | null; readonly isChanged: boolean }

const GIT_LIMIT_MS = 20_000

/** Null where there is no git, or no commit. */
export async function gitFacts(cwd: string, env: Env): Promise<Git | null> {
  const git = async (...args: readonly string[]): Promise<string | null> => {
    const options = { cwd, env: { ...env, LC_ALL: 'C' } as NodeJS.ProcessEnv, timeout: GIT_LIMIT_MS }
    return promisify(execFile)('git', [...args], options).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    )
  }
  const commit = await git('rev-parse', '--verify', 'HEAD')
  if (!commit) return null
  const tag = await git('describe', '--tags', '--exact-match')
  const changes = await git('status', '--porcelain', '--untracked-files=no')
  return { commit, tag: tag || null, isChanged: changes !== '' }
}

export type Given = { readonly [K in keyof BuildFacts]: string | undefined }
export type Filled = { readonly [K in keyof BuildFacts]-?: string }
export type Taken = { readonly filled: Filled; readonly told: readonly Sentence[] }

const SHORT = 12

/** Fills what was not given; throws on what nobody knows, and on a commit that is not what was built. */
export function fill(given: Given, pipeline: BuildFacts, git: Git | null): Taken {
  const commit = given.commit === undefined ? commitOf(pipeline, git) : undefined
  const known = given.commit ?? commit?.value
  const version = given.version === undefined ? versionOf(pipeline, git, known) : undefined
  const buildUrl = given.buildUrl === undefined ? pipeline.buildUrl : undefined
  const taken = { version, commit, buildUrl }
  const filled = {
    version: given.version ?? version?.value,
    commit: known,
    buildUrl: given.buildUrl ?? buildUrl?.value,
  }
  for (const name of ['commit', 'version', 'buildUrl'] as const) if (!filled[name]) throw unknown(name)
  const told = NAMES.flatMap((name) => (taken[name] ? [TELL[name](taken[name])] : []))
  return { filled: filled as Filled, told }
}

const NAMES = ['version', 'commit', 'buildUrl'] as const
const TELL: Readonly<Record<keyof BuildFacts, (found: Found) => Sentence>> = {
  version: ({ value, from }) => say`version ${value}, from ${from}`,
  commit: ({ value, from }) => say`commit ${value}, from ${from}`,
  buildUrl: ({ value, from }) => say`build ${value}, from ${from}`,
}

function commitOf({ commit }: BuildFacts, git: Git | null): Found | undefined {
  if (git !== null && commit !== undefined && commit.value !== git.commit) {
    throw usageError(
      say`which commit was built?`,
      say`${commit.from} says ${commit.value}, and checked out is ${git.commit}`,
      verbatim(`--commit ${git.commit}`),
    )
  }
  if (git?.isChanged === true) {
    throw usageError(
      say`no commit holds what was built`,
      say`files that git knows were changed after ${git.commit}`,
      say`commit them, or say which commit it is: --commit SHA`,
    )
  }
  return commit ?? (git === null ? undefined : { value: git.commit, from: 'git rev-parse HEAD' })
}

/** A tag where there is one; else the commit names the build. */
function versionOf({ version }: BuildFacts, git: Git | null, commit: string | undefined): Found | undefined {
  if (version !== undefined) return version
  if (git?.tag && git.commit === commit) return { value: git.tag, from: 'git describe --tags' }
  return commit === undefined ? undefined : { value: commit.slice(0, SHORT), from: 'commit' }
}

function unknown(name: keyof BuildFacts) {
  const [flag, where] = WHERE[name]
  return usageError(
    say`artifact pin needs ${flag}`,
    say`neither git nor a pipeline of GitHub, GitLab or Forgejo says it here`,
    verbatim(where),
  )
}

const WHERE: Readonly<Record<keyof BuildFacts, readonly [flag: string, example: string]>> = {
  version: ['--version', '--version v1.4.0'],
  commit: ['--commit', '--commit $(git rev-parse HEAD)'],
  buildUrl: ['--build-url', '--build-url https://ci.example.com/1'],
}
