/** Finds any of many pieces in a text, in one pass over it. */
import type {Probe} from './probes.ts'

/** Up to here one native search for each piece is faster than one pass for all. */
const FEW = 6
/** Pieces are found by their first code units: so many, or of shorter ones so few. */
const LONG_KEY = 8
const SHORT_KEY = 3
const FILTER_BITS = 16
const FACTOR = 0x01000193

interface Entry<Owner> {
  readonly probe: Probe
  readonly owner: Owner
}

/** @returns whether to search on */
type OnHit<Owner> = (at: number, probe: Probe, owner: Owner) => boolean

/** Pieces that begin alike, and how many have which length. */
interface Bucket<Owner> {
  readonly entries: Map<string, Entry<Owner>[]>
  readonly lengths: Map<number, number>
}

/** Pieces that share a length of key. */
class Keyed<Owner> {
  readonly byKey = new Map<string, Bucket<Owner>>()
  readonly #keyLength: number
  readonly #lastFactor: number
  /** By the hash of a key: whether there may be one. Never cleared: it only says maybe. */
  #filter: Uint8Array | undefined

  constructor(keyLength: number) {
    this.#keyLength = keyLength
    let factor = 1
    for (let i = 1; i < keyLength; i += 1) factor = Math.imul(factor, FACTOR)
    this.#lastFactor = factor
  }

  add(entry: Entry<Owner>): void {
    const {piece} = entry.probe
    const key = piece.slice(0, this.#keyLength)
    this.#filter ??= new Uint8Array(1 << FILTER_BITS)
    let hash = 0
    for (let i = 0; i < key.length; i += 1) hash = (Math.imul(hash, FACTOR) + key.charCodeAt(i)) | 0
    this.#filter[hash >>> (32 - FILTER_BITS)] = 1
    let bucket = this.byKey.get(key)
    if (bucket === undefined) {
      bucket = {entries: new Map(), lengths: new Map()}
      this.byKey.set(key, bucket)
    }
    const entries = bucket.entries.get(piece)
    if (entries === undefined) {
      bucket.entries.set(piece, [entry])
      bucket.lengths.set(piece.length, (bucket.lengths.get(piece.length) ?? 0) + 1)
    } else entries.push(entry)
  }

  delete(probe: Probe): void {
    const {piece} = probe
    const key = piece.slice(0, this.#keyLength)
    const bucket = this.byKey.get(key)
    const entries = bucket?.entries.get(piece)
    if (bucket === undefined || entries === undefined) return
    const at = entries.findIndex((entry) => entry.probe === probe)
    if (at >= 0) entries.splice(at, 1)
    if (entries.length > 0) return
    bucket.entries.delete(piece)
    const count = (bucket.lengths.get(piece.length) ?? 0) - 1
    if (count > 0) bucket.lengths.set(piece.length, count)
    else bucket.lengths.delete(piece.length)
    if (bucket.entries.size === 0) this.byKey.delete(key)
  }

  countOf(piece: string): number {
    return this.byKey.get(piece.slice(0, this.#keyLength))?.entries.get(piece)?.length ?? 0
  }

  /** @returns whether all of the text was searched */
  search(raw: string, onHit: OnHit<Owner>): boolean {
    const filter = this.#filter
    const length = this.#keyLength
    if (filter === undefined || this.byKey.size === 0 || raw.length < length) return true
    const lastFactor = this.#lastFactor
    let hash = 0
    for (let i = 0; i < length - 1; i += 1) {
      hash = (Math.imul(hash, FACTOR) + raw.charCodeAt(i)) | 0
    }
    for (let at = 0; at + length <= raw.length; at += 1) {
      hash = (Math.imul(hash, FACTOR) + raw.charCodeAt(at + length - 1)) | 0
      if (filter[hash >>> (32 - FILTER_BITS)] === 1 && !this.#hitsAt(raw, at, onHit)) return false
      hash = (hash - Math.imul(raw.charCodeAt(at), lastFactor)) | 0
    }
    return true
  }

  #hitsAt(raw: string, at: number, onHit: OnHit<Owner>): boolean {
    const bucket = this.byKey.get(raw.slice(at, at + this.#keyLength))
    if (bucket === undefined) return true
    for (const length of bucket.lengths.keys()) {
      const entries = bucket.entries.get(raw.slice(at, at + length))
      if (entries === undefined) continue
      for (const {probe, owner} of entries) if (!onHit(at, probe, owner)) return false
    }
    return true
  }
}

/** Probes and whom they belong to. */
export class ProbeIndex<Owner> {
  readonly #long = new Keyed<Owner>(LONG_KEY)
  readonly #short = new Keyed<Owner>(SHORT_KEY)
  #size = 0

  add(probe: Probe, owner: Owner): void {
    this.#keyed(probe.piece).add({probe, owner})
    this.#size += 1
  }

  delete(probe: Probe): void {
    this.#keyed(probe.piece).delete(probe)
    this.#size -= 1
  }

  /** How many probes have this very piece. */
  countOf(piece: string): number {
    return this.#keyed(piece).countOf(piece)
  }

  /**
   * Tells of every place where a piece stands, for each probe in the order of the text.
   *
   * @returns whether `onHit` ended the search
   */
  search(raw: string, onHit: OnHit<Owner>): boolean {
    if (this.#size > FEW) return !this.#long.search(raw, onHit) || !this.#short.search(raw, onHit)
    for (const {byKey} of [this.#long, this.#short]) {
      for (const bucket of byKey.values()) {
        for (const [piece, entries] of bucket.entries) {
          for (let at = raw.indexOf(piece); at >= 0; at = raw.indexOf(piece, at + 1)) {
            for (const {probe, owner} of entries) if (!onHit(at, probe, owner)) return true
          }
        }
      }
    }
    return false
  }

  #keyed(piece: string): Keyed<Owner> {
    return piece.length < LONG_KEY ? this.#short : this.#long
  }
}
