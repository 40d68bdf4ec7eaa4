import { say, type Sentence } from '../core/say.ts'
/**
 * Does a value look like a secret? What stands in stellwerk.yaml stands in the plan, the plan in the log, and the log for
 * ever (law L11), so this is asked before. It errs on the side of asking: whoever means it says `{ public: … }`.
 */

/** Names that say so by themselves, as their last words: `DB_PASSWORD`, `authToken`, `STRIPE_API_KEY`. */
const SECRET_NAME =
  /(^|_)(SECRETS?|TOKEN|PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|CREDENTIALS?|APIKEY|(API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION|MASTER|ACCOUNT|LICENSE|SERVICE)_KEY(_BASE)?|KEY_BASE|COOKIE_KEYS?|DSN)$/
/** What such a name is given without being a secret: a switch, a length of time, a file that holds it. */
const HARMLESS =
  /^(true|false|yes|no|on|off|none|null|required|optional|enabled|disabled|-?\d{1,6}(\.\d+)?\s?(ms|s|m|h|d|%)?|\.{0,2}\/[\w./-]+)$/i

/** What a header of a smoke check may hold. */
export const AUTHORIZATION = say`an authorization header`

/** Formats that nothing but a secret has. */
const SHAPES: readonly (readonly [what: Sentence, shape: RegExp])[] = [
  [say`a private key`, /-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|AGE-SECRET-KEY-1|PuTTY-User-Key-File/],
  [say`an address with a password`, /[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i],
  [
    say`a connection string with a password`,
    /(^|[\s;&?])(password|passwd|pwd|sharedaccesskey|accountkey)\s*=\s*[^\s;&]+/i,
  ],
  [say`an address with a token`, /[?&](token|access_token|api_?key|secret|sig|signature)=[^\s&]{6,}/i],
  [say`a token of GitHub`, /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/],
  [say`a token of GitLab`, /\bgl(pat|rt|dt|ptt)-[\w-]{16,}/],
  [say`a token of Slack`, /\bxox[abeoprs]-[\w-]{8,}|\bxapp-[\w-]{8,}/],
  [
    say`an address that lets anybody post`,
    /hooks\.slack\.com\/(services|workflows)\/|discord(app)?\.com\/api\/webhooks\/|\.webhook\.office\.com\//i,
  ],
  [say`a key of AWS`, /\b(AKIA|ASIA)[0-9A-Z]{16}\b/],
  [say`a key of Google`, /\bAIza[\w-]{30,}/],
  [say`a key of Stripe`, /\b[sr]k_(live|test)_\w{10,}|\bwhsec_\w{10,}/],
  [say`a key of an AI provider`, /\bsk-(ant-|proj-)?[\w-]{20,}/],
  [say`a token of Stellwerk`, /\bstw_[\w-]{20,}/],
  [say`a token of npm, PyPI or SendGrid`, /\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{20,}|\bSG\.[\w-]{16,}\.[\w-]{16,}/],
  [say`a signed token (JWT)`, /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/],
  [AUTHORIZATION, /^(basic|bearer)\s+[\w+/=.~-]{16,}$/i],
]

/** What kind of secret the text holds, whatever it is called; null when it has no shape of one. */
export function secretShape(text: string): Sentence | null {
  return SHAPES.find(([, shape]) => shape.test(text))?.[0] ?? null
}

/** Why the variable looks like a secret, as the end of a sentence: `its name says so`; null when it does not. */
export function whySecret(name: string, value: string): Sentence | null {
  if (value.trim() === '') return null
  const shape = secretShape(value)
  if (shape !== null) return say`it holds ${shape}`
  if (SECRET_NAME.test(upperSnake(name)) && !isHarmless(name, value)) return say`its name says that it is a secret`
  return isPublicByName(name) || !isRandom(value) ? null : say`its value looks random`
}

/** A number may be how long a token lives; as a password it is a bad one. */
function isHarmless(name: string, value: string): boolean {
  const isNumber = /^\d+$/.test(value)
  return HARMLESS.test(value) && !(isNumber && /(PASS|PWD|SECRET)/.test(upperSnake(name)))
}

/** `authToken`, `auth-token` → `AUTH_TOKEN`. */
function upperSnake(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase()
}

/** Random and known to everybody: hashes of commits and files, ids, public keys. */
function isPublicByName(name: string): boolean {
  return /(^|_)(SHA\d*|COMMIT|REVISION|DIGEST|CHECKSUM|HASH|ETAG|FINGERPRINT|PUBLIC|ID|UUID|GUID|INTEGRITY|SRI)(_|$)/.test(
    upperSnake(name),
  )
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A long word in which letters, digits and cases follow each other without rhyme or reason. */
function isRandom(value: string): boolean {
  if (/\s/.test(value) || UUID.test(value) || /^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return false
  if (/^[\w+/=-]{24,}$/.test(value) && /^[A-Za-z0-9+/]+={1,2}$/.test(value) && entropy(value) > 3.5) return true
  return value
    .split(/[-_./:,@=]/)
    .some((word) => word.length >= 16 && changes(word) >= word.length / 4 && entropy(word) > 3)
}

/** How often the next character is of another kind: digit, small or capital letter. */
function changes(word: string): number {
  const kinds = [...word].map((each) => (/\d/.test(each) ? 'digit' : /[a-z]/.test(each) ? 'small' : 'capital'))
  return kinds.filter((kind, index) => index > 0 && kind !== kinds[index - 1]).length
}

/** Bits per character, after Shannon. */
function entropy(text: string): number {
  const counts = Map.groupBy([...text], (each) => each)
  return [...counts.values()].reduce(
    (sum, { length }) => sum - (length / text.length) * Math.log2(length / text.length),
    0,
  )
}
