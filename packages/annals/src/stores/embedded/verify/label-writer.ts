import { type Labels, THINNED, UNKNOWN } from './piece.ts'

/** Writes down the classes of a piece's entries, two bytes each. */
export class LabelWriter {
  readonly #from: number
  readonly #entries: Uint16Array
  readonly #numbers = new Map<string, number>()
  #any: boolean

  /** @param wanted the labels are asked for, also when nothing is thinned */
  constructor(from: number, to: number, wanted: boolean) {
    this.#from = from
    this.#entries = new Uint16Array(to - from).fill(UNKNOWN)
    this.#any = wanted
  }

  label(index: number, retention: string): void {
    this.#entries[index - this.#from] = this.#number(retention)
  }

  thinned(index: number, retention: string): void {
    this.#entries[index - this.#from] = this.#number(retention) | THINNED
    this.#any = true
  }

  labels(): Labels | undefined {
    return this.#any
      ? { from: this.#from, classes: [...this.#numbers.keys()], entries: this.#entries }
      : undefined
  }

  #number(retention: string): number {
    let number = this.#numbers.get(retention)
    if (number === undefined) {
      number = Math.min(this.#numbers.size, UNKNOWN)
      this.#numbers.set(retention, number)
    }
    return number
  }
}
