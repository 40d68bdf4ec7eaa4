import { INTENT_NAMES, type IntentName } from '../core/rollout/inputs.ts'
import { say, type Sentence } from '../core/say.ts'
import type { Verb } from './verb.ts'

type Load = () => Promise<readonly Verb[]>

export const HEADINGS = {
  describe: say`Describe and rehearse`,
  release: say`Release and follow`,
  decide: say`Decide and step in`,
  run: say`Run the control plane`,
  about: say`About this command`,
} as const

/** Intents whose verb says more than their descriptor. */
const OWN: Readonly<Partial<Record<IntentName, Readonly<Record<string, Load>>>>> = {
  approve: { approve: async () => [(await import('./approve.ts')).approve] },
  abort: { abort: async () => [(await import('./return-users.ts')).abort] },
  'roll-back': { rollback: async () => [(await import('./return-users.ts')).rollback] },
}

function intents(): Readonly<Record<string, Load>> {
  const plain = (name: IntentName) => ({ [name]: async () => [(await import('./intents.ts')).intentVerb(name)] })
  return Object.assign({}, ...INTENT_NAMES.map((name) => OWN[name] ?? plain(name)))
}

/** Every verb by its first word, under its heading of the help, loaded when it is needed. */
export const VERB_GROUPS: Readonly<Record<keyof typeof HEADINGS, Readonly<Record<string, Load>>>> = {
  describe: {
    init: async () => [(await import('./init.ts')).init],
    validate: async () => [(await import('./validate.ts')).validate],
    plan: async () => [(await import('./plan.ts')).plan],
    render: async () => [(await import('./render.ts')).renderWorkflow],
    rehearse: async () => [(await import('./rehearse.ts')).rehearse],
    demo: async () => [(await import('./demo.ts')).demo],
    judge: async () => [(await import('./judge.ts')).judge],
  },
  release: {
    artifact: async () => (await import('./artifact.ts')).artifact,
    deploy: async () => [(await import('./deploy.ts')).deploy],
    status: async () => [(await import('./status.ts')).status],
    watch: async () => [(await import('./watch.ts')).watch],
    list: async () => [(await import('./list.ts')).list],
    logs: async () => [(await import('./logs.ts')).logs],
  },
  decide: {
    ...intents(),
    incident: async () => (await import('./incident.ts')).incident,
  },
  run: {
    up: async () => [(await import('./up.ts')).up],
    down: async () => [(await import('./down.ts')).down],
    rebuild: async () => [(await import('./rebuild.ts')).rebuild],
    doctor: async () => [(await import('./doctor.ts')).doctor],
    notify: async () => (await import('./notify.ts')).notify,
    policy: async () => (await import('./policy.ts')).policy,
    token: async () => (await import('./token.ts')).token,
    login: async () => [(await import('./login.ts')).login],
    audit: async () => (await import('./audit.ts')).audit,
  },
  about: {
    help: async () => [(await import('./help.ts')).help],
    version: async () => [(await import('./help.ts')).version],
    completion: async () => [(await import('./completion.ts')).completion],
  },
}

export const VERBS: Readonly<Record<string, Load>> = Object.assign({}, ...Object.values(VERB_GROUPS))

/** What the verbs of two words have in common. */
export const GROUPS: Readonly<Record<string, Sentence>> = {
  artifact: say`Pin what is released, and show what was pinned`,
  audit: say`Check, export and show the log of facts`,
  incident: say`Show, acknowledge and resolve incidents`,
  notify: say`Test message routes, show deliveries, and send dead letters again or dismiss them`,
  policy: say`Show, compare and set what an environment demands of every release`,
  token: say`Create, list and revoke API tokens`,
}

export const SHOW_HELP = say`Show this help`

export async function allVerbs(): Promise<readonly Verb[]> {
  return (await Promise.all(Object.values(VERBS).map((load) => load()))).flat()
}

/** The heading under which the help lists the verb of this first word. */
export function headingOf(word: string): Sentence {
  const found = Object.entries(VERB_GROUPS).find(([, verbs]) => Object.hasOwn(verbs, word))
  return found === undefined ? say`Verbs` : HEADINGS[found[0] as keyof typeof HEADINGS]
}
