/** What it means that a mail was not taken. Answers of a mail server name addresses, so only their codes are told. */
import { failure, type Failure } from '../../../ports/result.ts'

/** Of nodemailer's errors, what is looked at. */
type SmtpError = Error & {
  readonly code?: string
  /** What the system or TLS called it: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly originalCode?: string
  readonly responseCode?: number
  readonly response?: string
  readonly timeoutType?: string
}

/** Before anything was said. */
const NOT_SENT = ['EDNS', 'ETLS', 'EREQUIRETLS']
const NO_CONNECTION = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH)$|CERT|TLS|SSL|SIGNATURE/
/** Found before anything was sent, and the same whenever it is tried. */
const NEVER = ['EENVELOPE', 'EMESSAGE', 'EAUTH', 'ENOAUTH', 'ECONFIG']

export function failureOf(error: SmtpError, where: string): Failure {
  const { code = '', responseCode, response = '' } = error
  if (code === 'ETLS' && responseCode !== undefined) {
    return failure('permanent', `${where} offers no TLS (STARTTLS), so it was told nothing`)
  }
  if (responseCode !== undefined) {
    const detail = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(response)?.[1]
    const what = code === 'EAUTH' ? 'the user or the password' : 'the message'
    const answer = [responseCode, ...(detail ? [detail] : [])].join(' ')
    return failure(responseCode < 500 ? 'transient' : 'permanent', `${where} refused ${what} with ${answer}`)
  }
  if (NEVER.includes(code)) return failure('permanent', `${where} cannot be sent the message: ${error.message}`)
  if (isBeforeSending(error)) return failure('transient', `${where} cannot be reached: ${reasonOf(error)}`)
  return failure('unknown', `${where} did not say whether it took the message: ${reasonOf(error)}`)
}

function isBeforeSending({ code = '', originalCode = '', timeoutType }: SmtpError): boolean {
  const isEarly = timeoutType !== undefined && timeoutType !== 'SOCKET_TIMEOUT'
  return NOT_SENT.includes(code) || isEarly || NO_CONNECTION.test(originalCode)
}

function reasonOf({ message, code }: SmtpError): string {
  return message === '' ? (code ?? 'no reason given') : message
}
