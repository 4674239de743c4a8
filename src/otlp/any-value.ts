/** OTLP's `AnyValue` and `KeyValue` to plain JavaScript values and back. */
import type {Attributes} from '@opentelemetry/api'
import type {OtlpAnyValue, OtlpKeyValue} from './wire-types.ts'

/**
 * How deep lists and maps may lie in each other, in levels. Protobuf readers give up at about the
 * same depth. What is deeper is taken out as a whole (`tooDeep`), so that no text can hide below.
 */
export const MAX_VALUE_DEPTH = 64

const INTEGER = /^[+-]?\d{1,20}$/

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Sets an own property even under the one name for which assignment means something else. */
const setOwn = (target: Record<string, unknown>, key: string, value: unknown): void => {
  if (key === '__proto__') {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
  } else {
    target[key] = value
  }
}

const intFromOtlp = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  return typeof value === 'string' && INTEGER.test(value) ? Number(value) : undefined
}

const doubleFromOtlp = (value: unknown): number | undefined => {
  if (typeof value === 'number') return value
  // The JSON mapping of protobuf writes NaN, Infinity and -Infinity as strings.
  if (typeof value !== 'string' || value === '') return undefined
  const number = Number(value)
  return Number.isNaN(number) && value !== 'NaN' ? undefined : number
}

const bytesFromBase64 = (text: string): Uint8Array => {
  const bytes = Buffer.from(text, 'base64')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Whether lists and maps lie deeper in each other than `MAX_VALUE_DEPTH`. */
export const tooDeep = (value: unknown, depth = 0): boolean => {
  if (!isRecord(value)) return false
  const list = value['arrayValue'] ?? value['kvlistValue']
  if (!isRecord(list) || !Array.isArray(list['values'])) return false
  if (depth >= MAX_VALUE_DEPTH) return true
  const isMap = value['kvlistValue'] !== undefined && value['arrayValue'] === undefined
  return list['values'].some((item) =>
    tooDeep(isMap && isRecord(item) ? item['value'] : item, depth + 1),
  )
}

/**
 * A plain value: string, boolean, number (integers beyond 2^53 lose digits), array, object, bytes.
 * Gives `undefined` for an empty or unreadable value.
 */
export const valueFromOtlp = (value: unknown, depth = 0): unknown => {
  if (!isRecord(value) || depth > MAX_VALUE_DEPTH) return undefined
  const {stringValue, boolValue, arrayValue, kvlistValue, bytesValue} = value
  if (typeof stringValue === 'string') return stringValue
  if (typeof boolValue === 'boolean') return boolValue
  if (value['intValue'] !== undefined) return intFromOtlp(value['intValue'])
  if (value['doubleValue'] !== undefined) return doubleFromOtlp(value['doubleValue'])
  if (isRecord(arrayValue)) {
    const values = Array.isArray(arrayValue['values']) ? arrayValue['values'] : []
    return values.map((item) => valueFromOtlp(item, depth + 1) ?? null)
  }
  if (isRecord(kvlistValue)) return keyValuesFromOtlp(kvlistValue['values'], depth + 1)
  if (typeof bytesValue === 'string') return bytesFromBase64(bytesValue)
  return undefined
}

const keyValuesFromOtlp = (list: unknown, depth: number): Record<string, unknown> => {
  const values: Record<string, unknown> = {}
  if (!Array.isArray(list)) return values
  for (const entry of list) {
    if (!isRecord(entry) || typeof entry['key'] !== 'string') continue
    const value = valueFromOtlp(entry['value'], depth)
    if (value !== undefined) setOwn(values, entry['key'], value)
  }
  return values
}

/** Attributes by key. Where a key stands twice, which OTLP forbids, the last one counts. */
export const attributesFromOtlp = (list: unknown): Attributes =>
  // Structured values are legal in OTLP and not in the API's type; readers here expect anything.
  keyValuesFromOtlp(list, 0) as Attributes

const numberToOtlp = (value: number): OtlpAnyValue => {
  if (Object.is(value, -0)) return {doubleValue: '-0'}
  if (Number.isSafeInteger(value)) return {intValue: String(value)}
  // JSON has no NaN, no infinity and loses the sign of -0: protobuf's mapping takes strings for them.
  return {doubleValue: Number.isFinite(value) ? value : String(value)}
}

/** Encodes a value; what OTLP has no word for (functions, symbols, too deep) becomes an empty value. */
export const valueToOtlp = (value: unknown, depth = 0): OtlpAnyValue => {
  if (depth > MAX_VALUE_DEPTH) return {}
  switch (typeof value) {
    case 'string':
      return {stringValue: value}
    case 'boolean':
      return {boolValue: value}
    case 'number':
      return numberToOtlp(value)
    case 'bigint':
      return BigInt.asIntN(64, value) === value
        ? {intValue: value.toString()}
        : {stringValue: value.toString()}
    case 'object':
      break
    default:
      return {}
  }
  if (value === null) return {}
  if (value instanceof Uint8Array) {
    return {
      bytesValue: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64'),
    }
  }
  if (Array.isArray(value)) {
    return {arrayValue: {values: value.map((item) => valueToOtlp(item, depth + 1))}}
  }
  return {kvlistValue: {values: keyValuesToOtlp(value as Record<string, unknown>, depth + 1)}}
}

const keyValuesToOtlp = (values: Record<string, unknown>, depth: number): OtlpKeyValue[] => {
  const list: OtlpKeyValue[] = []
  for (const key of Object.keys(values)) {
    const value = values[key]
    if (value !== undefined) list.push({key, value: valueToOtlp(value, depth)})
  }
  return list
}

/** Attributes as a list, in the order of their keys; `undefined` values are left out. */
export const attributesToOtlp = (attributes: Attributes | undefined): OtlpKeyValue[] =>
  attributes === undefined ? [] : keyValuesToOtlp(attributes, 0)

/** Nothing in it that could be text: an empty value, or a kind we do not know that holds numbers. */
const holdsNoText = (value: unknown): boolean =>
  !isRecord(value) ||
  Object.values(value).every((inner) => typeof inner !== 'string' && typeof inner !== 'object')

const isReadable = (value: unknown): boolean =>
  isRecord(value) &&
  (isRecord(value['arrayValue']) ||
    isRecord(value['kvlistValue']) ||
    valueFromOtlp(value) !== undefined)

/**
 * The entries that a policy can answer for, in their order: of a key that stands more than once the
 * one that counts, no value that lies too deep, and of what cannot be read only what holds no text.
 */
export const knownEntries = (list: readonly OtlpKeyValue[]): OtlpKeyValue[] => {
  const last = new Map<string, number>()
  const readable = list.map((entry: unknown, i) => {
    if (!isRecord(entry) || typeof entry['key'] !== 'string') return undefined
    const {key, value} = entry
    if (tooDeep(value)) return undefined
    const canBeRead = isReadable(value)
    if (canBeRead) last.set(key, i)
    return canBeRead || holdsNoText(value) ? {key, canBeRead} : undefined
  })
  return list.filter((_, i) => {
    const entry = readable[i]
    return entry !== undefined && (!entry.canBeRead || last.get(entry.key) === i)
  })
}

/**
 * The written list with what changed in it: an entry whose value is still the one that was read is
 * taken over as it was written (an integral double stays a double), others are encoded anew.
 * An entry that could not be read is kept too, unless a policy could have had something to hide in it.
 */
export const attributesOverOriginal = (
  attributes: Attributes,
  original: Attributes,
  written: unknown,
): OtlpKeyValue[] => {
  const list: OtlpKeyValue[] = []
  const entries = new Map<string, OtlpKeyValue>()
  for (const entry of Array.isArray(written) ? written : []) {
    if (!isRecord(entry) || typeof entry['key'] !== 'string') continue
    if (valueFromOtlp(entry['value']) !== undefined) {
      entries.set(entry['key'], entry as OtlpKeyValue)
    } else if (holdsNoText(entry['value'])) {
      list.push(entry as OtlpKeyValue)
    }
  }
  for (const key of Object.keys(attributes)) {
    const value = attributes[key]
    if (value === undefined) continue
    const entry = entries.get(key)
    const same = entry !== undefined && Object.is(value, original[key])
    list.push(same ? entry : {key, value: valueToOtlp(value)})
  }
  return list
}
