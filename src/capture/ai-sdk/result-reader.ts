/**
 * Reads what a language model of the AI SDK gave, whole (`doGenerate`) or as the parts of a stream
 * (`doStream`), of the specifications V2, V3 and V4. Pure: values in, a captured call out.
 */
import type {HrTime} from '@opentelemetry/api'
import {tokenCount} from '../usage.ts'
import {textVisibility} from '../visibility.ts'
import {asJson, asList, asObject, asText, isObject} from '../wire/fields.ts'
import type {Fields} from '../wire/fields.ts'
import {makeLimits, type WireLimits} from '../wire/limits.ts'
import {asName, asToken, noteIdentity} from '../wire/message-facts.ts'
import {type AnyEntry, createTranscript, type ReasoningEntry} from '../wire/transcript.ts'
import {buildCall, type WireCall} from '../wire/wire-call.ts'
import {readPartMetadata} from './part-metadata.ts'
import {providerName} from './provider-name.ts'
import type {ModelRequest} from './shapes.ts'

export interface ResultReader {
  /** A part of a stream, and when it came. */
  part(part: unknown, time: HrTime): void
  /** What `doGenerate` gave. */
  result(result: Fields): void
  /** Whether the model has said that this was all. */
  isEnded(): boolean
  /** @param isFinal nothing will follow: what has not ended was cut */
  call(isFinal: boolean): WireCall
}

/** Providers whose answers never hold thoughts between tags. */
const WITHOUT_TAGS = /anthropic|google|cohere/i

/** The kind of an error, never its message, which may quote content. */
export function errorTypeOf(error: unknown): string {
  if (!isObject(error)) return 'error'
  const status = error['statusCode']
  if (typeof status === 'number') return String(status)
  const name = asText(error['name']) || asText(error['code']) || asText(error['type'])
  return /^\w{1,64}$/.test(name) ? name : 'error'
}

/** V2 gives the unified reason, later ones that and the provider's own. */
function finishReasonOf(reason: unknown): string {
  if (!isObject(reason)) return asToken(reason)
  const unified = asToken(reason['unified'])
  const says = unified !== '' && unified !== 'other' && unified !== 'unknown'
  return says ? unified : asToken(reason['raw']) || unified
}

export function createResultReader(
  {provider, modelId}: ModelRequest,
  limits: Partial<WireLimits> | undefined,
): ResultReader {
  const transcript = createTranscript(makeLimits(limits))
  const {facts} = transcript
  // Ids of a stream are given again once their part has ended.
  const openParts = new Map<string, AnyEntry>()
  // The Responses API hands out summaries, whatever the deployment is called.
  const visibility = /responses/i.test(provider ?? '')
    ? textVisibility({provider, model: modelId}, true)
    : undefined
  let group = 0
  let isBroken = false

  const noteMetadata = (entry: ReasoningEntry, part: Fields): void => {
    if (part['providerMetadata'] === undefined) return
    const {withheld, signed} = readPartMetadata(part['providerMetadata'])
    if (withheld !== undefined) entry.opaque = withheld
    else if (signed) entry.opaque ??= 'encrypted'
  }

  /** Of a part that is no reasoning: Gemini signs the answer with what it thought. */
  const noteProof = (part: Fields): void => {
    if (part['providerMetadata'] !== undefined && readPartMetadata(part['providerMetadata']).signed)
      facts.hasProof = true
  }

  const openReasoning = (): ReasoningEntry =>
    transcript.openReasoning(0, {visibility, group: group++})

  const closeReasoning = (entry: ReasoningEntry): void => {
    if (isBroken) return
    entry.open = false
    if (entry.text === '') entry.opaque ??= 'hidden'
  }

  const readCall = (part: Fields): void => {
    const name = asName(part['toolName'])
    if (name === '') return
    const id = asName(part['toolCallId'])
    const known = openParts.get(`call ${id}`)
    openParts.delete(`call ${id}`)
    const entry = known ?? transcript.openTool(0, id, name)
    transcript.settle(entry, asJson(part['input']))
    noteProof(part)
  }

  const noteUsage = (usage: unknown): void => {
    if (!isObject(usage)) return
    const {inputTokens, outputTokens} = usage
    facts.inputTokens = tokenCount(inputTokens) ?? tokenCount(asObject(inputTokens)['total'])
    facts.outputTokens = tokenCount(outputTokens) ?? tokenCount(asObject(outputTokens)['total'])
    facts.reasoningTokens =
      tokenCount(usage['reasoningTokens']) ?? tokenCount(asObject(outputTokens)['reasoning'])
  }

  const finish = (fields: Fields): void => {
    noteUsage(fields['usage'])
    const reason = finishReasonOf(fields['finishReason'])
    if (isBroken || reason === 'error') {
      facts.incomplete = true
      return
    }
    if (reason !== '') transcript.finish(0, reason)
    facts.ended = true
  }

  return {
    isEnded: () => facts.ended,
    part(part, time) {
      if (!isObject(part)) return
      facts.time = time
      const key = `${asText(part['type']).split('-', 1)[0]} ${asText(part['id'])}`
      switch (part['type']) {
        case 'reasoning-start':
        case 'reasoning-delta':
        case 'reasoning-end': {
          const known = openParts.get(key)
          const entry = known?.type === 'reasoning' ? known : openReasoning()
          openParts.set(key, entry)
          noteMetadata(entry, part)
          transcript.append(entry, asText(part['delta']))
          if (part['type'] !== 'reasoning-end') break
          openParts.delete(key)
          closeReasoning(entry)
          break
        }
        case 'text-delta': {
          const text = asText(part['delta'])
          if (text === '') break
          const known = openParts.get(key)
          const entry = known?.type === 'text' ? known : transcript.openText(0)
          openParts.set(key, entry)
          transcript.append(entry, text)
          noteProof(part)
          break
        }
        case 'text-end':
          openParts.delete(key)
          noteProof(part)
          break
        case 'tool-input-start': {
          const name = asName(part['toolName'])
          if (name === '') break
          const id = asName(part['id'])
          openParts.set(`call ${id}`, transcript.openTool(0, id, name))
          break
        }
        case 'tool-input-delta': {
          const entry = openParts.get(`call ${asName(part['id'])}`)
          if (entry !== undefined) transcript.append(entry, asText(part['delta']))
          break
        }
        case 'tool-call':
          readCall(part)
          break
        case 'response-metadata':
          noteIdentity(facts, part['modelId'], part['id'])
          break
        case 'error':
          isBroken = true
          facts.incomplete = true
          if (facts.errorType === '') facts.errorType = errorTypeOf(part['error'])
          break
        case 'finish':
          finish(part)
          break
        default:
      }
    },
    result(result) {
      for (const part of asList(result['content'])) {
        if (!isObject(part)) continue
        if (part['type'] === 'reasoning') {
          const entry = openReasoning()
          transcript.append(entry, asText(part['text']))
          noteMetadata(entry, part)
          closeReasoning(entry)
        } else if (part['type'] === 'text') {
          transcript.append(transcript.openText(0), asText(part['text']))
          noteProof(part)
        } else if (part['type'] === 'tool-call') readCall(part)
      }
      const response = asObject(result['response'])
      noteIdentity(facts, response['modelId'], response['id'])
      finish(result)
    },
    call: (isFinal) =>
      buildCall(
        transcript,
        {
          format: 'ai-sdk',
          recognised: true,
          hasTags: !WITHOUT_TAGS.test(provider ?? ''),
          requestModel: modelId,
          provider: providerName(provider),
        },
        isFinal,
      ),
  }
}
