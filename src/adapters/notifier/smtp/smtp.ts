/** A mail by a mail server (SMTP, RFC 5321), in plain text. Its id is that of the order, its thread that of the rollout. */
import type { SentMessageInfo } from 'nodemailer'
import { type SecretReference, secretText } from '../../../core/plan.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import { notifier } from '../../kit.ts'
import { failureOf } from './failures.ts'
import { mailOf } from './mail.ts'
import { ADDRESS_SHAPE, options, planned, secretsIn, type SmtpOptions } from './options.ts'

/** For each thing that is waited for: a connection, a greeting, an answer. */
const TIME_LIMIT_MS = 15_000

export const smtp = notifier({
  kind: 'smtp',
  options,
  planned,
  describe: (given) => ({ hosts: [`${given.host}:${given.port}`], secrets: secretsIn(given) }),
  create: async (given, context) => {
    const { createTransport } = await import('nodemailer')
    const where = `${given.host}:${given.port}`
    return {
      deliver: async (notification, { key, signal }) => {
        const known = await read(given, context, signal)
        if (!known.ok) return known
        const transport = createTransport(connection(given, known.value))
        const mail = mailOf(notification, key, given.from, new Date(context.clock.now()))
        const sending = transport.sendMail({ ...mail, to: [...known.value.to] })
        const sent = await unlessAborted(sending, where, signal)
        return sent.ok ? ok({ receipt: receiptOf(sent.value, where) }) : sent
      },
    }
  },
})

type Known = { readonly to: readonly string[]; readonly auth: { readonly user: string; readonly pass: string } | null }

async function read(given: SmtpOptions, { secrets }: AdapterContext, signal: AbortSignal): Promise<Result<Known>> {
  const to = await recipients(given.to, secrets, signal)
  if (!to.ok) return to
  if (!given.user || !given.password) return ok({ to: to.value, auth: null })
  const user = await secrets.read(given.user, signal)
  if (!user.ok) return user
  const password = await secrets.read(given.password, signal)
  if (!password.ok) return password
  return ok({ to: to.value, auth: { user: user.value.trim(), pass: password.value.replace(/\r?\n$/, '') } })
}

async function recipients(
  to: SmtpOptions['to'],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Result<readonly string[]>> {
  if (typeof to === 'string') return ok([to])
  if (isList(to)) return ok(to)
  const held = await secrets.read(to, signal)
  if (!held.ok) return held
  const addresses = held.value.split(/[\s,]+/).filter((address) => address !== '')
  if (addresses.length > 0 && addresses.every((address) => ADDRESS_SHAPE.test(address))) return ok(addresses)
  return failure('permanent', `its secret (${secretText(to)}) is no list of mail addresses`)
}

function isList(to: readonly string[] | SecretReference): to is readonly string[] {
  return Array.isArray(to)
}

function connection({ host, port, tls }: SmtpOptions, { auth }: Known) {
  return {
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(auth && { auth }),
    connectionTimeout: TIME_LIMIT_MS,
    greetingTimeout: TIME_LIMIT_MS,
    socketTimeout: TIME_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

/** Who gives up early does not know whether it was taken. */
async function unlessAborted<T>(sending: Promise<T>, where: string, signal: AbortSignal): Promise<Result<T>> {
  const aborted = Promise.withResolvers<Result<T>>()
  const abort = () => aborted.resolve(failure('unknown', `${where} did not answer in time`))
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  const sent = sending.then(ok, (error: Error) => failureOf(error, where))
  const result = await Promise.race([sent, aborted.promise])
  signal.removeEventListener('abort', abort)
  return result
}

/** How many addresses it was taken for; which ones would be personal data in the log (law L11). */
function receiptOf({ accepted = [], rejected = [] }: SentMessageInfo, where: string): string {
  const all = accepted.length + rejected.length
  return rejected.length === 0 ? `${where} 250` : `${where} 250, refused for ${rejected.length} of ${all} addresses`
}
