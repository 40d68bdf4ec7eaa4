/**
 * What the claims of a forge say of a job, in our words. Names (`repository`, `sub`) are not believed: whoever renames a repository
 * frees its name for another. Facts: docs of GitHub "OpenID Connect reference" and of GitLab "ID token payload".
 */
import { z } from 'zod'
import type { CiJob, Forge } from '../../../core/ci.ts'

/** GitHub sends numbers as texts, GitLab of some versions as numbers. */
const Id = z.union([z.string().regex(/^\d{1,19}$/), z.int().positive()]).transform(String)
const Text = z.string().min(1).max(1000)

const GitHub = z.object({
  repository_id: Id,
  repository_owner_id: Id,
  repository: Text,
  ref: Text,
  event_name: Text,
  job_workflow_ref: Text.nullish(),
  workflow_ref: Text.nullish(),
  environment: Text.nullish(),
  actor_id: Id,
  run_id: Id,
})

const GitLab = z.object({
  project_id: Id,
  namespace_id: Id,
  project_path: Text,
  ref: Text,
  ref_type: z.enum(['branch', 'tag']),
  pipeline_source: Text,
  ci_config_ref_uri: Text.nullish(),
  environment: Text.nullish(),
  user_id: Id,
  pipeline_id: Id,
})

type Claims = Readonly<Record<string, unknown>>
type Read = Omit<CiJob, 'forge' | 'issuer'>

const READERS: Readonly<Record<Forge, (claims: Claims, issuer: string) => Read | null>> = {
  github: (claims, issuer) => {
    const { data } = GitHub.safeParse(claims)
    if (data === undefined) return null
    const workflow = data.job_workflow_ref ?? data.workflow_ref ?? ''
    return {
      repository: data.repository_id,
      owner: data.repository_owner_id,
      ref: data.ref,
      event: data.event_name,
      workflow: fileOf(workflow, `${data.repository}/`),
      environment: data.environment ?? null,
      actor: data.actor_id,
      run: runOf(githubOf(issuer), `${data.repository}/actions/runs/${data.run_id}`),
    }
  },
  gitlab: (claims, issuer) => {
    const { data } = GitLab.safeParse(claims)
    if (data === undefined) return null
    return {
      repository: data.project_id,
      owner: data.namespace_id,
      ref: `refs/${data.ref_type === 'tag' ? 'tags' : 'heads'}/${data.ref}`,
      event: data.pipeline_source,
      workflow: fileOf(data.ci_config_ref_uri ?? '', `${new URL(issuer).host}/${data.project_path}//`),
      environment: data.environment ?? null,
      actor: data.user_id,
      run: runOf(issuer, `${data.project_path}/-/pipelines/${data.pipeline_id}`),
    }
  },
}

/** Null where a claim is missing that a grant asks for. */
export function jobOf(forge: Forge, issuer: string, claims: Claims): CiJob | null {
  const read = READERS[forge](claims, issuer)
  return read && { forge, issuer, ...read }
}

/** `octo/shop/.github/workflows/deploy.yml@refs/heads/main` → the file, where it lies in this very repository. */
function fileOf(reference: string, own: string): string | null {
  if (!reference.startsWith(own)) return null
  return reference.slice(own.length).split('@')[0] || null
}

/** `token.actions.githubusercontent.com` signs for github.com; an own GitHub for itself. */
function githubOf(issuer: string): string {
  const { host, protocol } = new URL(issuer)
  if (host === 'token.actions.githubusercontent.com') return 'https://github.com'
  return `${protocol}//${host.replace(/^token\.actions\./, '')}`
}

function runOf(base: string, path: string): string | null {
  return URL.canParse(path, `${base}/`) ? new URL(path, `${base}/`).href : null
}
