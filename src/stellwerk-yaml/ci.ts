/** `ci`: which jobs of which repository may release here, without a secret that is stored at the forge. */
import { z } from 'zod'
import type { CiGrant } from '../core/ci.ts'
import { say } from '../core/say.ts'
import { expected } from './expected.ts'

const ID = expected(say`the forge's number of it, not its name, which somebody else may have tomorrow`)
const REF = expected(say`a whole ref such as refs/heads/main or refs/tags/v*`)
const ISSUER = expected(say`an https address such as https://token.actions.githubusercontent.com`)
const EVENT = expected(say`the name of an event such as push or workflow_dispatch`)
const PATH = expected(say`the path of a file in the repository such as .github/workflows/deploy.yml`)
const ENVIRONMENT = expected(say`the name of an environment of the forge`)

const Id = z.union([z.int().positive(), z.string().regex(/^[1-9]\d{0,18}$/)], ID).transform(String)

/** Plain http for tests and tunnels of this machine alone: whoever sits between could sign anything. */
const Issuer = z
  .string(ISSUER)
  .max(300)
  .regex(/^(https:\/\/[^\s/?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?)(\/[^\s?#]*)?$/, ISSUER)
  .transform((text) => text.replace(/\/$/, ''))

/** Started by whoever may open a pull request or write a comment, with the rights of the branch that it is for. */
const FOREIGN = /^(pull_request|merge_request|workflow_run|issue|discussion|fork$|watch$|external)/
const OF_ANYBODY = expected(say`an event that only those start who may push: anybody can open a pull request`)

const USUAL = {
  github: { issuer: 'https://token.actions.githubusercontent.com', events: ['push', 'workflow_dispatch', 'release'] },
  gitlab: { issuer: 'https://gitlab.com', events: ['push', 'web'] },
} as const

const Grant = z
  .strictObject({
    forge: z.enum(['github', 'gitlab']).meta({ description: 'Whose jobs.' }),
    issuer: Issuer.optional().meta({
      description:
        'Who signs the tokens of its jobs. Absent: github.com, gitlab.com. Your own: `https://gitlab.example.com`.',
    }),
    repository: Id.meta({ description: "The repository's number: `repository_id`; of GitLab the project's." }),
    owner: Id.meta({ description: "Its owner's number: `repository_owner_id`; of GitLab the namespace's." }),
    refs: z
      .array(z.string(REF).regex(/^refs\/(heads|tags)\/(?!.*\*.*\*)[^\s~^:?[\\]{1,200}$/, REF))
      .min(1)
      .max(20)
      .meta({ description: 'Branches and tags; one `*` is anything but "/".' }),
    events: z
      .array(
        z
          .string(EVENT)
          .regex(/^[a-z_]{1,50}$/, EVENT)
          .refine((name) => !FOREIGN.test(name), OF_ANYBODY),
      )
      .min(1)
      .max(20)
      .optional()
      .meta({
        description:
          'What may have started the job. Absent: `push`, `workflow_dispatch`, `release`; of GitLab `push`, `web`. Never a pull request of somebody else’s fork.',
      }),
    workflow: z
      .string(PATH)
      .regex(/^[^\s@/][^\s@]{0,200}$/, PATH)
      .optional()
      .meta({ description: 'Only this file of the repository, `.github/workflows/deploy.yml`.' }),
    environment: z
      .string(ENVIRONMENT)
      .min(1)
      .max(255)
      .optional()
      .meta({ description: "Only jobs of this environment of the forge's, with the rules it has there." }),
  })
  .transform(
    ({ forge, issuer = USUAL[forge].issuer, events, workflow = null, environment = null, ...rest }): CiGrant => {
      return { forge, issuer, ...rest, events: events ?? [...USUAL[forge].events], workflow, environment }
    },
  )

export const Ci = z.array(Grant).max(20).prefault([]).meta({
  description:
    'Jobs of a forge that may release into this environment, by the token that the forge gives each of them. Part of the policy that is held: a change is a weaker one.',
  source: 'R-J01',
})
