/** Labels by a model behind the OpenAI Chat Completions API: hosted, or on this machine. */
import type {KindClassifier, KindLabel} from '../model.ts'
import {INSTRUCTIONS} from './instructions.ts'
import {LabelCache} from './label-cache.ts'
import {readLabels} from './read-labels.ts'

/** @public */
export interface OpenAiCompatibleOptions {
  /** Up to and without `/chat/completions`: `http://localhost:11434/v1`. */
  baseUrl: string
  model: string
  /** Sent as a bearer token. @defaultValue none */
  apiKey?: string | undefined
  /** Sentences a request, 1 to 200. @defaultValue 40 */
  batchSize?: number | undefined
  /** Sentences before a batch that are shown with it. @defaultValue 3 */
  contextSize?: number | undefined
  /**
   * Milliseconds for all requests of one block; a processor waits no longer than its own
   * `maxHoldMillis`. @defaultValue 900
   */
  timeoutMillis?: number | undefined
  /** Requests at once; over it others wait, within their time. @defaultValue 4 */
  maxConcurrency?: number | undefined
  /** Batches whose labels are remembered; 0 for none. @defaultValue 1000 */
  cacheEntries?: number | undefined
  /** Further members of the request's body: `{reasoning_effort: 'low'}`. @defaultValue none */
  body?: Readonly<Record<string, unknown>> | undefined
  /** @defaultValue the global one */
  fetch?: typeof fetch | undefined
}

const KNOWN: Readonly<Record<keyof OpenAiCompatibleOptions, true>> = {
  baseUrl: true,
  model: true,
  apiKey: true,
  batchSize: true,
  contextSize: true,
  timeoutMillis: true,
  maxConcurrency: true,
  cacheEntries: true,
  body: true,
  fetch: true,
}

const OWNER = 'openAiCompatible'

function fail(message: string): never {
  throw new TypeError(`${OWNER}: ${message}`)
}

function integer(
  name: keyof OpenAiCompatibleOptions,
  value: unknown,
  fallback: number,
  [min, max]: readonly [number, number],
): number {
  if (value === undefined) return fallback
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) {
    return value as number
  }
  return fail(
    `expected \`${name}\` to be a whole number from ${min} to ${max}, got \`${String(value)}\``,
  )
}

function endpointOf(baseUrl: unknown): string {
  if (typeof baseUrl !== 'string' || !URL.canParse(baseUrl)) {
    return fail(
      `expected \`baseUrl\` to be an address such as http://localhost:11434/v1, got \`${String(baseUrl)}\``,
    )
  }
  return `${baseUrl.replace(/\/{1,8}$/, '')}/chat/completions`
}

/** At most so many at once; the others in their order. */
function createGate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = width
  const waiting: (() => void)[] = []
  const enter = (): Promise<void> => {
    if (free > 0) {
      free -= 1
      return Promise.resolve()
    }
    return new Promise((resolve) => waiting.push(resolve))
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  return async (work) => {
    await enter()
    try {
      return await work()
    } finally {
      leave()
    }
  }
}

/**
 * Makes a classifier that asks a model. Sentences go in batches, a few at once, with the sentences
 * before them as context; batches that were labelled before are remembered. Whatever fails (an
 * error status, an answer that is not one label a sentence, the time limit) fails the block's
 * labels: the built-in classifier then labels in their place.
 *
 * The text leaves the process: only what the content policy keeps, masked where it masks. Under
 * `hash`, `length` and `drop` nothing is sent. How sure a model says it is, is not calibrated.
 *
 * @throws TypeError on wrong options
 * @public
 */
export function openAiCompatible(options: Readonly<OpenAiCompatibleOptions>): KindClassifier {
  if (typeof options !== 'object' || options === null) fail('expected an options object')
  for (const name of Object.keys(options)) {
    if (!(name in KNOWN)) {
      fail(`unknown option \`${name}\`; the options are ${Object.keys(KNOWN).join(', ')}`)
    }
  }
  const {model, apiKey, body} = options
  const endpoint = endpointOf(options.baseUrl)
  if (typeof model !== 'string' || model === '') {
    fail(`expected \`model\` to be a model's name, got \`${String(model)}\``)
  }
  if (options.fetch !== undefined && typeof options.fetch !== 'function') {
    fail(`expected \`fetch\` to be a function, got \`${typeof options.fetch}\``)
  }
  const batchSize = integer('batchSize', options.batchSize, 40, [1, 200])
  const contextSize = integer('contextSize', options.contextSize, 3, [0, 50])
  const timeoutMillis = integer('timeoutMillis', options.timeoutMillis, 900, [1, 3_600_000])
  const gate = createGate(integer('maxConcurrency', options.maxConcurrency, 4, [1, 64]))
  const cache = new LabelCache(integer('cacheEntries', options.cacheEntries, 1000, [0, 1_000_000]))

  async function ask(
    sentences: readonly string[],
    before: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly KindLabel[]> {
    const shown = JSON.stringify({before, sentences})
    const known = cache.get(shown)
    if (known !== undefined) return known
    signal.throwIfAborted()
    const send = options.fetch ?? globalThis.fetch
    const response = await send(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : {authorization: `Bearer ${apiKey}`}),
      },
      body: JSON.stringify({
        model,
        messages: [
          {role: 'system', content: INSTRUCTIONS},
          {role: 'user', content: shown},
        ],
        temperature: 0,
        response_format: {type: 'json_object'},
        ...body,
      }),
      signal,
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`the model's server answered with status ${response.status}`)
    }
    const answer = (await response.json()) as {choices?: {message?: {content?: unknown}}[]}
    const labels = readLabels(answer?.choices?.[0]?.message?.content, sentences.length)
    if (labels === undefined) throw new Error('the model did not give one label a sentence')
    cache.set(shown, labels)
    return labels
  }

  return (sentences, {policy = 'keep'}) => {
    if (policy !== 'keep' && policy !== 'mask') return undefined
    const limit = new AbortController()
    const timer = setTimeout(
      () => limit.abort(new Error(`no labels within ${timeoutMillis} ms`)),
      timeoutMillis,
    )
    // A timer must not keep the application alive.
    if (typeof timer === 'object') (timer as {unref?: () => void}).unref?.()
    const batches: Promise<readonly KindLabel[]>[] = []
    for (let from = 0; from < sentences.length; from += batchSize) {
      const batch = sentences.slice(from, from + batchSize)
      const before = sentences.slice(Math.max(from - contextSize, 0), from)
      batches.push(gate(() => ask(batch, before, limit.signal)))
    }
    return Promise.all(batches)
      .then((labels) => labels.flat())
      .finally(() => {
        clearTimeout(timer)
        // One batch that failed makes the others useless.
        limit.abort()
      })
  }
}
