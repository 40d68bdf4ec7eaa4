/**
 * Which CI jobs may ask for releases of an environment without a stored secret: `ci` of the policy that is held. What counts are
 * the forge's ids, never names: a repository that is renamed stays the same, one that takes its name is another.
 */
export type Forge = 'github' | 'gitlab'

export type CiGrant = {
  readonly forge: Forge
  /** Who signs the job's token: `https://token.actions.githubusercontent.com`. */
  readonly issuer: string
  /** The forge's number of the repository (GitLab: project), and of its owner (GitLab: namespace). */
  readonly repository: string
  readonly owner: string
  /** `refs/heads/main`, `refs/tags/v*`: one `*` stands for anything but "/". */
  readonly refs: readonly string[]
  /** `push`, `workflow_dispatch`; GitLab: `push`, `web`. */
  readonly events: readonly string[]
  /** The workflow's file in this very repository; null: any. */
  readonly workflow: string | null
  /** The forge's own environment that the job runs in; null: any, or none. */
  readonly environment: string | null
}

/** What a forge says of a job, once its signature is verified. */
export type CiJob = {
  readonly forge: Forge
  readonly issuer: string
  readonly repository: string
  readonly owner: string
  readonly ref: string
  readonly event: string
  /** The file that runs, where it lies in the job's own repository; null where it is another's. */
  readonly workflow: string | null
  readonly environment: string | null
  /** The forge's number of whoever started it. */
  readonly actor: string
  /** For people: where the run can be looked at. */
  readonly run: string | null
}

/** Why a grant does not let a job in, by what differs first; null: it does. */
export type Mismatch = 'repository' | 'owner' | 'ref' | 'event' | 'workflow' | 'environment'

export function mismatch(grant: CiGrant, job: CiJob): Mismatch | null {
  if (grant.forge !== job.forge || grant.issuer !== job.issuer || grant.repository !== job.repository)
    return 'repository'
  if (grant.owner !== job.owner) return 'owner'
  if (!grant.refs.some((pattern) => matches(pattern, job.ref))) return 'ref'
  if (!grant.events.includes(job.event)) return 'event'
  if (grant.workflow !== null && grant.workflow !== job.workflow) return 'workflow'
  return grant.environment === null || grant.environment === job.environment ? null : 'environment'
}

/** A pattern has one `*` at most: what it begins and ends with, and no "/" in between. */
function matches(pattern: string, ref: string): boolean {
  const [first = '', last] = pattern.split('*')
  if (last === undefined) return ref === pattern
  if (ref.length < first.length + last.length || !ref.startsWith(first) || !ref.endsWith(last)) return false
  return !ref.slice(first.length, ref.length - last.length).includes('/')
}

/** Signs for the forge that everybody means; another one's numbers are other people. */
const USUAL: Readonly<Record<Forge, string>> = {
  github: 'https://token.actions.githubusercontent.com',
  gitlab: 'https://gitlab.com',
}
/** What of a host's name fits into the id of a person, characters. */
const HOST_MAX = 30

/** The account at the forge by its number, as `accounts` names it: `ci:github-583231`, `ci:gitlab-git.example.com-7`. */
export function accountOf({ forge, issuer, actor }: CiJob): string {
  if (issuer === USUAL[forge]) return `ci:${forge}-${actor}`
  const host = issuer
    .replace(/^https?:\/\//, '')
    .toLowerCase()
    .replace(/\/.*$/, '')
    .replace(/[^a-z0-9.-]/g, '-')
  return `ci:${forge}-${host.slice(-HOST_MAX)}-${actor}`
}
