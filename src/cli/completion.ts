import { say, verbatim } from '../core/say.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { completionWords } from './completion/words.ts'
import { zshCompletion } from './completion/zsh.ts'
import { allVerbs } from './index.ts'
import { defineVerb, usageError } from './verb.ts'

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const
const NAMES = Object.keys(SHELLS)

function isShell(name: string): name is keyof typeof SHELLS {
  return NAMES.includes(name)
}

export const completion = defineVerb({
  name: 'completion',
  summary: say`Print the completion of verbs and options for a shell`,
  args: { shell: { description: verbatim(NAMES.join(', ')), choices: NAMES } },
  takes: [],
  examples: [
    'source <(stellwerk completion bash)',
    'source <(stellwerk completion zsh)',
    'stellwerk completion fish | source',
  ],
  async run({ args, screen, text }) {
    const { shell } = args
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
