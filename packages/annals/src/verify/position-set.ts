import type { Range } from '../log/log-store.ts'

/** Positions of one page. */
const PAGE = 32_768
const WORDS = PAGE / 32

/** A set of positions, one bit for each where there are any: it holds what retention has thinned in little memory. */
export class PositionSet {
  readonly #pages = new Map<number, Uint32Array>()
  #size = 0

  /** Positions in the set. */
  get size(): number {
    return this.#size
  }

  add(index: number): void {
    const number = Math.floor(index / PAGE)
    let page = this.#pages.get(number)
    if (page === undefined) {
      page = new Uint32Array(WORDS)
      this.#pages.set(number, page)
    }
    const at = index % PAGE
    const word = page[at >>> 5] as number
    const set = word | (1 << (at & 31))
    if (set >>> 0 === word) return
    page[at >>> 5] = set
    this.#size++
  }

  has(index: number): boolean {
    const page = this.#pages.get(Math.floor(index / PAGE))
    const at = index % PAGE
    return page !== undefined && ((page[at >>> 5] as number) & (1 << (at & 31))) !== 0
  }

  /** Positions of the set in a range. */
  count(range: Range): number {
    let found = 0
    this.#visit(range, () => {
      found++
    })
    return found
  }

  /** The first position of the set in a range. */
  first([from, to]: Range): number | undefined {
    let first: number | undefined
    this.#visit([from, to], index => {
      if (first === undefined || index < first) first = index
    })
    return first
  }

  /** Takes the positions of a range out; returns how many there were. */
  remove(range: Range): number {
    const before = this.#size
    this.#visit(range, (index, page) => {
      const at = index % PAGE
      page[at >>> 5] = (page[at >>> 5] as number) & ~(1 << (at & 31))
      this.#size--
    })
    return before - this.#size
  }

  #visit([from, to]: Range, each: (index: number, page: Uint32Array) => void): void {
    for (const [number, page] of this.#pages) {
      const base = number * PAGE
      const start = Math.max(from - base, 0)
      const end = Math.min(to - base, PAGE)
      for (let word = Math.floor(start / 32); word * 32 < end; word++) {
        let bits = page[word] as number
        while (bits !== 0) {
          const bit = 31 - Math.clz32(bits & -bits)
          bits &= bits - 1
          const at = 32 * word + bit
          if (at >= start && at < end) each(base + at, page)
        }
      }
    }
  }
}
