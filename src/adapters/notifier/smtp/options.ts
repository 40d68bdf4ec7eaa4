/** How a mail server is reached, and who writes to whom. */
import { expected } from '../../../stellwerk-yaml/expected.ts'
import { say } from '../../../core/say.ts'
import { z } from 'zod'
import type { SecretReference } from '../../../core/plan.ts'
import { SecretByName } from '../../../stellwerk-yaml/secret-options.ts'
import { Planned } from '../post.ts'

const HOST = expected(say`the name or the address of a mail server, such as mail.example.com`)
const ADDRESS = expected(say`a mail address such as releases@example.com`)
const BOTH = expected(say`\`user\` and \`password\` together, or neither`)
const PLAIN = expected(say`\`starttls\` or \`implicit\`, since a password is not sent without TLS`)
const PORT = expected(say`a port from 1 to 65535`)

/** One address, without a name; what a list may hold as well. */
export const ADDRESS_SHAPE = /^[^\s<>()[\]@,;:"\\]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,188}$/

const Address = z.string(ADDRESS).regex(ADDRESS_SHAPE, ADDRESS)
const Tls = z.enum(['starttls', 'implicit', 'none'])
const Port = z.int(PORT).min(1, PORT).max(65_535, PORT)

export const options = z
  .strictObject({
    kind: z.literal('smtp').meta({ description: 'A mail, by a mail server.' }),
    host: z
      .string(HOST)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, HOST)
      .meta({ description: 'The mail server.' }),
    port: Port.prefault(587).meta({ description: 'Its port: 587 usually, 465 with `tls: implicit`, 25 for a relay.' }),
    tls: Tls.prefault('starttls').meta({
      description:
        '`starttls`: begins in plain text and is encrypted before anything is said, or nothing is sent; `implicit`: from the first byte; `none`: never, for a relay on this machine.',
    }),
    user: SecretByName.optional().meta({ description: 'Who logs in; with `password`.' }),
    password: SecretByName.optional().meta({ description: 'With `user`; never sent without TLS.' }),
    from: Address.meta({ description: 'Who writes.' }),
    to: z.union([Address, z.array(Address).min(1).max(50), SecretByName]).meta({
      description:
        'To whom: an address, a list of them, or a secret that holds them separated by commas. What is here is in the log, so personal addresses belong in a secret.',
    }),
  })
  .check(({ value, issues }) => {
    const isAlone = (value.user === undefined) !== (value.password === undefined)
    if (isAlone) issues.push({ code: 'custom', input: value, path: [], message: BOTH })
    if (value.password !== undefined && value.tls === 'none')
      issues.push({ code: 'custom', input: value.tls, path: ['tls'], message: PLAIN })
  })

export type SmtpOptions = {
  readonly kind: 'smtp'
  readonly host: string
  readonly port: number
  readonly tls: z.infer<typeof Tls>
  readonly user?: SecretReference | undefined
  readonly password?: SecretReference | undefined
  readonly from: string
  readonly to: string | readonly string[] | SecretReference
}

export const planned: z.ZodType<SmtpOptions> = z.object({
  kind: z.literal('smtp'),
  host: z.string(),
  port: z.number(),
  tls: Tls,
  user: Planned.secret.optional(),
  password: Planned.secret.optional(),
  from: z.string(),
  to: z.union([z.string(), z.array(z.string()), Planned.secret]),
})

export function secretsIn({ user, password, to }: SmtpOptions): readonly SecretReference[] {
  return [user, password, to].filter(
    (each): each is SecretReference => typeof each === 'object' && !Array.isArray(each),
  )
}
