/** Mistakes about who consents to what, and when. */
import { type Mutant, rollout, within } from './mutant.ts'

export const approvalMutants: readonly Mutant[] = [
  rollout('one approval is enough', 'steps/gates.ts', 'state.plan.approvals.every(', 'state.plan.approvals.some('),
  within(
    'approvals',
    rollout(
      'the requester may approve',
      'intents.ts',
      'if (isSamePerson(by.id, state.requestedBy))',
      'if (by.id === state.id)',
    ),
  ),
  within(
    'approvals',
    rollout(
      'an author may approve',
      'intents.ts',
      'if (state.plan.artifact.authors.some((author) => isSamePerson(author, by.id)))',
      'if (state.plan.artifact.authors.includes(state.id))',
    ),
  ),
  within(
    'approvals',
    rollout('another plan may be approved', 'intents.ts', '    [say`plan`, seen.planHash, state.planHash],\n', ''),
  ),
  within(
    'a command of its own',
    rollout(
      'another rollout may be approved',
      'intents.ts',
      '    [say`rollout`, seen.rollout ?? state.id, state.id],\n',
      '',
    ),
  ),
  within(
    'a command of its own',
    rollout(
      'another artifact may be approved',
      'intents.ts',
      '    [say`artifact`, seen.identity, state.identity],\n',
      '',
    ),
  ),
  within(
    'a command of its own',
    rollout(
      'an approval outlives its policy',
      'intents.ts',
      ' || request.policyStands !== false',
      ' || state.version > 0',
    ),
  ),
  within(
    'a command of its own',
    rollout(
      'commands run before people are asked',
      'steps/gates.ts',
      'ids === undefined ? plan.gates',
      'ids !== null ? plan.gates',
    ),
  ),
  rollout('any role approves', 'intents.ts', 'by.roles.includes(asked.role) ||', 'by.roles.length > 0 ||'),
]
