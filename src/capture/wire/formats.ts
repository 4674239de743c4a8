/** The wire formats, in one table: how a message of each is recognised and who reads it. */
import {readAnthropic} from './anthropic.ts'
import {readBedrock} from './bedrock.ts'
import {readCohere} from './cohere.ts'
import {asText, isObject} from './fields.ts'
import type {Fields} from './fields.ts'
import {readGemini} from './gemini.ts'
import {readOllama} from './ollama.ts'
import {readOpenAiChat} from './openai-chat.ts'
import {readOpenAiResponses} from './openai-responses.ts'
import type {Transcript} from './transcript.ts'

/** How a provider's API delivers a response; also the `source` of its blocks. */
export type WireFormat =
  | 'openai-responses'
  | 'openai-chat'
  | 'anthropic'
  | 'gemini'
  | 'bedrock'
  | 'cohere'
  | 'ollama'

/** Reads the messages of one response into a transcript. */
export interface FormatReader {
  /**
   * @param event the name that the message's frame gave it; empty where it has none
   * @param isPartial only the beginning of the message came: its last value may lack what follows
   */
  read(value: Fields, event: string, isPartial?: boolean): void
  /** The body has ended. */
  end?(): void
}

/** One row of the table. */
export interface FormatDescription {
  reader(transcript: Transcript): FormatReader
  /** Whether a message, the first of a stream or any other, is plainly of this format. */
  matches(value: Fields, event: string): boolean
  /** Models with open weights answer in it, whose thoughts may stand between tags. */
  hasTags: boolean
}

const ANTHROPIC_EVENT = /^(?:message_(?:start|delta|stop)|content_block_(?:start|delta|stop))$/
const BEDROCK_EVENT = /^(?:message(?:Start|Stop)|contentBlock(?:Start|Delta|Stop))$/
const COHERE_EVENT =
  /^(?:message-(?:start|end)|content-(?:start|delta|end)|tool-(?:plan-delta|call-(?:start|delta|end)))$/

const isCohereMessage = (value: Fields): boolean =>
  isObject(value['message']) &&
  'finish_reason' in value &&
  value['choices'] === undefined &&
  value['done'] === undefined

/** In the order in which they are tried. */
export const FORMATS: Readonly<Record<WireFormat, FormatDescription>> = {
  'openai-chat': {
    reader: readOpenAiChat,
    matches: (value) => Array.isArray(value['choices']),
    hasTags: true,
  },
  'openai-responses': {
    reader: readOpenAiResponses,
    matches: (value, event) =>
      value['object'] === 'response' ||
      (asText(value['type']) || event).startsWith('response.') ||
      (Array.isArray(value['output']) && typeof value['status'] === 'string'),
    hasTags: true,
  },
  anthropic: {
    reader: readAnthropic,
    matches: (value) =>
      ANTHROPIC_EVENT.test(asText(value['type'])) ||
      (value['type'] === 'message' && Array.isArray(value['content'])),
    hasTags: false,
  },
  gemini: {
    reader: readGemini,
    matches: (value) => {
      const response = isObject(value['response']) ? value['response'] : value
      return (
        Array.isArray(response['candidates']) ||
        isObject(response['usageMetadata']) ||
        isObject(response['promptFeedback'])
      )
    },
    hasTags: false,
  },
  bedrock: {
    reader: readBedrock,
    matches: (value, event) =>
      BEDROCK_EVENT.test(event) ||
      (isObject(value['output']) &&
        isObject(value['output']['message']) &&
        typeof value['stopReason'] === 'string') ||
      Object.keys(value).some((key) => BEDROCK_EVENT.test(key) && isObject(value[key])),
    hasTags: true,
  },
  cohere: {
    reader: readCohere,
    matches: (value) => COHERE_EVENT.test(asText(value['type'])) || isCohereMessage(value),
    hasTags: false,
  },
  ollama: {
    reader: readOllama,
    matches: (value) =>
      typeof value['done'] === 'boolean' &&
      (isObject(value['message']) || typeof value['response'] === 'string'),
    hasTags: true,
  },
}

export const WIRE_FORMATS = Object.keys(FORMATS) as readonly WireFormat[]

/** The format that a message is plainly of. */
export const formatOf = (value: Fields, event: string): WireFormat | undefined =>
  WIRE_FORMATS.find((format) => FORMATS[format].matches(value, event))
