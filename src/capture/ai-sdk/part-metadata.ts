/** What a part's provider metadata says of reasoning that the part itself does not show. */
import {reasoningFields} from '../reasoning-part.ts'
import type {Visibility} from '../../model.ts'
import {isObject} from '../wire/fields.ts'

export interface PartMetadata {
  /** What stands in the place of text: `redacted` or `encrypted` content. */
  withheld: Visibility | undefined
  /** There is a signature, which only reasoning leaves behind. */
  signed: boolean
}

const NOTHING: PartMetadata = Object.freeze({withheld: undefined, signed: false})

/** @param metadata `providerMetadata` of a part: an object of one object a provider */
export function readPartMetadata(metadata: unknown): PartMetadata {
  if (!isObject(metadata)) return NOTHING
  let withheld: Visibility | undefined
  let signed = false
  for (const holder of Object.values(metadata)) {
    if (!isObject(holder)) continue
    if (typeof holder['signature'] === 'string' && holder['signature'] !== '') signed = true
    for (const field of reasoningFields(holder)) {
      if (field.kind !== 'opaque') continue
      if (field.visibility === undefined) signed = true
      else withheld ??= field.visibility
    }
  }
  return {withheld, signed}
}
