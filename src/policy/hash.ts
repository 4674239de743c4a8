/** SHA-256 and HMAC-SHA-256, where the runtime has them: an edge runtime has not, and gets none. */

interface Hasher {
  update(data: string, encoding: 'utf8'): Hasher
  digest(encoding: 'hex'): string
}

/** What we use of `node:crypto`. */
interface Crypto {
  /** One call instead of three objects; since Node 20.12. */
  hash?(algorithm: string, data: string, encoding: 'hex'): string
  createHash(algorithm: string): Hasher
  createHmac(algorithm: string, key: string | Uint8Array): Hasher
}

// `null`: looked for and not there.
let crypto: Crypto | null | undefined

function loadCrypto(): Crypto | null {
  if (crypto === undefined) {
    try {
      const builtin = typeof process === 'object' ? process.getBuiltinModule?.('node:crypto') : null
      crypto = (builtin as unknown as Crypto | undefined) ?? null
    } catch {
      crypto = null
    }
  }
  return crypto
}

/** SHA-256 of the text's UTF-8, in hex; `undefined` where the runtime has no `node:crypto`. */
export function sha256Hex(text: string): string | undefined {
  const node = loadCrypto()
  if (node === null) return undefined
  return node.hash === undefined
    ? node.createHash('sha256').update(text, 'utf8').digest('hex')
    : node.hash('sha256', text, 'hex')
}

/** HMAC-SHA-256 of the text's UTF-8, in hex; `undefined` where the runtime has no `node:crypto`. */
export function hmacHex(key: string | Uint8Array, text: string): string | undefined {
  return loadCrypto()?.createHmac('sha256', key).update(text, 'utf8').digest('hex')
}
