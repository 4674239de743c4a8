/**
 * Responses that real providers sent. They are not part of the project: tests read them from the
 * folder beside it and say plainly when it is absent.
 */
import {existsSync, readFileSync} from 'node:fs'
import {gunzipSync} from 'node:zlib'
import type {WireFormat} from '../../../src/capture/wire/index.ts'

const FILE = new URL('../../../../shared/corpora/recordings/recordings.jsonl.gz', import.meta.url)

/** Why the tests over recordings are skipped; `undefined` where they can run. */
export const MISSING: string | undefined = existsSync(FILE)
  ? undefined
  : 'no recordings at ../shared/corpora/recordings: they are kept outside of the project'

export interface Recording {
  id: string
  format: WireFormat
  url: string
  contentType: string
  stream: boolean
  requestBody: string
  body: Uint8Array
  expected: {
    blocks: readonly {visibility: string; text: string}[]
    tool_calls: readonly {id: string | null; name: string}[]
    answer: string
    reasoning_tokens: number | null
    model: string | null
    finish_reason: string | null
  }
}

interface Line {
  id: string
  format: WireFormat
  host: string
  path: string
  stream: boolean
  content_type: string
  request: unknown
  body?: string
  body_base64?: string
  expected: Recording['expected']
}

export function readRecordings(): Recording[] {
  const lines = gunzipSync(readFileSync(FILE)).toString('utf8').split('\n')
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const {id, format, host, path, stream, request, expected, ...rest} = JSON.parse(line) as Line
      const body =
        rest.body_base64 === undefined
          ? Buffer.from(rest.body ?? '', 'utf8')
          : Buffer.from(rest.body_base64, 'base64')
      return {
        id,
        format,
        url: `https://${host}${path}`,
        contentType: rest.content_type,
        stream,
        requestBody: typeof request === 'string' ? request : JSON.stringify(request),
        body: new Uint8Array(body),
        expected,
      }
    })
}
