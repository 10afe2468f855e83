import type { Range } from '../log/log-store.ts'
import type { Findings } from './findings.ts'
import type { Archived, Expiration } from './own-entry.ts'
import { PositionSet } from './position-set.ts'
import { keepsEnough, type RetentionRules } from './retention-rules.ts'

/** What is known of a chunk where the deletion of its entries is judged. */
export interface ChunkFacts {
  readonly lo: number
  readonly hi: number
  /** Position of the `log.seal` entry whose manifest the chunk has; undefined when there is none. */
  readonly sealedAt: number | undefined
  /** What that manifest says: `recordedAt` of the last entry, and the entries of each retention class. */
  readonly last: number
  readonly classes: ReadonlyMap<string, number>
  /** Entries of which nothing but leaf hashes is left, not even a class: the chunk was dropped. */
  readonly dropped: number
}

/** What expiry came to. */
export interface Expired {
  /** Entries of which only leaf hashes are left, under authorities of retention. */
  readonly expired: number
  readonly authorities: number
  /** Entries that are in the archive only. */
  readonly archived: number
}

/** Holds thinned entries and dropped chunks against the entries that authorise it. Memory: a bit for each thinned entry. */
export class Expiry {
  readonly #thinned = new Map<number, Map<string, PositionSet>>()
  readonly #all = new PositionSet()
  readonly #authorities: Expiration[] = []
  readonly #archived: Archived[] = []

  thinned(chunk: number, retention: string, index: number): void {
    let classes = this.#thinned.get(chunk)
    if (classes === undefined) {
      classes = new Map()
      this.#thinned.set(chunk, classes)
    }
    let positions = classes.get(retention)
    if (positions === undefined) {
      positions = new PositionSet()
      classes.set(retention, positions)
    }
    positions.add(index)
    this.#all.add(index)
  }

  authorise(entry: Expiration | Archived): void {
    if (entry.kind === 'archive') this.#archived.push(entry)
    else this.#authorities.push(entry)
  }

  /** Thinned entries. */
  get size(): number {
    return this.#all.size
  }

  /** Entries of a range that can no longer be read. */
  count([from, to]: Range, chunks: readonly ChunkFacts[]): number {
    let count = this.#all.count([from, to])
    for (const { lo, hi, dropped } of chunks)
      if (dropped > 0) count += Math.max(0, Math.min(hi, to) - Math.max(lo, from))
    return count
  }

  isGone(index: number, chunks: readonly ChunkFacts[]): boolean {
    return (
      this.#all.has(index) || chunks.some(({ lo, hi, dropped }) => dropped > 0 && index >= lo && index < hi)
    )
  }

  /** Position of the signed authority that means an entry; undefined when none does. */
  authorityOver(chunk: number, retention: string, index: number, signed: number): number | undefined {
    return this.#meant(chunk, retention, signed).find(
      ({ ranges }) => ranges === undefined || ranges.some(([from, to]) => index >= from && index < to),
    )?.index
  }

  /** Signed authorities for a class of a chunk. */
  #meant(chunk: number, retention: string, signed: number): readonly Expiration[] {
    return this.#authorities.filter(
      entry => entry.chunk === chunk && entry.retention === retention && entry.index < signed,
    )
  }

  /**
   * Reports entries that were thinned and chunks that were dropped without authority, or before the policy allows.
   *
   * @param signed entries below this position are signed: only these have authority
   */
  check(findings: Findings, chunks: readonly ChunkFacts[], rules: RetentionRules, signed: number): Expired {
    const pending = this.#pending(chunks, signed)
    const used = new Set<number>()
    let [expired, archived] = [0, 0]
    for (const chunk of chunks) {
      const judge = new Judge(findings, chunk, rules, chunks)
      const copied = this.#archived.some(
        entry =>
          entry.lo === chunk.lo && entry.hi === chunk.hi && entry.index >= chunk.hi && entry.index < signed,
      )
      for (const [retention, positions] of this.#thinned.get(chunk.lo) ?? []) {
        expired += judge.thinned(positions, this.#meant(chunk.lo, retention, signed), used)
        if (copied) archived += positions.remove([chunk.lo, chunk.hi])
        else judge.reportThinned(retention, positions)
      }
      if (chunk.dropped === 0) continue
      if (copied) archived += chunk.dropped
      else expired += judge.dropped(retention => this.#meant(chunk.lo, retention, signed), used)
    }
    const authorities = used.size
    if (expired > 0)
      findings.add(
        'W_EXPIRED',
        undefined,
        `${expired} entries were thinned to their leaf hashes under ${authorities} entries of retention, none before its time.`,
      )
    if (archived > 0)
      findings.add(
        'W_DROPPED',
        undefined,
        `${archived} entries are in the archive only, as the log says: verify them there.`,
      )
    if (pending > 0)
      findings.add(
        'W_ERASURE_PENDING',
        undefined,
        `${pending} entries that the log says are past their retention are still there: the run did not finish, or a backup was restored.`,
      )
    return { expired, authorities, archived }
  }

  /** Entries that signed authorities have counted and that are not thinned. */
  #pending(chunks: readonly ChunkFacts[], signed: number): number {
    let pending = 0
    for (const { index, chunk: of, retention, entries, ranges } of this.#authorities) {
      const chunk = chunks.find(({ lo }) => lo === of)
      if (chunk === undefined || chunk.dropped > 0 || index >= signed) continue
      const positions = this.#thinned.get(of)?.get(retention)
      let thinned = 0
      for (const range of ranges ?? [[chunk.lo, chunk.hi] as const]) thinned += positions?.count(range) ?? 0
      pending += Math.max(0, entries - thinned)
    }
    return pending
  }
}

/** Judges what was deleted of one chunk. */
class Judge {
  readonly #findings: Findings
  readonly #chunk: ChunkFacts
  readonly #rules: RetentionRules
  readonly #chunks: readonly ChunkFacts[]

  constructor(findings: Findings, chunk: ChunkFacts, rules: RetentionRules, chunks: readonly ChunkFacts[]) {
    this.#findings = findings
    this.#chunk = chunk
    this.#rules = rules
    this.#chunks = chunks
  }

  /** Takes what retention has thinned out of the set, and reports what it has thinned too early; returns how many were lawful. */
  thinned(positions: PositionSet, meant: readonly Expiration[], used: Set<number>): number {
    const { lo, hi } = this.#chunk
    const before = positions.size
    const early: { entry: Expiration; why: string }[] = []
    for (const entry of meant) {
      const why = this.#tooEarly(entry)
      if (why !== undefined) {
        early.push({ entry, why })
        continue
      }
      if (!this.#covers(entry)) continue
      let removed = 0
      for (const range of entry.ranges ?? [[lo, hi] as const])
        removed += positions.remove(clip(range, lo, hi))
      if (removed > 0) used.add(entry.index)
    }
    const lawful = before - positions.size
    for (const { entry, why } of early) this.#reportEarly(positions, entry, why)
    return lawful
  }

  /** Reports thinned entries that nothing means. */
  reportThinned(retention: string, positions: PositionSet): void {
    const first = positions.first([this.#chunk.lo, this.#chunk.hi])
    if (first !== undefined)
      this.#report(
        first,
        `${positions.size} entries labelled "${retention}", the first here, were thinned, and no signed log.retention or log.archive means them`,
      )
  }

  /** Whether every class of a dropped chunk was expired; returns how many entries lawfully are. */
  dropped(meant: (retention: string) => readonly Expiration[], used: Set<number>): number {
    const { lo, dropped, classes, sealedAt } = this.#chunk
    if (sealedAt === undefined) {
      this.#report(lo, 'The chunk was dropped, and no signed log.archive means it')
      return 0
    }
    for (const [retention, count] of classes) {
      const all = meant(retention)
      const lawful = all.filter(entry => this.#covers(entry) && this.#tooEarly(entry) === undefined)
      const whole = lawful.find(entry => entry.ranges === undefined)
      // Where tenants have rules of their own, or holds were released later, several have emptied the class together.
      const together = lawful.reduce((sum, { entries }) => sum + entries, 0) >= count ? lawful : []
      const carriedOut = whole === undefined ? together : [whole]
      if (carriedOut.length > 0) {
        for (const { index } of carriedOut) used.add(index)
        continue
      }
      const early = all.find(entry => this.#tooEarly(entry) !== undefined)
      if (early !== undefined)
        this.#findings.add(
          'E_RETENTION_EARLY',
          lo,
          `The chunk was dropped with its class "${retention}": ${this.#tooEarly(early)}.`,
        )
      else
        this.#report(
          lo,
          `The chunk was dropped, and neither a signed log.archive means it nor a log.retention its class "${retention}"`,
        )
      return 0
    }
    return dropped
  }

  /** Only what lies before an authority is meant, and only where a signed entry names the manifest with the classes of the chunk. */
  #covers({ index }: Expiration): boolean {
    const { hi, sealedAt } = this.#chunk
    return index >= hi && sealedAt !== undefined
  }

  #tooEarly({ index, time, retention, rule, tenant }: Expiration): string | undefined {
    const allowed = this.#rules.at(index, retention, tenant)
    if (!keepsEnough(rule, allowed))
      return `entry ${index} says ${ruleText(rule)}, and the policy of that moment ${ruleText(allowed)}`
    const { last, sealedAt } = this.#chunk
    if (typeof rule === 'number' && sealedAt !== undefined && time < last + rule * 1_000)
      return `entry ${index} was recorded ${Math.ceil((last + rule * 1_000 - time) / 1_000)} s before its time`
    return undefined
  }

  #reportEarly(positions: PositionSet, entry: Expiration, why: string): void {
    const { lo, hi } = this.#chunk
    let [removed, first] = [0, Number.POSITIVE_INFINITY]
    for (const given of entry.ranges ?? [[lo, hi] as const]) {
      const range = clip(given, lo, hi)
      first = Math.min(first, positions.first(range) ?? first)
      removed += positions.remove(range)
    }
    if (removed > 0)
      this.#findings.add(
        'E_RETENTION_EARLY',
        first,
        `${removed} entries of the class "${entry.retention}", the first here, were thinned too early: ${why}.`,
      )
  }

  /** Without the entries of a later chunk that was dropped, authority may only seem to lack. */
  #report(index: number, what: string): void {
    const hidden = this.#chunks.some(chunk => chunk.dropped > 0 && chunk.lo >= this.#chunk.hi)
    const unsealed =
      this.#chunk.sealedAt === undefined ? ' (no signed log.seal names the manifest of its chunk)' : ''
    if (hidden)
      this.#findings.add(
        'E_AUTHORITY_DROPPED',
        index,
        `${what}${unsealed}; it may lie in a chunk that was dropped. Verify it with the archive.`,
      )
    else this.#findings.add('E_PRUNED_UNAUTHORISED', index, `${what}${unsealed}.`)
  }
}

function clip([from, to]: Range, lo: number, hi: number): Range {
  return [Math.max(from, lo), Math.max(Math.min(to, hi), lo)]
}

function ruleText(rule: Expiration['rule'] | 'forever'): string {
  if (rule === 'forever') return 'for ever'
  return typeof rule === 'number' ? `${rule} s` : `the newest ${rule.last} of each subject`
}
