/** Whose commits are whose: accounts of the spec by what plan and log call them, and the authors of an artifact by theirs. */
import { say, type Told } from '../core/say.ts'
import { createHash } from 'node:crypto'
import { accountKey, mailOf } from '../core/person.ts'
import type { EnvironmentSpec } from './spec.ts'

type Accounts = EnvironmentSpec['accounts']

/** `{ "mail:8d9f…": "person:kim", "person:kim-at-forge": "person:kim" }`. */
export function accountsOf(accounts: Accounts): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(accounts).flatMap(([person, names]) => names.map((name) => [keyOf(name) ?? name, person])),
  )
}

/** As people where it is known who they are; an unknown address only as its digest (law L11). */
export function authorsOf(authors: readonly string[], accounts: Readonly<Record<string, string>>): readonly string[] {
  const keys = authors.map((author) => keyOf(author) ?? author)
  return [...new Set(keys.map((key) => accounts[key] ?? key))]
}

export type AuthorProblem = { readonly index: number; readonly message: Told; readonly suggestion: Told | null }

export function authorProblems(
  authors: readonly string[],
  { accounts, isAsked }: { readonly accounts: Accounts; readonly isAsked: boolean },
): readonly AuthorProblem[] {
  const known = accountsOf(accounts)
  return authors.flatMap((author, index): readonly AuthorProblem[] => {
    const key = keyOf(author)
    if (key === null) {
      const message = say`${JSON.stringify(author)} is neither a pseudonym such as person:alex nor an e-mail address`
      return [{ index, message, suggestion: say`pin it again with --author` }]
    }
    const mail = mailOf(author)
    if (!isAsked || mail === null || known[key] !== undefined) return []
    const message = say`nobody knows whose address ${JSON.stringify(mail)} is, so an author could approve this release unseen`
    return [{ index, message, suggestion: say`say whose it is: accounts: { alex: ["${mail}"] }` }]
  })
}

function keyOf(text: string): string | null {
  return accountKey(text, (mail) => createHash('sha256').update(mail).digest('hex'))
}

/** Accounts that two people claim. */
export function contested(
  accounts: Accounts,
): readonly { readonly name: string; readonly people: readonly string[] }[] {
  const owners = new Map<string, string[]>()
  for (const [person, names] of Object.entries(accounts)) {
    for (const name of names) owners.set(keyOf(name) ?? name, [...(owners.get(keyOf(name) ?? name) ?? []), person])
  }
  return [...owners].flatMap(([key, people]) => {
    const name =
      Object.values(accounts)
        .flat()
        .find((each) => keyOf(each) === key) ?? key
    return new Set(people).size > 1 ? [{ name, people: [...new Set(people)] }] : []
  })
}
