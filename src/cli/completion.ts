import { say, verbatim } from '../core/say.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { namesOf } from './completion/names.ts'
import { completionWords } from './completion/words.ts'
import { zshCompletion } from './completion/zsh.ts'
import { allVerbs } from './index.ts'
import { defineVerb, NAME_KINDS, type NameKind, usageError } from './verb.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
const NAMES = Object.keys(SHELLS)

function isShell(name: string): name is keyof typeof SHELLS {
  return NAMES.includes(name)
}

function isNameKind(name: string): name is NameKind {
  return NAME_KINDS.some((kind) => kind === name)
}

export const completion = defineVerb({
  name: 'completion',
  summary: say`Print the completion of verbs and options for a shell`,
  description: say`The script asks for what it does not know while you type: environments, services, versions and rollouts, out of stellwerk.yaml, the versions pinned here and the newest rollouts of the control plane.`,
  args: {
    shell: {
      description: say`${NAMES.join(', ')}; or what the script asks for: ${NAME_KINDS.join(', ')}`,
      choices: [...NAMES, ...NAME_KINDS],
    },
  },
  takes: [],
  examples: [
    'source <(stellwerk completion bash)',
    'source <(stellwerk completion zsh)',
    'stellwerk completion fish | source',
  ],
  async run({ args, ...given }) {
    const { screen, text } = given
    const { shell } = args
    if (isNameKind(shell)) {
      for (const name of await namesOf(shell, given)) screen.result(name)
      return 0
    }
    if (!isShell(shell)) {
      throw usageError(
        say`there is no completion for "${shell}"`,
        say`there is for ${NAMES.join(', ')}`,
        verbatim('stellwerk completion bash'),
      )
    }
    screen.result(SHELLS[shell](completionWords(await allVerbs(), text.tell)).trimEnd())
    return 0
  },
})
