/** `router: { kind: haproxy }`: as people write it, and as it stands in a plan. */
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import { say } from '../../../core/say.ts'
import { expected } from '../../../stellwerk-yaml/expected.ts'

const PATH = expected(say`an absolute path`)
const BACKEND = expected(say`the name of a backend of haproxy.cfg`)
const COOKIE = expected(say`a cookie name`)
const ADDRESS = expected(say`an address of this machine such as 127.0.0.1:9514`)
const URL_OF = expected(say`where users reach it, such as https://shop.example.com`)

/** A socket's path fits into the 108 bytes that the kernel has for one, its final zero included. */
const SOCKET_MAX = 107

const Path = z.string(PATH).max(4096, PATH).refine(isAbsolute, PATH)

export const options = z
  .strictObject({
    kind: z.literal('haproxy').meta({ description: 'A HAProxy of yours, by its runtime socket: no reload.' }),
    socket: Path.max(SOCKET_MAX, PATH)
      .prefault('/run/haproxy/admin.sock')
      .meta({ description: 'Its `stats socket … level admin`.' }),
    backend: z
      .string(BACKEND)
      .regex(/^[A-Za-z0-9_.:-]{1,100}$/, BACKEND)
      .meta({ description: 'The backend whose servers are the slots: `blue1`, `blue2`, `green1`, `green2` …' }),
    stateFile: Path.meta({
      description: 'Its `server-state-file-name`: what is in force is written there, so that a restart finds it.',
    }),
    url: z
      .string(URL_OF)
      .regex(/^https?:\/\/[^/\s]+\/?$/, URL_OF)
      .transform((url) => url.replace(/\/$/, ''))
      .meta({ description: 'Where users reach the component.' }),
    logs: z
      .string(ADDRESS)
      .regex(/^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]):\d{1,5}$/, ADDRESS)
      .optional()
      .meta({
        description:
          'Where its access log arrives over UDP: requests, errors and latencies per slot. Absent: `metrics` needs another source.',
      }),
    sticky: z
      .strictObject({
        cookie: z
          .string(COOKIE)
          .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, COOKIE)
          .meta({ description: 'The name in its `cookie … insert` line, so that plans know that sessions stay.' }),
      })
      .optional()
      .meta({ description: 'What the backend keeps sessions by.' }),
  })
  .transform(({ logs = null, sticky = null, ...rest }) => ({ ...rest, logs, sticky }))

export const planned = z.object({
  kind: z.literal('haproxy'),
  socket: z.string(),
  backend: z.string(),
  stateFile: z.string(),
  url: z.string(),
  logs: z.string().nullable(),
  sticky: z.object({ cookie: z.string() }).nullable(),
})

export type Options = z.output<typeof planned>
