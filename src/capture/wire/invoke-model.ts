/** Bedrock's InvokeModel streams the model's own events, each as base64 in a frame named `chunk`. */
import {asText} from './fields.ts'
import type {Fields} from './fields.ts'

/** The message inside, as text; `undefined` where there is none. */
export function invokedMessage(value: Fields): string | undefined {
  const encoded = asText(value['bytes'])
  if (encoded === '') return undefined
  try {
    const binary = atob(encoded)
    const bytes = new Uint8Array(binary.length)
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at)
    return new TextDecoder().decode(bytes)
  } catch {
    return undefined
  }
}
