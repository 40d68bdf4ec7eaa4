import { say, verbatim } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'
import { specFile } from './spec-file.ts'
import { readVersion } from '../version.ts'
import { type ForgeName, FORGES, workflowFor } from './render/workflow.ts'
import { defineVerb, usageError } from './verb.ts'

/** R-J01. */
export const renderWorkflow = defineVerb({
  name: 'render workflow',
  summary: say`Write the CI workflow that releases this service`,
  takes: ['file', 'server', 'data'],
  description: say`To stdout: redirect it to where the forge looks for it. Environments come from stellwerk.yaml, the address from --server or STELLWERK_URL.`,
  options: {
    forge: { flags: '--forge <name>', description: say`${FORGES.join(', ')}`, choices: FORGES, default: 'github' },
  },
  examples: [
    'stellwerk render workflow > .github/workflows/release.yml',
    'stellwerk render workflow --forge gitlab > .gitlab-ci.yml',
  ],
  async run({ options, ...shell }) {
    const { globals, screen, deps } = shell
    const file = await specFile(shell)
    if (file === null) throw usageError(say`no spec`, say`there is no ${globals.file} here`, verbatim('stellwerk init'))
    const read = await deps.readSpec(file)
    if (!read.ok) {
      throw new StellwerkError('usage', {
        what: say`cannot use ${globals.file}`,
        why: say`it is not valid`,
        fix: verbatim('stellwerk validate'),
      })
    }
    const { service, environments, components } = read.value
    const about = {
      service,
      file: globals.file,
      environments,
      components,
      server: globals.server ?? 'https://stellwerk.example.com',
      version: readVersion(),
    }
    screen.result(workflowFor(options.forge as ForgeName, about))
    return 0
  },
})
