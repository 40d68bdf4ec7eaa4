import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOf, problemsOf, smallSpec, specOf } from './fixture.ts'

function messages(extra: string): string {
  return problemsOf(smallSpec(extra))
    .map((line) => line.replace(/^stellwerk\.yaml:\d+:\d+: /, ''))
    .join('\n')
}

const ASKED = 'approvals: [{ role: owner }]'

test('whoever is spelt several ways is one holder, and groups are their members', () => {
  const spellings = 'people: { owner: [sam, Sam, "person:SAM", " sam ", "ｓａｍ", "group:Backend"] }'
  const plan = planOf(smallSpec(`${spellings}\ngroups: { backend: [Kim, "person:sam"] }\n${ASKED}`), 'dev')
  assert.deepEqual(plan.approvals[0]!.people, ['person:kim', 'person:sam'])
})

const REFUSED: readonly (readonly [what: string, extra: string, message: RegExp])[] = [
  [
    'an address',
    'people: { owner: ["sam@example.com"] }',
    /people\.owner\[0\]: expected a pseudonymous id.*is an e-mail address/,
  ],
  ['a letter of another alphabet', 'people: { owner: ["ѕam"] }', /U\+0455/],
  ['what cannot be seen', 'people: { owner: ["sa\u200Bm"] }', /U\+200B/],
  ['a name', 'people: { owner: ["Sam Smith"] }', /expected a pseudonymous id/],
  [
    'a group that nobody declared',
    'people: { owner: ["group:backend"] }',
    /the group "backend" is not declared under groups/,
  ],
  [
    'a group in another spelling',
    'people: { owner: ["group:backnd"] }\ngroups: { backend: [kim] }',
    /did you mean "backend"/,
  ],
  ['an empty group', 'people: { owner: ["group:backend"] }\ngroups: { backend: [] }', /at least 1 entry/],
  [
    'a group in a group',
    'people: { owner: ["group:a"] }\ngroups: { a: ["group:b"] }',
    /groups\.a\[0\]: expected a pseudonymous id/,
  ],
  ['a role that nobody holds', 'people: { other: [kim] }', /the role "owner" is not declared under people/],
  ['a role without holders', 'people: { owner: [] }', /at least 1 entry/],
  [
    'a role without a use',
    'people: { owner: [sam], captain: [kim] }',
    /people\.captain: the role "captain" has no effect/,
  ],
  [
    'a group without a use',
    'people: { owner: [sam] }\ngroups: { backend: [kim] }',
    /groups\.backend: the group "backend" has no effect/,
  ],
  [
    'two ids that look alike',
    'people: { owner: [paul, pau1] }',
    /"person:paul" and "person:pau1" can be taken for each other/,
  ],
  ['ids that differ by a dot', 'people: { owner: [sam.smith, sam-smith] }', /can be taken for each other/],
  [
    'an account of two people',
    'people: { owner: [sam] }\naccounts: { sam: [X@example.com], kim: [x@example.com] }',
    /cannot be an account of both person:sam and person:kim/,
  ],
  [
    'an account of nobody',
    'people: { owner: [sam] }\naccounts: { "Sam S": [x@example.com] }',
    /accounts of a person by a pseudonymous id/,
  ],
  [
    'a weakener that nobody holds',
    'people: { owner: [sam] }\npolicy: { weaken: { gates: [ops] } }',
    /policy\.weaken\.gates\[0\]: the role "ops" is not declared/,
  ],
  [
    'approvals weakened by the requester',
    'people: { owner: [sam] }\npolicy: { weaken: { approvals: requester } }',
    /policy\.weaken\.approvals/,
  ],
]

for (const [what, extra, message] of REFUSED) {
  test(`refused by name: ${what}`, () => assert.match(messages(`${extra}\n${ASKED}`), message))
}

test('a role is in use where any environment asks for it, or names it for weakening', () => {
  const people = 'people: { owner: [sam], captain: [kim] }'
  const elsewhere = 'components: { api: { router: { listen: "127.0.0.1:8081" } } }'
  const prod = `prod: { ${ASKED}, policy: { weaken: { gates: [captain] } }, ${elsewhere} }`
  assert.deepEqual(problemsOf(smallSpec(people, `dev: {}\n  ${prod}`)), [])
  const { environments } = specOf(smallSpec('policy: { weaken: { gates: requester, analysis: requester } }'))
  assert.deepEqual(environments['dev']!.policy.weaken, { gates: 'requester', analysis: 'requester' })
})
