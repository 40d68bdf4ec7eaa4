import { expected, foundWrong, sentenceOf } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { mailOf, readPerson } from '../core/person.ts'
import { Name } from './name.ts'

const HOLDER = expected(say`a pseudonymous id such as alex, or group:backend`)
const PERSON = expected(say`a pseudonymous id such as alex`)
const ACCOUNT = expected(say`a commit e-mail address, or a name at the forge`)

/** One spelling per person, from here on: `Alex` is `person:alex`. */
const Person = z
  .string(PERSON)
  .transform((text, context) => {
    const read = readPerson(text)
    if (read.ok) return read.id
    context.issues.push({ ...foundWrong(say`${sentenceOf(PERSON)} (this ${read.said})`), input: text })
    return z.NEVER
  })
  .meta({ id: 'Person', description: PERSON })

const GROUP = /^\s*group:\s*/i

const Holder = z
  .string(HOLDER)
  .transform((text, context) => {
    const group = GROUP.test(text) ? Name.safeParse(text.replace(GROUP, '').trim().toLowerCase()) : null
    if (group?.success) return `group:${group.data}`
    const read = group ? { ok: false as const, said: say`names no group` } : readPerson(text)
    if (read.ok) return read.id
    context.issues.push({ ...foundWrong(say`${sentenceOf(HOLDER)} (this ${read.said})`), input: text })
    return z.NEVER
  })
  .meta({ id: 'Holder', description: HOLDER })

/**
 * Who holds which role: `{ release-captain: [alex, group:backend] }`. Ids, never names or addresses: the plan stands in the
 * log for ever (law L11).
 */
export const People = z.record(Name, z.array(Holder).min(1).max(200)).meta({
  description: 'Who holds which role. Ids of people or `group:` and a group; no e-mail addresses.',
  source: 'R-C01',
})

export const Groups = z.record(Name, z.array(Person).min(1).max(500)).meta({
  description: 'Members of the groups that `people` names: `{ backend: [kim, lee] }`.',
  source: 'R-C01',
})

const Account = z
  .string(ACCOUNT)
  .min(1)
  .max(320)
  .refine((text) => mailOf(text) !== null || readPerson(text).ok, ACCOUNT)

export const Accounts = z
  .record(z.string(), z.array(Account).min(1).max(50))
  .transform((map, context) => {
    const read = Object.entries(map).map(([text, accounts]) => ({ text, person: readPerson(text), accounts }))
    for (const { text, person } of read) {
      if (person.ok) continue
      const said = say`accounts of a person by ${sentenceOf(PERSON)} (this ${person.said})`
      context.issues.push({ ...foundWrong(said), input: text, path: [text] })
    }
    return Object.fromEntries(read.flatMap(({ person, accounts }) => (person.ok ? [[person.id, accounts]] : [])))
  })
  .meta({
    description:
      'Whose commits are whose: `{ kim: [kim@example.com, kim-at-forge] }`. An author may not approve; plan and log hold an address only as its digest.',
    source: 'R-C03',
  })

const roles = z.array(Name).min(1).max(20)
const orRequester = z.union([z.literal('requester'), roles])

/** What is held by the control plane beside people, approvals, gates and analysis: who may weaken what of it. */
export const PolicySection = z
  .strictObject({
    weaken: z
      .strictObject({
        approvals: roles.optional().meta({ description: 'Fewer approvals, or other ones.' }),
        people: roles.optional().meta({ description: 'Other people in a role that is asked.' }),
        gates: orRequester.optional().meta({ description: 'A gate removed or softened.' }),
        analysis: orRequester.optional().meta({ description: 'A rule removed or softened, a shorter hold or bake.' }),
      })
      .prefault({})
      .meta({
        description:
          'Roles that must consent to a release whose spec weakens the policy, beside the approvals. `requester`: nobody. Absent: the roles of `approvals`; where there are none, only `stellwerk policy set`.',
      }),
  })
  .meta({ description: 'How the policy that the control plane holds for this environment may be weakened.' })

const Approval = z.strictObject({
  role: Name.meta({ description: 'A role of `people`.', source: 'R-C03' }),
  at: z.enum(['start', 'go-no-go']).prefault('start').meta({
    description:
      '`start`: into this environment. `go-no-go`: the last word before it. Both are asked at the same moment, and each needs its own approval.',
    source: 'R-C02',
  }),
})

export const Approvals = z.array(Approval).max(20).prefault([]).meta({
  description: 'Who must consent before anything is deployed. Nobody approves their own release.',
  source: 'R-C03',
})
