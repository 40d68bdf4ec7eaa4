import { expected, foundWrong } from './expected.ts'
import { say } from '../core/say.ts'
import { z } from 'zod'
import { Deadline } from './duration.ts'
import { Label, Name, VariableName } from './name.ts'
import { AUTHORIZATION, secretShape } from './secret-shapes.ts'

const REQUEST = expected(say`a method and a path such as "GET /health"`)
const HEADER = expected(say`a header name such as authorization`)
const VALUE = expected(say`a header value on one line`)

const HeaderName = z.string(HEADER).regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, HEADER)
const HeaderValue = z.union([
  z
    .string(VALUE)
    .regex(/^[\t\x20-\x7e\x80-\xff]*$/, VALUE)
    .max(8192),
  z.strictObject({ secret: VariableName.meta({ description: "One of the component's `secrets`." }) }),
  z.strictObject({ public: z.string(VALUE).max(8192).meta({ description: 'Looks like a secret, and is none.' }) }),
])
/** Of a final answer: an interim one is never the answer to a check. */
const Status = z.int().min(200).max(599)

const Expect = z.strictObject({
  status: z
    .union([Status, z.array(Status).min(1).max(50)])
    .prefault(200)
    .meta({ description: 'Status, or a list of accepted ones. An expected refusal is a status too.' }),
  json: z
    .record(z.string().min(1).max(256), z.unknown())
    .prefault({})
    .meta({ description: 'Members of the JSON answer by dotted path, with the values they must have.' }),
})

type Headers = Readonly<Record<string, z.output<typeof HeaderValue>>>

/** By shape alone: a wrong token is what many a smoke check is about. */
function noSecrets(headers: Headers, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(headers)) {
    const what = typeof value === 'string' ? secretShape(value) : null
    if (what === null || what === AUTHORIZATION) continue
    const said = say`\`{ secret: NAME }\`, since it holds ${what}, or \`{ public: … }\` for what everybody may know`
    context.addIssue({ ...foundWrong(said), path: [name] })
  }
}

function publicOf(value: Headers[string]): string | { readonly secret: string } {
  return typeof value === 'object' && 'public' in value ? value.public : value
}

/** One HTTP request against every ready instance of the candidate, and what must come back (R-D05). */
export const SmokeCheck = z.strictObject({
  name: Label.optional().meta({ description: 'For reports; the request itself when absent.' }),
  component: Name.optional().meta({ description: 'Needed when more than one component has a router.' }),
  http: z
    .string(REQUEST)
    .regex(/^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) \/[^\s\\#]*$/, REQUEST)
    .max(2048)
    .meta({ description: `Request: ${REQUEST}.`, source: 'R-D05' }),
  headers: z
    .record(HeaderName, HeaderValue)
    .superRefine(noSecrets)
    .transform((headers) => {
      const read = Object.entries(headers).map(([name, value]) => [name, publicOf(value)])
      return Object.fromEntries(read) as Readonly<Record<string, string | { readonly secret: string }>>
    })
    .prefault({})
    .meta({
      description:
        "Value, or `{ secret: NAME }` for one of the component's secrets; `{ public: … }` for what looks like one but is not.",
    }),
  body: z.unknown().optional().meta({ description: 'Sent as JSON.' }),
  expect: Expect.prefault({}).meta({ description: 'What must come back.' }),
  dryRun: z.boolean().prefault(false).meta({
    description: 'Sends `Dry-Run: true`: the service checks everything and changes nothing.',
    source: 'R-D05',
  }),
  timeout: Deadline.prefault('10s').meta({ description: 'For one request.' }),
})
export type SmokeCheck = z.output<typeof SmokeCheck>

export const Smoke = z.array(SmokeCheck).min(1).max(200).meta({
  description: 'Requests that must go right before any traffic is shifted; at least one.',
  source: 'R-D05',
})
