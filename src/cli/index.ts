import type { Verb } from './verb.ts'

/** Every verb by its first word, loaded when it is needed. */
export const VERBS: Readonly<Record<string, () => Promise<readonly Verb[]>>> = {
  init: async () => [(await import('./init.ts')).init],
  validate: async () => [(await import('./validate.ts')).validate],
  artifact: async () => (await import('./artifact.ts')).artifact,
  plan: async () => [(await import('./plan.ts')).plan],
  rehearse: async () => [(await import('./rehearse.ts')).rehearse],
  up: async () => [(await import('./up.ts')).up],
  down: async () => [(await import('./down.ts')).down],
  deploy: async () => [(await import('./deploy.ts')).deploy],
  status: async () => [(await import('./status.ts')).status],
  watch: async () => [(await import('./watch.ts')).watch],
  list: async () => [(await import('./list.ts')).list],
  approve: async () => [(await import('./approve.ts')).approve],
  reject: async () => [(await import('./reject.ts')).reject],
  pause: async () => [(await import('./pause.ts')).pause],
  resume: async () => [(await import('./resume.ts')).resume],
  promote: async () => [(await import('./promote.ts')).promote],
  abort: async () => [(await import('./abort.ts')).abort],
  rollback: async () => [(await import('./rollback.ts')).rollback],
  resolve: async () => [(await import('./resolve.ts')).resolve],
  logs: async () => [(await import('./logs.ts')).logs],
  audit: async () => (await import('./audit.ts')).audit,
  token: async () => (await import('./token.ts')).token,
  doctor: async () => [(await import('./doctor.ts')).doctor],
  demo: async () => [(await import('./demo.ts')).demo],
}

/** What the verbs of two words have in common. */
export const GROUPS: Readonly<Record<string, string>> = {
  artifact: 'Pin what is released, and show what was pinned',
  audit: 'Check, export and show the log of facts',
  token: 'Create, list and revoke API tokens',
}

export async function allVerbs(): Promise<readonly Verb[]> {
  return (await Promise.all(Object.values(VERBS).map((load) => load()))).flat()
}
