/** API keys, access tokens, passwords and private keys. */
import type {Detector, Found, Subject} from './subject.ts'

/**
 * Keys that say by their prefix what they are. Nothing follows a repetition that could fail, so
 * each costs no more than its own length.
 */
const PREFIXED = new RegExp(
  `(?<![A-Za-z0-9])(?:${[
    'sk-[\\w-]{9,}', // OpenAI, Anthropic, OpenRouter, Langfuse
    'pk-lf-[\\w-]{9,}',
    '[spr]k_(?:live|test)_\\w{8,}', // Stripe
    'whsec_\\w{12,}',
    'gh[oprsu]_\\w{16,}', // GitHub
    'github_pat_\\w{16,}',
    'gl(?:pat|ptt|dt|rt)-[\\w-]{12,}', // GitLab
    '(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ABIA|ACCA)[A-Z0-9]{12,}', // AWS
    'xox[abeoprs]-[\\w-]{8,}', // Slack
    'xapp-[\\w-]{8,}',
    'AIza[\\w-]{20,}', // Google
    'ya29\\.[\\w.-]{12,}',
    'GOCSPX-[\\w-]{12,}',
    'hf_[A-Za-z0-9]{16,}', // Hugging Face
    'npm_[A-Za-z0-9]{20,}',
    'pypi-[\\w-]{16,}',
    'SG\\.[\\w-]{12,}(?:\\.[\\w-]*)?', // SendGrid
    'gsk_\\w{16,}', // Groq
    'xai-\\w{16,}',
    'pplx-\\w{16,}',
    'r8_\\w{16,}', // Replicate
    'tvly-[\\w-]{12,}', // Tavily
    'dop_v1_\\w{16,}', // DigitalOcean
    'dapi[0-9a-f]{32}', // Databricks
    'shp(?:at|ca|pa|ss)_\\w{16,}', // Shopify
    'lin_api_\\w{16,}', // Linear
    'ntn_\\w{16,}', // Notion
    'sb(?:p|_secret|_publishable)_[\\w-]{16,}', // Supabase
    'hv[brs]\\.[\\w-]{16,}', // Vault
    'AGE-SECRET-KEY-\\w{16,}',
    'key-[0-9a-f]{32}', // Mailgun
    '(?:SK|AC)[0-9a-f]{32}', // Twilio
  ].join('|')})`,
  'g',
)

/** `Authorization: Bearer …`. */
const SCHEME = /\b(?:bearer|basic|digest)[ \t]{1,4}([\w.~+/=-]{8,})/gi

/** A name, a sign of assignment, a value: in code, JSON, YAML, headers, shell and prose. */
const ASSIGNED =
  /(api[_ -]?key|api[_-]?token|access[_-]?key|access[_-]?token|auth[_-]?token|refresh[_-]?token|session[_-]?token|secret|account[_-]?key|private[_-]?key|credential|token|password|passphrase|passwd|pwd)(?:[_ -](?:id|key|access[_-]?key|value))?["'\\]{0,4}\s{0,3}(?:=>|[:=]|\bis\b)\s{0,3}["'\\`]{0,4}(?:bearer\s{1,3})?([^\s"'\\,;`<>()[\]{}]{4,})/gi

/** `postgres://user:password@host`. */
const URL_PASSWORD = /:\/\/[^\s/:@"'<>\\]{0,128}:([^\s/@"'<>\\]{1,256})@/g

const PEM_BEGIN = '-----BEGIN '
const PEM_END = '-----END'
/** The longest private key in use (RSA 16384) has 13 KB. */
const MAX_PEM_LENGTH = 16_384
/** What stands in the body of a key that was cut off, escapes included. */
const PEM_BODY = /[A-Za-z0-9+/=\s\\:,-]*/y

/** Values that say that there is no value. */
const NO_VALUE =
  /^(?:[*•.x_-]+|null|none|nil|true|false|undefined|required|optional|string|redacted|missing|empty|\$.*|%.*|\[.*)$/i

/** Whether a value has what words of prose and code have not: digits among letters, or mixed case. */
function looksRandom(value: string): boolean {
  if (/\d/.test(value)) return /[A-Za-z]/.test(value)
  return /[A-Z]{2}/.test(value) && (value.match(/[a-z][A-Z]/g)?.length ?? 0) > 1
}

function isSecretValue(name: string, assignment: string, value: string): boolean {
  if (NO_VALUE.test(value)) return false
  if (!/^pass|^pwd/i.test(name)) return value.length >= 8 && looksRandom(value)
  // People choose words as passwords: assigned or in quotes any will do, in prose what is no word.
  return /[='"]/.test(assignment) || /[\d!$%&*+?@^_~#]/.test(value)
}

function findPrefixed(subject: Subject, found: Found): void {
  for (const run of subject.tokenRuns()) {
    // The character in front, so that the pattern sees that a word begins here.
    const offset = Math.max(0, run.start - 1)
    for (const match of subject.text.slice(offset, run.end).matchAll(PREFIXED)) {
      // `sk-learn-contrib` is a package.
      if (match[0].startsWith('sk-') && !/\d/.test(match[0])) continue
      found(offset + match.index, offset + match.index + match[0].length)
    }
  }
}

function findAssigned(text: string, found: Found): void {
  for (const match of text.matchAll(ASSIGNED)) {
    const [whole, name = '', value = ''] = match
    const end = match.index + whole.length
    // A full stop behind the value is the sentence's.
    let length = value.length
    while (length > 0 && '.!?:'.includes(value[length - 1] ?? ' ')) length--
    const assignment = whole.slice(name.length, whole.length - value.length)
    const start = end - value.length
    if (isSecretValue(name, assignment, value.slice(0, length))) found(start, start + length)
  }
}

function findGroup(
  text: string,
  pattern: RegExp,
  accepts: (value: string) => boolean,
  found: Found,
): void {
  for (const match of text.matchAll(pattern)) {
    const value = match[1] ?? ''
    if (!accepts(value)) continue
    const start = match.index + match[0].lastIndexOf(value)
    found(start, start + value.length)
  }
}

function findPem(text: string, found: Found): void {
  let end = -1
  for (let start = text.indexOf(PEM_BEGIN); start >= 0;) {
    const label = text.slice(start + PEM_BEGIN.length, start + PEM_BEGIN.length + 40)
    let next = start + PEM_BEGIN.length
    if (/^[A-Z0-9 ]{0,20}PRIVATE KEY/.test(label)) {
      if (end < start && end !== text.length) {
        end = text.indexOf(PEM_END, start)
        if (end < 0) end = text.length
      }
      if (end < text.length && end - start <= MAX_PEM_LENGTH) {
        const close = text.indexOf('-----', end + PEM_END.length)
        next = close >= 0 && close - end < 60 ? close + 5 : end + PEM_END.length
      } else {
        PEM_BODY.lastIndex = start
        next = start + (PEM_BODY.exec(text)?.[0].length ?? PEM_BEGIN.length)
      }
      found(start, next)
    }
    start = text.indexOf(PEM_BEGIN, next)
  }
}

/** Keys by prefix, by the name they are assigned to, in headers, in URLs, and in PEM. */
export const key: Detector = {
  name: 'key',
  label: '[KEY]',
  find(subject, found) {
    const {text} = subject
    findPrefixed(subject, found)
    findGroup(text, SCHEME, looksRandom, found)
    findAssigned(text, found)
    if (text.includes('://')) findGroup(text, URL_PASSWORD, () => true, found)
    if (text.includes(PEM_BEGIN)) findPem(text, found)
  },
}
