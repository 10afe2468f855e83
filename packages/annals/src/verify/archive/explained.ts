import type { Range } from '../../log/log-store.ts'
import type { Findings } from '../findings.ts'
import { type OwnEntry, readOwnEntry } from '../own-entry.ts'
import { PositionSet } from '../position-set.ts'

/** A part of which nobody can have the content any more. */
export interface LostPart {
  readonly index: number
  readonly name: string
  readonly chunk: number
  readonly retention: string
  /** Id of the subject key that is gone, hex. */
  readonly key?: string | undefined
}

/**
 * Holds what is gone against the entries of the log that authorise it. Memory grows with erased parts, and by a bit with
 * thinned entries.
 */
export class Explained {
  readonly #parts = new Map<string, PositionSet>()
  readonly #keys = new Set<string>()
  readonly #expired = new Map<string, (readonly Range[] | undefined)[]>()
  readonly #lost: LostPart[] = []
  readonly #thinned = new Map<
    string,
    { readonly chunk: number; readonly retention: string; readonly at: PositionSet }
  >()
  readonly #classes = new Map<
    string,
    { readonly chunk: number; readonly retention: string; parts: number; first: number }
  >()

  /** An entry of the log itself, in the part `what`. */
  entry(action: string, what: string, index: number, time: number): OwnEntry | undefined {
    const own = readOwnEntry(action, what, index, time)
    if (own?.kind === 'removal') {
      for (const [at, name] of own.parts) addTo(this.#parts, name, at)
      for (const key of own.keys) this.#keys.add(key)
    } else if (own?.kind === 'expiration') {
      const name = `${own.chunk}/${own.retention}`
      const ranges = this.#expired.get(name) ?? []
      ranges.push(own.ranges)
      this.#expired.set(name, ranges)
    }
    return own
  }

  lost(part: LostPart): void {
    this.#lost.push(part)
  }

  /** A part whose whole class was destroyed in its chunk. */
  classLost(chunk: number, retention: string, index: number): void {
    const name = `${chunk}/${retention}`
    const known = this.#classes.get(name)
    if (known === undefined) this.#classes.set(name, { chunk, retention, parts: 1, first: index })
    else known.parts++
  }

  thinned(chunk: number, retention: string, index: number): void {
    const name = `${chunk}/${retention}`
    let known = this.#thinned.get(name)
    if (known === undefined) {
      known = { chunk, retention, at: new PositionSet() }
      this.#thinned.set(name, known)
    }
    known.at.add(index)
  }

  /** Entries of a range that were thinned. */
  thinnedIn(range: Range): number {
    let count = 0
    for (const { at } of this.#thinned.values()) count += at.count(range)
    return count
  }

  /** Parts and entries that are gone. */
  get count(): { readonly parts: number; readonly entries: number } {
    let [parts, entries] = [this.#lost.length, 0]
    for (const { parts: lost } of this.#classes.values()) parts += lost
    for (const { at } of this.#thinned.values()) entries += at.size
    return { parts, entries }
  }

  /** Reports what is gone and is not explained. */
  check(findings: Findings): { readonly erased: number; readonly expired: number } {
    let [erased, expired] = [0, 0]
    for (const part of this.#lost) {
      if (this.#explains(part)) erased++
      else
        findings.add(
          'E_PART_REMOVED',
          part.index,
          `Part "${part.name}" can no longer be read, and no erasure, redaction or retention in the log names it.`,
        )
    }
    for (const { chunk, retention, parts, first } of this.#classes.values()) {
      if (this.#expired.has(`${chunk}/${retention}`)) erased += parts
      else
        findings.add(
          'E_PART_REMOVED',
          first,
          `${parts} parts of the class "${retention}", the first here, can no longer be read: the secrets of the class are gone, and no log.retention names it.`,
        )
    }
    for (const { chunk, retention, at } of this.#thinned.values()) {
      const before = at.size
      for (const ranges of this.#expired.get(`${chunk}/${retention}`) ?? [])
        for (const range of ranges ?? [[chunk, Number.MAX_SAFE_INTEGER] as const]) at.remove(range)
      expired += before - at.size
      const first = at.first([chunk, Number.MAX_SAFE_INTEGER])
      if (first !== undefined)
        findings.add(
          'E_PRUNED_UNAUTHORISED',
          first,
          `${at.size} entries of the class "${retention}", the first here, were thinned, and no log.retention means them.`,
        )
    }
    if (erased > 0)
      findings.add(
        'W_ERASED',
        undefined,
        `${erased} parts can no longer be read, all of them named by entries of the log.`,
      )
    if (expired > 0)
      findings.add(
        'W_EXPIRED',
        undefined,
        `${expired} entries were thinned to their leaf hashes, as entries of the log say.`,
      )
    return { erased, expired }
  }

  #explains({ index, name, chunk, retention, key }: LostPart): boolean {
    if (this.#parts.get(name)?.has(index) === true || (key !== undefined && this.#keys.has(key))) return true
    const expired = this.#expired.get(`${chunk}/${retention}`) ?? []
    return expired.some(
      ranges => ranges === undefined || ranges.some(([from, to]) => index >= from && index < to),
    )
  }
}

function addTo(sets: Map<string, PositionSet>, name: string, index: number): void {
  let set = sets.get(name)
  if (set === undefined) {
    set = new PositionSet()
    sets.set(name, set)
  }
  set.add(index)
}
