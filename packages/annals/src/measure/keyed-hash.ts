/** Bytes of the key that are used. */
export const HASH_KEY_BYTES = 16

/**
 * SipHash-2-4 (Aumasson and Bernstein, 2012) of texts as UTF-16LE under a secret key, cut to 53 bits. Whoever has no key can
 * neither find a text for a value nor choose texts that collide. It measured half of the SHA-256 of `node:crypto`, and it is most of
 * what counting an event costs.
 *
 * @example
 * ```ts
 * new KeyedHash(key).of('user', 'alice') // a whole number below 2 ** 53
 * ```
 */
export class KeyedHash {
  /** The four words that it begins with, each as two halves, the lower first. */
  readonly #begin: Int32Array
  /** UTF-16 code units; zeros beyond the text. */
  #units = new Uint16Array(1_024)

  /** @param key at least 16 bytes; the first 16 are used */
  constructor(key: Uint8Array) {
    if (key.length < HASH_KEY_BYTES) throw new TypeError(`a key has ${HASH_KEY_BYTES} bytes`)
    const view = new DataView(key.buffer, key.byteOffset, HASH_KEY_BYTES)
    const half = (n: number): number => view.getInt32(n * 4, true)
    this.#begin = Int32Array.of(
      half(0) ^ 0x70736575,
      half(1) ^ 0x736f6d65,
      half(2) ^ 0x6e646f6d,
      half(3) ^ 0x646f7261,
      half(0) ^ 0x6e657261,
      half(1) ^ 0x6c796765,
      half(2) ^ 0x79746573,
      half(3) ^ 0x74656462,
    )
  }

  /** The value of a text, or of two with a zero between them: the lower 53 of 64 bits. */
  of(text: string, second?: string): number {
    const length = text.length + (second === undefined ? 0 : second.length + 1)
    if (length + 4 > this.#units.length) this.#units = new Uint16Array(2 * length + 4)
    const units = this.#units
    let at = 0
    for (let i = 0; i < text.length; i++) units[at++] = text.charCodeAt(i)
    if (second !== undefined) {
      at++
      for (let i = 0; i < second.length; i++) units[at++] = second.charCodeAt(i)
    }
    const value = sipHash(this.#begin, units, length)
    // No name stays in memory here.
    units.fill(0, 0, length)
    return value
  }
}

function sipHash(begin: Int32Array, units: Uint16Array, length: number): number {
  let al = begin[0] as number
  let ah = begin[1] as number
  let bl = begin[2] as number
  let bh = begin[3] as number
  let cl = begin[4] as number
  let ch = begin[5] as number
  let dl = begin[6] as number
  let dh = begin[7] as number
  const blocks = length >>> 2
  // The blocks, then the one with what is left and the length in bytes, then the end.
  for (let block = 0; block <= blocks + 1; block++) {
    let rounds = 2
    let ml = 0
    let mh = 0
    if (block <= blocks) {
      const at = block * 4
      ml = (units[at] as number) | ((units[at + 1] as number) << 16)
      mh = (units[at + 2] as number) | ((units[at + 3] as number) << 16)
      if (block === blocks) mh |= ((length * 2) & 0xff) << 24
    } else {
      rounds = 4
      cl ^= 0xff
    }
    dl ^= ml
    dh ^= mh
    for (; rounds > 0; rounds--) {
      let sum = (al + bl) | 0
      ah = (ah + bh + carry(al, bl, sum)) | 0
      al = sum
      let l = (bl << 13) | (bh >>> 19)
      let h = (bh << 13) | (bl >>> 19)
      bl = l ^ al
      bh = h ^ ah
      l = al
      al = ah
      ah = l
      sum = (cl + dl) | 0
      ch = (ch + dh + carry(cl, dl, sum)) | 0
      cl = sum
      l = (dl << 16) | (dh >>> 16)
      h = (dh << 16) | (dl >>> 16)
      dl = l ^ cl
      dh = h ^ ch
      sum = (al + dl) | 0
      ah = (ah + dh + carry(al, dl, sum)) | 0
      al = sum
      l = (dl << 21) | (dh >>> 11)
      h = (dh << 21) | (dl >>> 11)
      dl = l ^ al
      dh = h ^ ah
      sum = (cl + bl) | 0
      ch = (ch + bh + carry(cl, bl, sum)) | 0
      cl = sum
      l = (bl << 17) | (bh >>> 15)
      h = (bh << 17) | (bl >>> 15)
      bl = l ^ cl
      bh = h ^ ch
      l = cl
      cl = ch
      ch = l
    }
    al ^= ml
    ah ^= mh
  }
  const low = (al ^ bl ^ cl ^ dl) >>> 0
  const high = (ah ^ bh ^ ch ^ dh) & 0x1fffff
  return high * 0x1_0000_0000 + low
}

/** The carry of a sum of two lower halves. */
function carry(a: number, b: number, sum: number): number {
  return ((a & b) | ((a | b) & ~sum)) >>> 31
}
