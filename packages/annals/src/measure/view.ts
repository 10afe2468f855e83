import { type Bucket, mergeCells } from './bucket.ts'
import type { GroupMatch } from './groups.ts'
import { widthOf } from './levels.ts'
import { slices } from './pause.ts'
import { type Need, Tally } from './tally.ts'
import { type Asked, refuse } from './window.ts'

/** Most steps of a series, and most before it. */
export const MAX_STEPS = 1_000

/** Milliseconds since the epoch, half-open. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** Everything in a window. */
export interface Total {
  readonly tally: Tally
  /** Length of the window in milliseconds: where it has no beginning, from the first operation; where it has no end either, to the last. */
  readonly spanMs: number
}

/** A window in steps of equal width. */
export interface Series {
  /** Beginning of the first step, ms since the epoch. */
  readonly from: number
  /** Width of a step in milliseconds. */
  readonly every: number
  readonly steps: readonly Tally[]
}

/** What a view looks at: a log up to a position. */
export interface ViewSource {
  /** Coarsest first, and oldest. */
  readonly buckets: readonly Bucket[]
  readonly match: GroupMatch
  /** After the newest event, and not before now; ms since the epoch. */
  readonly end: number
  /** What of a bucket lies in a window, read from the log; undefined when it is too much or no longer whole. */
  readonly cut: (bucket: Bucket, window: Span) => Promise<readonly Bucket[] | undefined>
}

/**
 * What one question sees of a log. Buckets that lie in the window as a whole are merged. Of one that the window cuts, the part
 * is read from the log when that is little; otherwise the window becomes wider by the rest of it, and the answer says so.
 * A window that moves with time is never read from the log.
 */
export class View {
  readonly asked: Asked
  readonly #source: ViewSource
  readonly #needs: ReadonlySet<Need>
  /** Begins and ends at other moments from now on, though nothing is recorded. */
  readonly #moves: boolean
  #covered: { readonly from: number | undefined; readonly to: number | undefined }
  #complete = true
  #changesAt: number | undefined

  constructor(asked: Asked, needs: readonly Need[], source: ViewSource) {
    this.asked = asked
    this.#needs = new Set(needs)
    this.#source = source
    this.#moves = asked.last !== undefined && asked.to === undefined
    this.#covered = { from: asked.from, to: asked.to }
  }

  /** The window that was measured; without an end where none was asked for and there is no operation. */
  get covered(): { readonly from: number | undefined; readonly to: number | undefined } {
    return this.#covered
  }

  /** Whether everything that belongs to the window is counted under its own name. */
  get complete(): boolean {
    return this.#complete
  }

  /** When the answer may be another though nothing is recorded, ms since the epoch; undefined for never. */
  get changesAt(): number | undefined {
    return this.#changesAt
  }

  async total(): Promise<Total> {
    const tally = new Tally()
    const covered = await this.#merge(this.#window(), () => tally)
    const { first, last } = tally
    if (this.asked.from !== undefined || this.asked.last !== undefined) {
      this.#covered = covered
      return { tally, spanMs: covered.to - covered.from }
    }
    if (last < first) return { tally, spanMs: 0 }
    const { to } = this.asked
    this.#covered = { from: first, to: to === undefined ? last + 1 : covered.to }
    return { tally, spanMs: (to === undefined ? last : covered.to) - first }
  }

  /**
   * The window in steps. They begin at whole multiples of their width since 1970, and are wider than asked where the log is old
   * enough to be kept more coarsely. The window becomes wider by the rest of its first and last step.
   *
   * @param step width that is asked for in a window of so many milliseconds: whole seconds
   * @param before so many steps more, before the window
   * @throws AnnalsError ANNALS_INVALID for more than {@link MAX_STEPS}
   */
  async series(step: (length: number) => number, before: number): Promise<Series> {
    const window = await this.#begun()
    for (let width = step(window.to - window.from); ; ) {
      const from = Math.floor(window.from / width) * width
      const to = Math.max(from + width, Math.ceil(window.to / width) * width)
      const count = (to - from) / width
      if (count > MAX_STEPS)
        throw refuse('/every', `makes ${count} steps, and ${MAX_STEPS} is the most`, 'Ask for wider steps.')
      const all = { from: from - before * width, to }
      const coarsest = this.#source.buckets.find(bucket => touches(bucket, all))
      const least = coarsest === undefined ? width : widthOf(coarsest.level)
      if (width % least !== 0) {
        width = Math.ceil(width / least) * least
        continue
      }
      const steps = Array.from({ length: before + count }, () => new Tally())
      await this.#merge(all, time => steps[Math.floor((time - all.from) / width)] as Tally)
      this.#covered = { from, to }
      if (this.#moves) this.#changesAt = steps.some(({ operations }) => operations > 0) ? to + 1 : undefined
      return { from: all.from, every: width, steps }
    }
  }

  #window(): Span {
    const { from = 0, to = Math.max(this.#source.end, from), last } = this.asked
    return { from: last === undefined ? from : Math.max(0, to - last), to }
  }

  /** The window, from the first operation on where it has no beginning. */
  async #begun(): Promise<Span> {
    const { from, to } = this.#window()
    if (this.asked.from !== undefined || this.asked.last !== undefined) return { from, to }
    const { tally } = await this.total()
    return { from: Math.min(tally.first, to), to }
  }

  /** Merges the buckets of a window; answers with the window that was taken. */
  async #merge(window: Span, tallyAt: (time: number) => Tally): Promise<Span> {
    const pause = slices()
    const { taken, buckets } = await this.#choose(window)
    const { last } = this.asked
    for (const bucket of buckets) {
      const tally = tallyAt(bucket.first)
      const before = tally.operations
      if (mergeCells(bucket, this.#source.match, this.#needs, tally) === 'incomplete') this.#complete = false
      // The oldest operations are the next to leave a window that moves.
      if (this.#moves && this.#changesAt === undefined && tally.operations > before)
        this.#changesAt = (bucket.first < window.from ? bucket.last : bucket.first) + (last ?? 0) + 1
      await pause()
    }
    return taken
  }

  /** Buckets and parts of buckets that make up a window, which is made wider where it has to be. */
  async #choose(window: Span): Promise<{ readonly taken: Span; readonly buckets: readonly Bucket[] }> {
    for (let taken = window; ; ) {
      const buckets: Bucket[] = []
      let { from, to } = taken
      for (const bucket of this.#source.buckets) {
        if (!touches(bucket, taken)) continue
        const whole = bucket.first >= taken.from && bucket.last < taken.to
        const parts = whole ? [bucket] : this.#moves ? undefined : await this.#source.cut(bucket, taken)
        if (parts !== undefined) buckets.push(...parts)
        else {
          from = Math.min(from, bucket.first)
          to = Math.max(to, bucket.last + 1)
        }
      }
      if (from === taken.from && to === taken.to) return { taken, buckets }
      taken = { from, to }
    }
  }
}

function touches({ first, last }: Bucket, { from, to }: Span): boolean {
  return last >= from && first < to
}
