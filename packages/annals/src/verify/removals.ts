import type { Findings } from './findings.ts'
import type { Removal } from './own-entry.ts'

/** A part whose content is not there, and how it is gone. */
export type GonePart = readonly [index: number, name: string, how: 'erased' | 'absent']

/** Content that can be read and not held against its commitment, since what its salt derives from is gone. */
export interface KeylessPart {
  /** First position of the chunk. */
  readonly chunk: number
  readonly retention: string
  readonly index: number
  readonly name: string
  /** Id of the subject key that is gone, hex; undefined when its position was punctured out of the seed. */
  readonly key: string | undefined
}

/** What is known of the log where removals are judged. */
export interface RemovalFacts {
  /** Entries below this position are signed: only what is signed has authority. */
  readonly signed: number
  /** Nothing is left of an entry but its leaf hash. */
  readonly isGone: (index: number) => boolean
  /** Positions from which on entries lie in dropped chunks: authorities among them cannot be read here. */
  readonly droppedFrom: readonly number[]
  /** Position of a signed log.retention that means an entry. */
  readonly expires: (chunk: number, retention: string, index: number) => number | undefined
  /** Authorities below this position have been carried out, on the keys and in the directory. */
  readonly applied: number
}

/** What removals came to. */
export interface Removed {
  readonly erased: number
  readonly authorities: number
}

/** Holds parts that are gone against the entries that authorise it. Memory grows with erased parts, not with events. */
export class Removals {
  /** Position of the authority by part name and position. */
  readonly #authorised = new Map<string, Map<number, number>>()
  readonly #keys = new Map<string, number>()
  readonly #gone: GonePart[] = []
  readonly #keyless: KeylessPart[] = []
  readonly #unsigned = new Set<number>()
  readonly #authorities: Removal[] = []

  authorise(removal: Removal): void {
    this.#authorities.push(removal)
  }

  addGone(parts: readonly GonePart[]): void {
    for (const part of parts) this.#gone.push(part)
  }

  addKeyless(parts: readonly KeylessPart[]): void {
    for (const part of parts) this.#keyless.push(part)
  }

  /** Whether a signed authority names a part; to be asked after {@link check}. */
  names(index: number, name: string): boolean {
    return this.#authorised.get(name)?.has(index) === true
  }

  /** Parts that are gone. */
  get erased(): number {
    return this.#gone.length
  }

  /** Parts whose content is there and whose key is not. */
  get keyless(): number {
    return this.#keyless.length
  }

  /** Reports what is gone without authority, what is authorised and still there, and keys that are gone without authority. */
  check(findings: Findings, facts: RemovalFacts): Removed {
    for (const authority of this.#authorities) this.#take(authority, facts)
    const used = new Set<number>()
    let erased = 0
    for (const [index, name, how] of this.#gone) {
      const authority = this.#authorised.get(name)?.get(index)
      if (authority === undefined) reportRemoved(findings, facts, index, name, how)
      else {
        erased++
        used.add(authority)
      }
    }
    this.#reportKeyless(findings, facts)
    this.#reportPending(findings, facts)
    for (const index of this.#unsigned)
      findings.add(
        'W_AUTHORITY_UNSIGNED',
        index,
        'This entry orders deletion and is under no signed checkpoint yet: it does not count.',
      )
    if (erased > 0)
      findings.add(
        'W_ERASED',
        undefined,
        `${erased} parts were erased, all of them named by entries of the log.`,
      )
    return { erased, authorities: used.size }
  }

  #take({ index, parts, keys }: Removal, { signed }: RemovalFacts): void {
    if (index >= signed) {
      this.#unsigned.add(index)
      return
    }
    for (const [position, name] of parts) {
      let positions = this.#authorised.get(name)
      if (positions === undefined) {
        positions = new Map()
        this.#authorised.set(name, positions)
      }
      if (!positions.has(position)) positions.set(position, index)
    }
    for (const key of keys) if (!this.#keys.has(key)) this.#keys.set(key, index)
  }

  /** Content whose salt is gone: to be wiped where an authority says so, put there afterwards, or bereft of its key. */
  #reportKeyless(findings: Findings, { applied, expires }: RemovalFacts): void {
    const missing = new Map<string, { index: number; parts: number }>()
    for (const { chunk, retention, index, name, key } of this.#keyless) {
      const authority =
        this.#authorised.get(name)?.get(index) ??
        (key === undefined ? undefined : this.#keys.get(key)) ??
        expires(chunk, retention, index)
      if (authority !== undefined) {
        if (authority >= applied) continue
        findings.add(
          'E_PART_MISMATCH',
          index,
          `Part "${name}" was erased as entry ${authority} says, and other content stands in its place.`,
        )
        continue
      }
      const what = key === undefined ? 'its place in the seed of its chunk' : `the subject key ${key}`
      const known = missing.get(what)
      missing.set(what, { index: known?.index ?? index, parts: (known?.parts ?? 0) + 1 })
    }
    for (const [what, { index, parts }] of missing)
      findings.add(
        'E_KEY_MISSING',
        index,
        `${parts} parts, the first here, cannot be checked: ${what} is gone, and no entry of the log says that it should be.`,
      )
  }

  #reportPending(findings: Findings, { isGone }: RemovalFacts): void {
    const gone = new Set(this.#gone.map(([index, name]) => `${index}/${name}`))
    let pending = 0
    for (const [name, positions] of this.#authorised)
      for (const index of positions.keys()) if (!gone.has(`${index}/${name}`) && !isGone(index)) pending++
    if (pending > 0)
      findings.add(
        'W_ERASURE_PENDING',
        undefined,
        `${pending} parts that the log says are erased still hold their content: the erasure did not finish, or a backup was restored.`,
      )
  }
}

/** Authority for `index` stands in a later entry, and that may lie in a chunk that was dropped. */
function reportRemoved(
  findings: Findings,
  { droppedFrom }: RemovalFacts,
  index: number,
  name: string,
  how: GonePart[2],
): void {
  if (droppedFrom.some(from => from > index))
    findings.add(
      'E_AUTHORITY_DROPPED',
      index,
      `Part "${name}" is ${how}; what authorises it may lie in a chunk that is not here, dropped or not restored. Verify it with the archive.`,
    )
  else
    findings.add(
      'E_PART_REMOVED',
      index,
      `Part "${name}" is ${how}, and no signed erasure or redaction in the log names it.`,
    )
}
