import { randomFillSync } from 'node:crypto'

const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))
const pool = Buffer.alloc(4096)
let used = pool.length

/**
 * Makes UUIDv7 ids (RFC 9562) that strictly increase, also within one millisecond, over a clock set back, and after a
 * restart when given the last id. Method 1 of section 6.2: `rand_a` is a counter; when it is full the timestamp is
 * taken one millisecond ahead.
 *
 * @example
 * ```ts
 * const next = new IdSequence(); next.next(Date.now()) < next.next(Date.now()) // true
 * ```
 */
export class IdSequence {
  #ms = -1
  #counter = 0
  #prefix = ''

  constructor(last?: string) {
    if (last === undefined) return
    this.#ms = Number.parseInt(last.slice(0, 8) + last.slice(9, 13), 16)
    this.#counter = Number.parseInt(last.slice(15, 18), 16)
    this.#prefix = stamp(this.#ms)
  }

  /** The next id at this time, in milliseconds since the epoch. */
  next(now: number): string {
    if (now > this.#ms) {
      this.#ms = now
      this.#counter = 0
      this.#prefix = stamp(now)
    } else if (++this.#counter > 0xfff) {
      this.#ms++
      this.#counter = 0
      this.#prefix = stamp(this.#ms)
    }
    if (used === pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const r = used
    used += 8
    const c = this.#counter
    return `${this.#prefix}-7${(HEX[Math.floor(c / 16)] as string) + (HEX[(c % 16) * 16] as string)[0]}-${HEX[128 + ((pool[r] as number) % 64)]}${byte(r + 1)}-${byte(r + 2)}${byte(r + 3)}${byte(r + 4)}${byte(r + 5)}${byte(r + 6)}${byte(r + 7)}`
  }
}

function byte(at: number): string {
  return HEX[pool[at] as number] as string
}

function stamp(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}
