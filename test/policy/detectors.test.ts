import {describe, expect, test} from 'vitest'
import {DETECTOR_NAMES, type DetectorName} from '../../src/policy/detectors.ts'
import {compileRule} from '../../src/policy/rule.ts'

const JWT =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF0qJDr1\nAbCdEf==\n-----END RSA PRIVATE KEY-----`

/** What is found alone, and in a sentence around it. */
const FOUND: Readonly<Record<DetectorName, readonly string[]>> = {
  email: [
    'john.doe@example.com',
    'a@b.co',
    'first+tag@sub.domain.example.org',
    "o'brien@example.ie",
    'jürgen@münchen.de',
    'user@example.xn--p1ai',
    'x_y-z%q@host-name.travel',
    '李雷@例子.中国',
  ],
  phone: [
    '+49 30 1234567',
    '+1 (415) 555-2671',
    '+14155552671',
    '+44 20 7946 0958',
    '0049 30 1234567',
    '(415) 555-2671',
    '415-555-2671',
    '415.555.2671',
    '1-800-555-1234',
    '020 7946 0958',
    '030/1234567',
    '(030) 1234567',
    '01 23 45 67 89',
    '0171-2345678',
    '07700900123',
    '090-1234-5678',
    '138 1234 5678',
    '(11) 91234-5678',
    '8 (800) 555-35-35',
    '+91 98765 43210',
    '٠٣٠ ١٢٣٤٥٦٧',
  ],
  card: [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111 1111  1111 1111',
    '5500 0000 0000 0004',
    '378282246310005',
    '3782 822463 10005',
    '30569309025904',
    '6011000990139424',
    '3530111333300000',
    '4222222222222',
    '6304000000000000',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    '４１１１１１１１１１１１１１１１',
    '6200 0000 0000 0000 000',
  ],
  iban: [
    'DE89370400440532013000',
    'DE89 3704 0044 0532 0130 00',
    'GB29 NWBK 6016 1331 9268 19',
    'gb29nwbk60161331926819',
    'FR14 2004 1010 0505 0001 3M02 606',
    'NL91-ABNA-0417-1643-00',
    'NO93 8601 1117 947',
    'CH93 0076 2011 6238 5295 7',
    'MT84 MALT 0110 0001 2345 MTLC AST0 01S',
  ],
  key: [
    'sk-proj-abcDEF123456ghiJKL',
    'sk-ant-api03-AbCdEf-123456',
    ['ghp', '16C7e42F292c6912E7710c838347Ae178B4a'].join('_'),
    ['github', 'pat_11ABCDEFG0123456789_abcdefghij'].join('_'),
    'AKIAIOSFODNN7EXAMPLE',
    ['xoxb', '123456789012', 'abcdefghijkl'].join('-'),
    ['AIza', 'SyA1234567890abcdefghijklmnopqrstuv'].join(''),
    ['sk', 'live_4eC39HqLyjWDarjtT1zdp7dc'].join('_'),
    ['glpat', 'ABCdef123456ghijkl'].join('-'),
    'hf_AbCdEfGhIjKlMnOpQrSt',
    PEM,
  ],
  jwt: [JWT, JWT.split('.').slice(0, 2).join('.'), `${JWT}.aaaaaaaaaaaaa.bbbbbbbbbbbb`],
  ip: [
    '192.168.0.1',
    '10.0.0.255',
    '8.8.8.8',
    '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
    '2001:db8::1',
    'fe80::1ff:fe23:4567:890a',
    '::ffff:192.0.2.128',
    '::1',
  ],
}

/** What only looks like it. */
const PASSED: Readonly<Record<DetectorName, readonly string[]>> = {
  email: ['user@host', 'lodash@4.17.21', '@decorator', 'a @ b.com', 'me@', '@types/node', 'x@y..z'],
  phone: [
    'A-1042',
    'order 1234567',
    'ORD-2024-123456',
    'order A-0123-456-789',
    'order #415-555-2671',
    '2026-03-29',
    '29.03.2026 10:30:15',
    '01-02-2026 14:30',
    '03/06/2026',
    '$1,234,567.89',
    '89.10',
    '1.2.3',
    '1795474680154',
    '0.4285714285714286',
    '100+12345678',
    '978-0-306-40615-7',
    'steps 1 2 3 4 5 6 7 8 9 10',
    'a 30-day window and 60 days',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    '2001-2005 and 2010-2015',
    'Smith (2019) 1234567',
  ],
  card: [
    '4111111111111112',
    '4111 1111 1111 1112',
    '1795474680154000000',
    '1795474680154',
    '0.4285714285714286',
    'a4111111111111111b',
    '12 15 18 21 24 27 30 33 36',
    'A-1042',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '0000000000000000',
    '2026-03-29 10:30:15',
  ],
  iban: [
    'DE88370400440532013000',
    'DE89 3704 0044 0532 0130 01',
    'XX89370400440532013000',
    'ORDER12345678901234567890',
    'DE89',
    'SHA256 AB12CD34EF56',
    'abcDE89370400440532013000',
  ],
  key: [
    'sk-learn-contrib',
    'the secret ingredient is basil',
    'max_tokens=2048000000',
    'token: string',
    'password: required',
    'the password is required',
    'bearer responsibilities',
    'Bearer of bad news',
    'token = getAccessToken()',
    'api_key=None',
    'api_key=$OPENAI_API_KEY',
    'secret: undefined',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'http://example.com:8080/path',
    '-----BEGIN CERTIFICATE-----',
    'AKIA',
  ],
  jwt: ['eyJhbGciOiJIUzI1NiJ9', 'eyJ.eyJ.x', 'the.quick.brown.fox.jumps', 'a.eyJ'],
  ip: [
    '1.2.3',
    'v1.2.3.4',
    'version 1.2.3.4',
    '1.2.3.4.5',
    '256.1.1.1',
    '192.168.0',
    '12:30:45',
    'aa:bb:cc:dd:ee:ff',
    'std::vector',
    'Face::Bad',
    'a[1::2]',
    'x[::1]',
    'section 4.1.2.3',
    'a::before',
    '2026-03-29T10:30:15',
    'ratio 1:2:3',
  ],
}

const mask = (text: string, name: DetectorName): string =>
  compileRule({policy: 'mask', detectors: [name]}, {onError: () => {}}).mask(text)

const label = (name: DetectorName): string => `[${name.toUpperCase()}]`

describe.each(DETECTOR_NAMES)('%s', (name) => {
  test.each(FOUND[name])('finds %j', (text) => {
    expect(mask(text, name)).toBe(label(name))
    expect(mask(`We have ${text}, and so on.`, name)).toBe(`We have ${label(name)}, and so on.`)
    expect(mask(`(${text})\n${text}`, name)).toBe(`(${label(name)})\n${label(name)}`)
  })
  test.each(PASSED[name])('leaves %j', (text) => {
    expect(mask(text, name)).toBe(text)
    expect(mask(`Then ${text}.`, name)).toBe(`Then ${text}.`)
  })
})

test.each([
  ['Authorization: Bearer abcDEF123456', 'Authorization: Bearer [KEY]'],
  ['Authorization: Basic dXNlcjpwYXNzd29yZA==', 'Authorization: Basic [KEY]'],
  ['api_key=3f9a8b7c6d5e', 'api_key=[KEY]'],
  ['{"api_key": "3f9a8b7c6d5e"}', '{"api_key": "[KEY]"}'],
  ['{\\"apiKey\\":\\"3f9a8b7c6d5e\\"}', '{\\"apiKey\\":\\"[KEY]\\"}'],
  ['AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'AWS_SECRET_ACCESS_KEY=[KEY]'],
  ['the password is hunter2.', 'the password is [KEY].'],
  ['password=correcthorse', 'password=[KEY]'],
  ["'password': 'correcthorse'", "'password': '[KEY]'"],
  ['postgres://app:s3cr3t@db.internal/orders', 'postgres://app:[KEY]@db.internal/orders'],
  ['client_secret: aB3dE5fG7h', 'client_secret: [KEY]'],
])('writes %j as %j', (text, masked) => {
  expect(mask(text, 'key')).toBe(masked)
})

test.each([
  ['my phone number is 5551234567', 'my phone number is [PHONE]'],
  ['Tel.: 22 123 45 67', 'Tel.: [PHONE]'],
  ['WhatsApp 612 345 678', 'WhatsApp [PHONE]'],
  ['tel:5551234', 'tel:[PHONE]'],
])('a bare number is a telephone number where the words say so: %j', (text, masked) => {
  expect(mask(text, 'phone')).toBe(masked)
})

const maskAll = (text: string): string => compileRule('mask', {onError: () => {}}).mask(text)

test('finds of several kinds stand side by side', () => {
  expect(
    maskAll(
      'Jane (jane@example.com, +49 30 1234567) paid with 4111 1111 1111 1111 from 10.1.2.3; IBAN DE89 3704 0044 0532 0130 00.',
    ),
  ).toBe('Jane ([EMAIL], [PHONE]) paid with [CARD] from [IP]; IBAN [IBAN].')
})

test('where finds overlap, the surest says what it is', () => {
  expect(maskAll(`Bearer ${JWT}`)).toBe('Bearer [JWT]')
  expect(maskAll('card 4111-1111-1111-1111')).toBe('card [CARD]')
  expect(maskAll('https://me:pa55word@example.com/')).toBe('https://me:[KEY]/')
})

test('a private key that was cut off is masked to the end', () => {
  expect(maskAll(`key: ${PEM.slice(0, 80)}`)).toBe('key: [KEY]')
})

test('a text without finds is returned as it is', () => {
  const text =
    'The user wants a refund for order A-1042. Delivery was March 6, today is 2026-03-29: 23 days, inside the 30-day window; $89.10 minus 10%.'
  expect(maskAll(text)).toBe(text)
})

test('masking a masked text changes nothing', () => {
  const once = maskAll('a@b.com, 4111 1111 1111 1111, password=hunter2, 10.0.0.1')
  expect(maskAll(once)).toBe(once)
})
