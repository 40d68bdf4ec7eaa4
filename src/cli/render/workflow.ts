/** The workflow of a service at its forge (R-J01): environment, version and flags as inputs, one run after the other. */
import { stringify } from 'yaml'

export const FORGES = ['github', 'gitlab'] as const
export type ForgeName = (typeof FORGES)[number]

export type About = {
  readonly service: string
  /** Path of stellwerk.yaml in the repository. */
  readonly file: string
  readonly environments: readonly string[]
  readonly components: readonly string[]
  readonly server: string
  /** Of this command line, and so of the control plane. */
  readonly version: string
}

export function workflowFor(forge: ForgeName, about: About): string {
  const head = `# Written by "stellwerk render workflow --forge ${forge}"; yours to change.\n`
  const body = forge === 'github' ? github(about) : gitlab(about)
  return head + TO_FILL[forge].map((line) => `# ${line}\n`).join('') + stringify(body, { lineWidth: 0 }).trimEnd()
}

/** What nobody knows but the team. */
const TO_FILL: Readonly<Record<ForgeName, readonly string[]>> = {
  github: [
    'To fill in: how the service is built, and the commits that the actions are pinned to (git ls-remote REPOSITORY TAG).',
    'It logs in without a stored secret: docs/guides/ci-login.md.',
  ],
  gitlab: ['To fill in: how the service is built.', 'It logs in without a stored secret: docs/guides/ci-login.md.'],
}

const refs = ({ components }: About) => components.map((name) => `${name}=dist/${name}`).join('\n')
const packed = ({ version }: Pick<About, 'version'>) => `stellwerk@${version}`

function github(about: About): object {
  const { service, environments } = about
  const [first] = environments
  const inputs = {
    environment: { description: 'Where to', type: 'choice', options: environments, default: first },
    version: { description: 'A version that is pinned already; empty builds this commit', default: '' },
    flags: { description: 'Release inputs, NAME=VALUE', default: '' },
  }
  const to = `\${{ inputs.environment || '${first}' }}`
  return {
    name: `Release ${service}`,
    on: { workflow_dispatch: { inputs }, push: { tags: ['v*'] } },
    permissions: { contents: 'read', 'id-token': 'write' },
    concurrency: { group: `release-${service}-${to}`, 'cancel-in-progress': false },
    jobs: {
      release: {
        'runs-on': 'ubuntu-latest',
        'timeout-minutes': 360,
        env: { BUILT: refs(about) },
        steps: githubSteps(about, to),
      },
    },
  }
}

function githubSteps({ server, version, file }: About, environment: string): readonly object[] {
  return [
    { uses: 'actions/checkout@COMMIT' },
    { uses: 'actions/setup-node@COMMIT', with: { 'node-version': 24 } },
    { name: 'Build', if: "inputs.version == ''", run: 'npm ci && npm run build\n' },
    {
      uses: 'stellwerk/stellwerk@COMMIT',
      with: {
        server,
        package: packed({ version }),
        spec: file,
        environment,
        version: "${{ inputs.version || (github.ref_type == 'tag' && github.ref_name) || '' }}",
        components: "${{ inputs.version == '' && env.BUILT || '' }}",
        flags: '${{ inputs.flags }}',
      },
    },
  ]
}

function gitlab(about: About): object {
  const { file, environments, server } = about
  const inputs = { server, package: packed(about), spec: file, components: refs(about) }
  return {
    workflow: { rules: [{ if: '$CI_PIPELINE_SOURCE == "web"' }, { if: '$CI_COMMIT_TAG' }] },
    stages: ['build', 'deploy'],
    include: [
      {
        component: '$CI_SERVER_FQDN/stellwerk/stellwerk/release@COMMIT',
        inputs: { ...inputs, environment: '$RELEASE_TO' },
      },
    ],
    variables: {
      RELEASE_TO: { value: environments[0], options: environments, description: 'Where to' },
    },
    build: {
      stage: 'build',
      image: 'node:24',
      script: ['npm ci', 'npm run build'],
      artifacts: { paths: ['dist'], expire_in: '1 day' },
    },
  }
}
