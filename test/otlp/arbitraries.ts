/** OTLP/JSON of any shape, for property tests. */
import fc from 'fast-check'
import type {OtlpAnyValue, OtlpKeyValue, OtlpSpan} from '../../src/otlp/wire-types.ts'

const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({min: 0, max: 15}), {minLength: digits, maxLength: digits})
    .map((nibbles) => nibbles.map((nibble) => nibble.toString(16)).join(''))

const text = fc.string({unit: 'binary', maxLength: 20})

export const anyValue: fc.Arbitrary<OtlpAnyValue> = fc.letrec<{value: OtlpAnyValue}>((tie) => ({
  value: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    fc.record({stringValue: text}),
    fc.record({boolValue: fc.boolean()}),
    fc.record({
      intValue: fc.oneof(
        fc.bigInt({min: -(2n ** 63n), max: 2n ** 63n - 1n}).map(String),
        fc.integer(),
      ),
    }),
    fc.record({
      doubleValue: fc.oneof(
        fc.double({noNaN: true, noDefaultInfinity: true}),
        fc.constantFrom('NaN', 'Infinity', '-Infinity'),
      ),
    }),
    fc.record({
      bytesValue: fc.uint8Array({maxLength: 8}).map((b) => Buffer.from(b).toString('base64')),
    }),
    fc.record({arrayValue: fc.record({values: fc.array(tie('value'), {maxLength: 3})})}),
    fc.record({
      kvlistValue: fc.record({
        values: fc.array(fc.record({key: text, value: tie('value')}), {maxLength: 3}),
      }),
    }),
  ),
})).value

export const keyValues: fc.Arbitrary<OtlpKeyValue[]> = fc.uniqueArray(
  fc.record({
    key: fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'a.b')),
    value: anyValue,
  }),
  {maxLength: 5, selector: ({key}) => key},
)

const nanos = fc.bigInt({min: 0n, max: 2n ** 63n - 1n}).map(String)

export const otlpSpan: fc.Arbitrary<OtlpSpan> = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    parentSpanId: fc.oneof(hex(16), fc.constant('')),
    traceState: fc.constantFrom('', 'vendor=1,other=2'),
    flags: fc.integer({min: 0, max: 0x3ff}),
    name: text,
    kind: fc.oneof(fc.integer({min: 0, max: 5}), fc.constant('SPAN_KIND_CLIENT')),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes: keyValues,
    droppedAttributesCount: fc.nat(9),
    events: fc.array(
      fc.record({timeUnixNano: nanos, name: text, attributes: keyValues, future: fc.nat()}),
      {maxLength: 2},
    ),
    links: fc.array(
      fc.record({traceId: hex(32), spanId: hex(16), attributes: keyValues, flags: fc.nat(255)}),
      {maxLength: 2},
    ),
    status: fc.record({code: fc.integer({min: 0, max: 2}), message: text}, {requiredKeys: []}),
    unknownField: fc.jsonValue(),
  },
  {requiredKeys: ['traceId', 'spanId']},
) as fc.Arbitrary<OtlpSpan>
