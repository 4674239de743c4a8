/**
 * Keys that no dialect knows: read where the key's name or the JSON under it plainly says that it is
 * reasoning. Request-side keys, settings, ids and counts are never taken for text.
 */
import {isSettingWord} from '../reasoning-part.ts'
import {hasStrongHint, mayBeStructured} from '../structured.ts'
import {IGNORED, NAMED_THOUGHT, ofAny} from './dialect.ts'
import type {Dialect, Role} from './dialect.ts'

/** Namespaces of the general conventions: whatever text stands there is not a model's output. */
const GENERAL =
  /^(?:http|url|net|network|server|client|db|rpc|messaging|code|thread|process|host|exception|error|faas|cloud|k8s|os|telemetry|service|aws\.(?:request|ecs|eks|lambda|log|s3|dynamodb|sns|sqs)|user_agent|graphql|peer|session|user|enduser|deployment|container|otel|event|feature_flag|file|tls|dns|log|browser|device|geo|source|destination|system|next|express|fastify|koa|nest|aspnetcore|signalr|vcs|cicd|test)(?:[._]|$)/

/** Segments that say that what stands under the key went in, or is no text. */
const NOT_OUTPUT =
  /(?:^|[._\-/:])(?:input|inputs|prompt|prompts|request|requests|query|question|argument|arguments|args|param|params|parameter|parameters|invocation_parameters|config|configuration|setting|settings|option|options|instruction|instructions|system|history|context|ctx|memory|tool|tools|schema|metadata|header|headers|effort|budget|level|token|tokens|count|id|ids|enabled|supported|mode|type|cost|price|duration|latency|time|signature|hash|length|status|format|version|name|index|role)(?:[._\-/:]|$)/i

/** Last segments that mean reasoning by themselves. */
const REASONING_TAIL =
  /(?:^|[._\-/:])(?:(?:model_)?(?:reasoning|thinking)(?:[._-]?(?:content|text|summary|details|output|trace|message|messages|blocks?|process|steps?|value))?|reasoningContent|reasoningText|reasoningSummary|thinkingContent|thinkingText|chain[._-]?of[._-]?thought|internal_monologue|redacted_thinking)$/

/** Words that people's own data is also named by: only in spans that show a model or an agent. */
const WEAK_TAIL = /(?:^|[._\-/:])thoughts?(?:[._-]?(?:content|text|process|summary))?$/

/** A text under a reasoning key is prose: several words, or a script that is written without spaces. */
const PROSE = /\S\s+\S|[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{4}/

/** The same, where the last segment says that it is what came out: tags may lead plain text, too. */
const SUSPECT_ANSWER: Role = ofAny('output', 9)
const ANSWER_TAIL =
  /(?:^|[._\-/:])(?:output|outputs|response|completion|answer|reply|result|generation|content|text)$/
const LEADING_TAG = /^\s{0,8}<think(?:ing)?>/

/** In structured text only: a model's answer, that somebody serialised. */
const THINK_TAG = /<think(?:ing)?>/

/** See `WEAK_TAIL`. */
export const WEAK_THOUGHT: Role = ofAny('thought', 10)
/** Read only when the value itself shows reasoning; see `isTelling`. */
const SUSPECT: Role = ofAny('output', 9)

/** Whether the value under a key that nobody knows is reasoning or holds some. */
export function isTelling(role: Role, value: unknown): boolean {
  if (typeof value === 'string') {
    if (role.as === 'thought') {
      if (isSettingWord(value)) return false
      return PROSE.test(value) || hasStrongHint(value)
    }
    if (role === SUSPECT_ANSWER && LEADING_TAG.test(value)) return true
    // What is too short for a part with a text is not searched.
    if (value.length < 24) return false
    return mayBeStructured(value) && (hasStrongHint(value) || THINK_TAG.test(value))
  }
  if (Array.isArray(value)) {
    return value.some((item: unknown) => isTelling(role, item))
  }
  return typeof value === 'object' && value !== null
}

export const unknown: Dialect = {
  name: 'unknown',
  role(key) {
    if (key.length > 200 || GENERAL.test(key) || NOT_OUTPUT.test(key)) return IGNORED
    if (WEAK_TAIL.test(key)) return WEAK_THOUGHT
    if (REASONING_TAIL.test(key)) return NAMED_THOUGHT
    return ANSWER_TAIL.test(key) ? SUSPECT_ANSWER : SUSPECT
  },
}
