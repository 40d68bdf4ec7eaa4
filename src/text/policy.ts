/** What people read of policies and approvals, in both languages; the changes themselves are in `plan/policy.ts`. */
export type PolicyMessages = {
  readonly head: string
  readonly weaker: string
  readonly stronger: string
  readonly same: (environment: string) => string
  readonly first: (environment: string, by: 'requester' | 'consent') => string
  readonly changed: (environment: string) => string
  readonly refused: string
  readonly toApprove: (rollout: string) => string
  readonly facts: (facts: ApprovalFacts) => readonly (readonly [label: string, fact: string])[]
  readonly confirm: (version: string, environment: string) => string
  readonly notApproved: string
  readonly confirmSet: (environment: string) => string
  readonly notSet: string
  readonly noneHeld: string
  readonly noneYet: (where: string) => string
  readonly version: (version: number, hash: string) => string
  readonly historyHeads: readonly string[]
  /** How a policy came to be held. */
  readonly how: Readonly<Record<PolicyOrigin['how'], string>>
  readonly origin: (origin: PolicyOrigin) => string
  readonly amounts: (minRequests: number, hold: string, bake: string, control: number) => string
  readonly byApprovers: string
  readonly none: string
  readonly labels: Readonly<Record<'approvals' | 'people' | 'ci' | 'gates' | 'analysis' | 'weaken', string>>
}

export type ApprovalFacts = {
  readonly by: string
  readonly authors: string
  /** Digest over commit and components. */
  readonly identity: string
  readonly open: string
}

export type PolicyOrigin = {
  readonly by: string
  readonly at: string
  readonly how: 'set' | 'adopted' | 'changed'
  readonly rollout: string | null
  readonly note: string
}

const enHow = { set: 'set', adopted: 'adopted', changed: 'changed' }

export const enPolicy: PolicyMessages = {
  historyHeads: ['VERSION', 'AT', 'BY', 'HOW', 'ROLLOUT', 'HASH'],
  how: enHow,
  head: 'Policy',
  weaker: 'weaker',
  stronger: 'stricter',
  same: (environment) => `Unchanged: the policy in force for ${environment}.`,
  first: (environment, by) =>
    by === 'requester'
      ? `No policy is in force for ${environment} yet: with this release the one in its spec is adopted, in your name.`
      : `No policy is in force for ${environment} yet: with these approvals the one in its spec is adopted.`,
  changed: (environment) => `It changes the policy in force for ${environment}; the approvals count for that too:`,
  refused: 'It may not change the policy in force like this, and would be refused:',
  toApprove: (rollout) => `To approve: ${rollout}`,
  facts: ({ by, authors, identity, open }) => [
    ['requested by', by],
    ['written by', authors || 'nobody is named'],
    ['artifact', identity],
    ['still open', open || 'nothing'],
  ],
  confirm: (version, environment) => `Approve exactly this: ${version} in ${environment}? [y/N] `,
  notApproved: 'Not approved; the release keeps waiting.',
  confirmSet: (environment) => `Put this policy into force for ${environment}? [y/N] `,
  notSet: 'Not set; the policy is as it was.',
  noneHeld: 'No policy is in force here.',
  noneYet: (where) => `No policy is in force for ${where} yet; the one in the spec would be the first.`,
  version: (version, hash) => `policy version ${version} (${hash}…)`,
  origin: ({ by, at, how, rollout, note }) => {
    return `${enHow[how]} by ${by} at ${at}${rollout === null ? '' : ` with ${rollout}`}: ${note}`
  },
  amounts: (minRequests, hold, bake, control) =>
    `at least ${minRequests} requests per step, hold ${hold}, bake ${bake}${control > 0 ? ` with ${control} % on live` : ''}`,
  byApprovers: 'by those who approve; where nobody does, only by "stellwerk policy set"',
  none: 'none',
  labels: {
    approvals: 'Approvals',
    people: 'People',
    gates: 'Gates',
    analysis: 'Judged by',
    ci: 'CI jobs that may release',
    weaken: 'May be weakened',
  },
}

const deHow = { set: 'gesetzt', adopted: 'übernommen', changed: 'geändert' }

export const dePolicy: PolicyMessages = {
  historyHeads: ['FASSUNG', 'WANN', 'VON', 'WIE', 'ROLLOUT', 'HASH'],
  how: deHow,
  head: 'Richtlinie',
  weaker: 'schwächer',
  stronger: 'strenger',
  same: (environment) => `Es ist die Richtlinie, die für ${environment} gilt.`,
  first: (environment, by) =>
    by === 'requester'
      ? `Für ${environment} gilt noch keine Richtlinie: mit diesem Release wird die aus seiner Spec übernommen, in Ihrem Namen.`
      : `Für ${environment} gilt noch keine Richtlinie: mit diesen Freigaben wird die aus seiner Spec übernommen.`,
  changed: (environment) => `Es ändert die Richtlinie für ${environment}; die Freigaben gelten auch dafür:`,
  refused: 'So darf die geltende Richtlinie nicht geändert werden; das Release würde abgelehnt:',
  toApprove: (rollout) => `Freizugeben: ${rollout}`,
  facts: ({ by, authors, identity, open }) => [
    ['angefordert von', by],
    ['geschrieben von', authors || 'niemand genannt'],
    ['Artefakt', identity],
    ['noch offen', open || 'nichts'],
  ],
  confirm: (version, environment) => `Genau das freigeben: ${version} in ${environment}? [j/N] `,
  notApproved: 'Nicht freigegeben; das Release wartet weiter.',
  confirmSet: (environment) => `Soll diese Richtlinie ab jetzt für ${environment} gelten? [j/N] `,
  notSet: 'Nicht gesetzt; die Richtlinie bleibt, wie sie war.',
  noneHeld: 'Hier gilt keine Richtlinie.',
  noneYet: (where) => `Für ${where} gilt noch keine Richtlinie; die aus der Spec wäre die erste.`,
  version: (version, hash) => `Richtlinie, Fassung ${version} (${hash}…)`,
  origin: ({ by, at, how, rollout, note }) => {
    return `${deHow[how]} von ${by} um ${at}${rollout === null ? '' : ` mit ${rollout}`}: ${note}`
  },
  amounts: (minRequests, hold, bake, control) =>
    `mindestens ${minRequests} Anfragen je Schritt, Halten ${hold}, Beobachten ${control > 0 ? `mit ${control} % auf live` : 'bei 100 %'} ${bake}`,
  byApprovers: 'von denen, die freigeben; wo das niemand ist, nur durch „stellwerk policy set“',
  none: 'keine',
  labels: {
    approvals: 'Freigaben',
    people: 'Leute',
    gates: 'Gates',
    analysis: 'Beurteilt nach',
    ci: 'CI-Jobs, die ausliefern dürfen',
    weaken: 'Darf geschwächt werden',
  },
}
